// "/" leads to the search box of the header, unless somebody is typing or the page's own list has taken it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const here = document.activeElement;
  if (here.isContentEditable || here.matches("input, textarea, select") || document.getElementById("searchbar")) return;
  const box = document.getElementById("desk-search");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});
