/* Once the page is there, and not before: what is shown without a network is put aside. */
addEventListener("load", () => navigator.serviceWorker?.register("/service-worker.js").catch(() => {}));
