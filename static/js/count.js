/* How many characters are left, under each field that says how many it takes; it is read out near the end only. */
const letters = (text) => [...text.replaceAll("\r\n", "\n").trim()].length;

for (const field of document.querySelectorAll("[data-most]")) {
  const most = Number(field.dataset.most);
  const told = document.createElement("p");
  told.className = "help";
  told.setAttribute("role", "status");
  const tell = () => {
    const left = most - letters(field.value);
    told.textContent = left < most / 5 ? `${field.dataset.left} ${left.toLocaleString()}` : "";
    told.classList.toggle("errorlist", left < 0);
  };
  field.after(told);
  field.addEventListener("input", tell);
  tell();
}
