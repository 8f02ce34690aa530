// [data-copy="#id"]: copies the text of that element; [data-copy-status] inside or beside says so.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { words } from "./words.js";

attach("[data-copy]", (button) => {
  const say = words("copy");
  const label = button.querySelector("[data-copy-label]") ?? button;
  const usual = label.textContent;
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy);
    let text = say("copied");
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      getSelection().selectAllChildren(source);
      text = say("failed");
    }
    label.textContent = text;
    announce(text);
    setTimeout(() => {
      label.textContent = usual;
    }, 4000);
  });
});
