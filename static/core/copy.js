// [data-copy="#id"]: copies the text of that element; [data-copy-label] says for a moment that it did.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { find, findOptional } from "./dom.js";
import { words } from "./words.js";

const LABEL_MS = 4000;

attach("[data-copy]", (button) => {
  const say = words("copy");
  const label = findOptional(button, "[data-copy-label]") ?? button;
  const usual = label.textContent;
  button.addEventListener("click", async () => {
    const source = find(document, button.dataset.copy ?? "");
    let text = say("copied");
    try {
      await navigator.clipboard.writeText((source.textContent ?? "").trim());
    } catch {
      getSelection()?.selectAllChildren(source);
      text = say("failed");
    }
    label.textContent = text;
    announce(text);
    setTimeout(() => {
      label.textContent = usual;
    }, LABEL_MS);
  });
});
