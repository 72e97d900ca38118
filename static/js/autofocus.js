// unfold hides a page until Alpine has started: too late for the browser's own autofocus, so the cursor is set here.
document.addEventListener("alpine:initialized", () => {
  setTimeout(() => {
    if (document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
  });
});
