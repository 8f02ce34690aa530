// The confirmation: it goes only when all is saved and there is a session to go with; else the answers stay.
import { announce } from "../../../core/announce.js";
import { renewToken } from "../../../core/http.js";

/** `everythingSaved()` resolves to whether the server has all that was drawn; `say(key)` gives the words. */
export function guardConfirmation({ everythingSaved, say }) {
  const note = document.querySelector("[data-studio-not-yet]");
  let ready = false;
  const notYet = (text) => {
    note.textContent = text;
    note.hidden = false;
    announce(text);
  };
  const guard = async (event) => {
    const form = event.target;
    // Of all forms the confirmation alone carries the revision.
    if (ready || !form.querySelector?.("[data-studio-revision]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    note.hidden = true;
    if (!(await everythingSaved())) return;
    const session = await renewToken();
    if (session === "signed-out") return notYet(say("signed_out_answers"));
    if (session === "lost") return notYet(say("confirm_lost"));
    ready = true;
    form.requestSubmit(event.submitter ?? undefined);
    ready = false;
  };
  document.addEventListener("submit", guard, true);
}
