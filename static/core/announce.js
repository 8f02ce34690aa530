const region = () => document.getElementById("announcer");
let timer;

/** Say a sentence to screen readers, politely; the same sentence twice is said twice. */
export function announce(text) {
  const node = region();
  if (!node || !text) return;
  clearTimeout(timer);
  node.textContent = "";
  timer = setTimeout(() => {
    node.textContent = text;
  }, 60);
}
