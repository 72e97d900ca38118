/* Another designer or day shows its times at once; without this there is a button for it. */
for (const button of document.querySelectorAll("[data-refresh]")) {
  button.hidden = true;
  for (const id of button.dataset.refresh.split(" ")) {
    document.getElementById(id)?.addEventListener("change", () => button.form.requestSubmit(button));
  }
}
