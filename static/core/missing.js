/** Put the server's fresh list of what is still missing in the place of the old one. */
export function showMissing(html) {
  const old = document.querySelector("[data-missing]");
  if (!html || !old) return;
  const template = document.createElement("template");
  template.innerHTML = html;
  old.replaceWith(template.content.querySelector("[data-missing]") ?? template.content);
}
