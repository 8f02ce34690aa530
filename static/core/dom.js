// Typed access to the page: what a template promises is asked for by selector and by class.

/**
 * @template {Element} T
 * @typedef {abstract new () => T} ElementClass
 */

/**
 * Return the first match of a selector. Throws when nothing matches or when it is another kind of element.
 *
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementClass<T>} [type] the class of the element, HTMLElement when not given
 * @returns {T}
 */
export function find(root, selector, type) {
  const found = findOptional(root, selector, type);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

/**
 * Return the first match of a selector, or null. Throws when it is another kind of element.
 *
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementClass<T>} [type]
 * @returns {T | null}
 */
export function findOptional(root, selector, type) {
  const found = root.querySelector(selector);
  return found && checked(found, type);
}

/**
 * Return all matches of a selector. Throws when one of them is another kind of element.
 *
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @param {ElementClass<T>} [type]
 * @returns {T[]}
 */
export function findAll(root, selector, type) {
  return [...root.querySelectorAll(selector)].map((element) => checked(element, type));
}

/**
 * @template {Element} T
 * @param {Element} element
 * @param {ElementClass<T>} [type]
 * @returns {T}
 */
function checked(element, type) {
  const wanted = /** @type {ElementClass<T>} */ (type ?? HTMLElement);
  if (!(element instanceof wanted)) throw new Error(`<${element.localName}> is no ${wanted.name}.`);
  return element;
}

/**
 * Return the element that an event came from; null when it came from a document or a window.
 *
 * @param {Event} event
 * @returns {Element | null}
 */
export function targetOf(event) {
  return event.target instanceof Element ? event.target : null;
}

/**
 * Make an element with properties and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}
