/* Another day or designer: the heading of the times gets the focus and is said, and the day comes into view. */
const bringIntoView = () =>
  document.querySelector(".day[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id !== "choose") return;
  const heading = document.getElementById("day");
  if (!heading) return;
  heading.focus({ preventScroll: true });
  document.getElementById("said").textContent = heading.dataset.said ?? heading.textContent.trim();
  bringIntoView();
});
bringIntoView();
for (const failed of ["htmx:sendError", "htmx:responseError"])
  document.body.addEventListener(failed, (event) => location.assign(event.detail.elt.href));
