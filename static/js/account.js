"use strict";

// A button beside each password that shows it, and the box that ticks all others. Without this file both still work:
// browsers hide passwords by themselves, and the server reads "everything".

for (const input of document.querySelectorAll("input[type=password][data-show]")) {
  const { show, hide } = input.dataset;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  button.textContent = show;
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? show : hide;
    input.focus();
  });
  input.after(button);
  // What is sent is a password again, so that no browser offers it among the words typed before.
  input.form.addEventListener("submit", () => { input.type = "password"; });
}

const everything = document.querySelector("input[name=everything]");
if (everything) {
  const boxes = [...everything.form.querySelectorAll("input[type=checkbox]")].filter((box) => box !== everything);
  const follow = () => { everything.checked = boxes.every((box) => box.checked); };
  everything.addEventListener("change", () => boxes.forEach((box) => { box.checked = everything.checked; }));
  boxes.forEach((box) => box.addEventListener("change", follow));
}
