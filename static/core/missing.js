import { fragment } from "./fragment.js";

/**
 * Replace the list of what a case still lacks with the server's new one.
 *
 * @param {string} [html] nothing happens without it
 */
export function showMissing(html) {
  const old = document.querySelector("[data-missing]");
  if (!html || !old) return;
  const part = fragment(html);
  old.replaceWith(part.querySelector("[data-missing]") ?? part);
}
