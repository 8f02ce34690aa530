/** @import { ElementClass } from "./dom.js" */

/**
 * Run `start(element)` once for every match of the selector, now and after each htmx swap.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} selector
 * @param {(element: T) => unknown} start
 * @param {ElementClass<T>} [type] the class that every match must have, HTMLElement when not given
 */
export function attach(selector, start, type) {
  const wanted = /** @type {ElementClass<T>} */ (type ?? HTMLElement);
  const seen = new WeakSet();
  /** @param {Document | Element} root */
  const scan = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root instanceof Element && root.matches(selector)) found.unshift(root);
    for (const element of found) {
      if (seen.has(element)) continue;
      seen.add(element);
      if (!(element instanceof wanted)) throw new Error(`${selector} is no ${wanted.name}.`);
      start(element);
    }
  };
  scan(document);
  document.addEventListener("htmx:load", (event) => scan(event.detail.elt));
}
