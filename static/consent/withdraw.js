// The receipt's QR code opens /withdraw/#code. A fragment never reaches a server; this script takes it out of the
// address and the history too, and fills the field with it. Sending it stays the person's own decision.
import { find, findOptional } from "../core/dom.js";

const CODE = /^[0-9A-Za-z -]{16,100}$/;
const field = findOptional(document, "[data-withdraw] [data-code]", HTMLInputElement);

function fillFromFragment() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field?.form || !CODE.test(code)) return;
  history.replaceState(null, "", location.pathname);
  field.value = code;
  find(field.form, "[type=submit]").focus();
}

fillFromFragment();
window.addEventListener("hashchange", fillFromFragment);
