/**
 * Replace the list of what a case still lacks with the server's new one.
 *
 * @param {string} [html] nothing happens without it
 */
export function showMissing(html) {
  const old = document.querySelector("[data-missing]");
  if (!html || !old) return;
  const template = document.createElement("template");
  template.innerHTML = html;
  old.replaceWith(template.content.querySelector("[data-missing]") ?? template.content);
}
