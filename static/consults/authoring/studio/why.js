// Asks why something that a detector found should stay uncovered.

/** Resolves to the reason a person gives, or to null when they keep it covered. `kind`: eye, face, text. */
export function askWhy(dialog, kind) {
  for (const node of dialog.querySelectorAll("[data-for]")) {
    node.hidden = node.dataset.for !== kind;
    if (node.tagName === "FIELDSET") node.disabled = node.hidden;
    if (node.tagName === "H2" && !node.hidden) {
      dialog.querySelector("#studio-why-title")?.removeAttribute("id");
      node.id = "studio-why-title";
    }
  }
  const yes = dialog.querySelector("[data-why-yes]");
  const choices = [...dialog.querySelectorAll(`[data-for="${kind}"] input[name=reason]`)];
  for (const choice of choices) {
    choice.checked = false;
    choice.onchange = () => (yes.disabled = false);
  }
  yes.disabled = true;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    const closed = () => resolve(dialog.returnValue === "yes" ? choices.find((choice) => choice.checked).value : null);
    dialog.addEventListener("close", closed, { once: true });
  });
}
