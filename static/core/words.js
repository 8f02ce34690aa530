/** The words of one script, put into the page by the server in the reader's language. */
export function words(script) {
  const node = document.getElementById(`words-${script}`);
  const known = node ? JSON.parse(node.textContent) : {};
  return (key, values = {}) =>
    (known[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
