// The receipt's QR code opens /withdraw/#code. A fragment never reaches a server; here it leaves the address
// and the history too, and fills the field. Sending it stays the person's own decision.
const field = document.querySelector("[data-withdraw] [data-code]");

function take() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !/^[0-9A-Za-z -]{16,40}$/.test(code)) return;
  history.replaceState(null, "", location.pathname);
  field.value = code;
  field.form.querySelector("[type=submit]").focus();
}

take();
window.addEventListener("hashchange", take);
