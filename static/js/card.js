// The card's number in groups while it is typed, the slash in its expiry, how long is left to pay, and one click only.
// Without this script all of it works: the server takes digits however they are grouped, and a second click is the first.
const groups = (digits) => (/^3[47]/.test(digits) ? [4, 6, 9] : [4, 4, 4, 4, 3]);

function grouped(digits) {
  const parts = [];
  for (const length of groups(digits)) {
    if (digits) parts.push(digits.slice(0, length));
    digits = digits.slice(length);
  }
  return parts.join(" ");
}

function slashed(digits) {
  const month = /^[2-9]/.test(digits) ? `0${digits}` : digits;
  return month.length > 2 ? `${month.slice(0, 2)}/${month.slice(2, 6)}` : month;
}

function write(input, spell) {
  input.addEventListener("input", () => {
    const atEnd = input.selectionStart === input.value.length;
    if (!atEnd || /[^0-9 \/-]/.test(input.value)) return; // who corrects in the middle keeps the cursor
    input.value = spell(input.value.replace(/[^0-9]/g, ""));
  });
}

for (const input of document.querySelectorAll("[data-card=number]")) write(input, grouped);
for (const input of document.querySelectorAll("[data-card=expiry]")) {
  write(input, (digits) => slashed(digits));
}

for (const form of document.querySelectorAll("[data-paying]")) {
  const button = form.querySelector("[data-busy]");
  const words = button.textContent;
  form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-disabled")) event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
  });
  addEventListener("pageshow", () => {
    button.removeAttribute("aria-disabled");
    button.textContent = words;
  });
}

for (const left of document.querySelectorAll("[data-until]")) {
  setInterval(() => {
    const minutes = Math.max(0, Math.floor((new Date(left.dataset.until) - Date.now()) / 60000));
    left.textContent = left.dataset.words.replace("{n}", minutes);
  }, 20000);
}
