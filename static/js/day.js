/* The day works without this; with it acts happen in place, and a reservation can be dragged to a free slot. */
(() => {
  "use strict";

  const busy = () =>
    document.hidden ||
    document.querySelector("#day details[open], #day .dragged") !== null ||
    document.activeElement?.matches?.("#day input, #day select, #day textarea");

  const send = (url, values) => {
    const form = document.getElementById("day-acts");
    const body = { csrfmiddlewaretoken: form.csrfmiddlewaretoken.value, next: form.elements.next.value, ...values };
    return htmx.ajax("POST", url, { source: "#day-acts", target: "#day", select: "#day", swap: "outerHTML", values: body });
  };

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target.id !== "day-acts" || !button?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (button.ariaDisabled === "true") return; // `disabled` would take the focus from whoever uses the keyboard
    button.ariaDisabled = "true";
    send(button.getAttribute("formaction"), button.name ? { [button.name]: button.value } : {});
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "day" && busy()) event.preventDefault();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.id !== "day" || new URL(event.detail.xhr.responseURL).pathname === window.location.pathname) return;
    event.detail.shouldSwap = false; // signed out meanwhile: the page says so
    window.location.reload();
  });

  document.addEventListener("htmx:afterSwap", () => {
    const told = document.querySelectorAll("#day .bo-message");
    document.getElementById("day-told").textContent = [...told].map((line) => line.textContent).join(" ");
  });

  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, (event) => {
      if (event.detail.requestConfig?.verb === "post") window.location.reload();
    });
  }

  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("#day .visit[draggable]");
    dragged?.classList.add("dragged");
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    document.querySelector("#day .target")?.classList.remove("target");
    dragged = null;
  });
  document.addEventListener("dragover", (event) => {
    const cell = dragged && event.target.closest?.("#day td[data-time]");
    document.querySelector("#day .target")?.classList.remove("target");
    if (!cell) return;
    event.preventDefault();
    cell.classList.add("target");
  });
  document.addEventListener("drop", (event) => {
    const cell = dragged && event.target.closest?.("#day td[data-time]");
    if (!cell) return;
    event.preventDefault();
    const date = document.getElementById("day-date").defaultValue;
    send(dragged.dataset.move, { designer: cell.dataset.designer, date, time: cell.dataset.time });
  });
})();
