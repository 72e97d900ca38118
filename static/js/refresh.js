/* Another designer or day shows its times at once; without this there is a button for it. */
const changed = (field) =>
  field.options
    ? [...field.options].some((option) => option.selected && !option.defaultSelected && field.querySelector("[selected]"))
    : field.value !== field.defaultValue;

for (const button of document.querySelectorAll("[data-refresh]")) {
  const fields = button.dataset.refresh.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
  const refresh = () => button.form.requestSubmit(button);
  button.hidden = true;
  for (const field of fields) field.addEventListener("change", refresh);
  if (fields.some(changed)) refresh(); // by somebody who was quicker than this script
}
