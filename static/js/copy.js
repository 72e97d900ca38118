// Buttons that copy what an element says; shown only where the browser lets them.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  const source = document.getElementById(button.dataset.copy);
  const told = document.createElement("p");
  told.className = "help";
  told.setAttribute("role", "status");
  button.after(told);
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText((source.value ?? source.textContent).trim());
    told.textContent = button.dataset.copied;
  });
}
