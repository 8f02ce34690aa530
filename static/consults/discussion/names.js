// What stands after "@" before the caret, and how a chosen name takes its place. Knows no page.

const LONGEST = 60;
const AFTER_SIGN = /(?:^|[^\p{L}\p{N}_.@/])@((?:[\p{L}][\p{L}.'’-]*(?: [\p{L}.'’-]*){0,3})?)$/u;

/**
 * Return what was typed of a name after "@", or null where no name is being typed.
 *
 * @param {string} before the text up to the caret
 * @returns {string | null}
 */
export function typedName(before) {
  const found = before.slice(-LONGEST - 2).match(AFTER_SIGN);
  return found ? found[1] : null;
}

/**
 * Return the text with the name that was being typed replaced by the whole one, and the place after it.
 *
 * @param {string} text
 * @param {number} caret
 * @param {string} name
 */
export function insertion(text, caret, name) {
  const typed = typedName(text.slice(0, caret)) ?? "";
  const start = caret - typed.length;
  const after = text.slice(caret);
  const gap = /^[\s,.;:!?)'’]/.test(after) ? "" : " ";
  return { value: `${text.slice(0, start)}${name}${gap}${after}`, caret: start + name.length + gap.length };
}
