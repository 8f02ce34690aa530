// The confirmation: it goes only when all is saved and there is a session to go with; else the answers stay.
import { announce } from "../../../core/announce.js";
import { find } from "../../../core/dom.js";
import { renewToken } from "../../../core/http.js";

/** @import { Say } from "../../../core/words.js" */

/**
 * Hold the confirmation back until the server has all that was drawn.
 *
 * @param {object} options
 * @param {() => Promise<boolean>} options.everythingSaved
 * @param {Say} options.say
 */
export function guardConfirmation({ everythingSaved, say }) {
  let isReady = false;
  // The browser looks for missing answers after the covers are saved, not before: what was refused comes first.
  const carrier = document.querySelector("[data-studio-revision]");
  const confirmation = carrier?.closest("form");
  if (confirmation) confirmation.noValidate = true;
  const showNotYet = (/** @type {string} */ text) => {
    const note = find(document, "[data-studio-not-yet]");
    note.textContent = text;
    note.hidden = !text;
    announce(text);
  };
  const guard = async (/** @type {SubmitEvent} */ event) => {
    const form = event.target;
    // Of all forms the confirmation alone carries the revision.
    if (isReady || !(form instanceof HTMLFormElement) || !form.querySelector("[data-studio-revision]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    showNotYet("");
    if (!(await everythingSaved()) || !form.reportValidity()) return;
    const session = await renewToken();
    if (session === "signed-out") return showNotYet(say("signed_out_answers"));
    if (session === "lost") return showNotYet(say("confirm_lost"));
    isReady = true;
    form.requestSubmit(event.submitter ?? undefined);
    isReady = false;
  };
  document.addEventListener("submit", guard, true);
}
