// [data-slot-clear]: empties its second or third choice, which radio buttons alone do not allow.
import { attach } from "../../core/attach.js";
import { find, findAll } from "../../core/dom.js";

attach("[data-slot-clear]", (button) => {
  const slot = button.closest("[data-slot]");
  if (!slot) return;
  button.addEventListener("click", () => {
    for (const radio of findAll(slot, "input[type=radio]", HTMLInputElement)) radio.checked = false;
    find(slot, "[data-typeahead-code]", HTMLInputElement).value = "";
    const text = find(slot, "input[type=text]", HTMLInputElement);
    text.value = "";
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
});
