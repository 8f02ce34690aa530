// Asks why something that a detector found should stay uncovered.
import { find, findAll } from "../../../core/dom.js";

/** @import { MaskKind } from "./store.js" */

const TITLE_ID = "studio-why-title";

/**
 * Resolve to the reason that a person gives, or to null when they keep it covered.
 *
 * @param {HTMLDialogElement} dialog
 * @param {MaskKind} kind eye, face or text
 * @returns {Promise<string | null>}
 */
export function askWhy(dialog, kind) {
  for (const node of findAll(dialog, "[data-for]")) {
    node.hidden = node.dataset.for !== kind;
    if (node instanceof HTMLFieldSetElement) node.disabled = node.hidden;
    if (node instanceof HTMLHeadingElement && !node.hidden) {
      dialog.querySelector(`#${TITLE_ID}`)?.removeAttribute("id");
      node.id = TITLE_ID;
    }
  }
  const yes = find(dialog, "[data-why-yes]", HTMLButtonElement);
  const choices = findAll(dialog, `[data-for="${kind}"] input[name=reason]`, HTMLInputElement);
  for (const choice of choices) {
    choice.checked = false;
    choice.onchange = () => {
      yes.disabled = false;
    };
  }
  yes.disabled = true;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    const onClose = () => {
      const chosen = dialog.returnValue === "yes" ? choices.find((choice) => choice.checked) : null;
      resolve(chosen ? chosen.value : null);
    };
    dialog.addEventListener("close", onClose, { once: true });
  });
}
