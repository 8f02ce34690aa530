// Shows a question only when an answer makes it matter: <div data-when="profession" data-is="resident">.
// Without this script every question is visible and says for whom it is.
import { find, findAll } from "../core/dom.js";

const form = find(document, "[data-apply]", HTMLFormElement);

function update() {
  const answers = new FormData(form);
  for (const part of findAll(form, "[data-when]")) {
    part.hidden = answers.get(part.dataset.when ?? "") !== part.dataset.is;
  }
}

form.addEventListener("change", update);
update();
