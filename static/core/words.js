/**
 * Return a sentence by its key, with `{name}` replaced by the value of that name.
 *
 * @typedef {(key: string, values?: Record<string, unknown>) => string} Say
 */

/**
 * Return the words of one script, which the server put into the page in the reader's language.
 *
 * @param {string} script
 * @returns {Say}
 */
export function words(script) {
  const node = document.getElementById(`words-${script}`);
  /** @type {Record<string, string>} */
  const known = node ? JSON.parse(node.textContent ?? "") : {};
  return (key, values = {}) =>
    (known[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
