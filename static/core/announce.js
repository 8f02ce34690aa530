/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Tell screen readers a sentence, politely. The same sentence twice is told twice.
 *
 * @param {string | null} [text]
 */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (!region || !text) return;
  clearTimeout(timer);
  region.textContent = "";
  timer = setTimeout(() => {
    region.textContent = text;
  }, 60);
}
