// What every page needs: menus that close, a question before what cannot be undone, words for lost connections.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { csrfToken, renewToken } from "./http.js";

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/** Ask in a dialog; resolves to true when the person goes on. */
function ask(text, yes, title) {
  const dialog = document.getElementById("confirm");
  const button = dialog.querySelector("[data-confirm-yes]");
  const heading = dialog.querySelector("[data-confirm-title]");
  heading.dataset.label ??= heading.textContent;
  heading.textContent = title || heading.dataset.label;
  dialog.querySelector("[data-confirm-text]").textContent = text;
  button.textContent = yes || button.dataset.label;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const confirmed = new WeakSet();
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const asker = event.submitter?.dataset.confirm ? event.submitter : form;
    if (!asker.dataset?.confirm || confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    ask(asker.dataset.confirm, asker.dataset.confirmYes, asker.dataset.confirmTitle).then((yes) => {
      if (!yes) return;
      confirmed.add(form);
      form.requestSubmit(submitter);
    });
  },
  true,
);
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  const { confirmYes, confirmTitle } = event.detail.elt.dataset;
  ask(event.detail.question, confirmYes, confirmTitle).then((yes) => yes && event.detail.issueRequest(true));
});

const repeated = new WeakSet(); // elements whose request was sent a second time, with a renewed token

/** A notice above the content, made from text that the server put into the page. */
function complain(text) {
  const box = document.getElementById("messages");
  box?.querySelector("[data-complaint]")?.remove();
  const note = document.createElement("div");
  note.className = "notice notice-error";
  note.dataset.complaint = "";
  note.setAttribute("role", "alert");
  note.append(Object.assign(document.createElement("p"), { textContent: text }));
  box?.append(note);
  note.scrollIntoView({ block: "nearest" });
}
/** What asks again by itself ([data-quiet]) does not complain each time. */
const complains = (words) => (event) => "quiet" in event.detail.elt.dataset || complain(document.body.dataset[words]);
document.addEventListener("htmx:sendError", complains("connectionLost"));
document.addEventListener("htmx:timeout", complains("connectionLost"));
document.addEventListener("htmx:responseError", complains("requestFailed"));
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) return;
  document.querySelector("[data-complaint]")?.remove();
  repeated.delete(event.detail.elt);
});

// A page that was open while its member signed in again in another tab goes on with the new session.
if (document.body.dataset.member) {
  const looked = () => document.visibilityState === "visible" && renewToken();
  document.addEventListener("visibilitychange", looked);
  window.addEventListener("focus", looked);
}
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, elt, target, requestConfig } = event.detail;
  if (isSignInPage(xhr)) {
    event.detail.shouldSwap = false; // a whole page in the place of a part of one
    if (!("quiet" in elt.dataset)) complain(document.body.dataset.signedOut);
    return;
  }
  if (xhr.status !== 403 || repeated.has(elt)) return;
  event.detail.isError = false; // say nothing before the second try
  repeated.add(elt);
  renewToken().then((session) => {
    if (session !== "renewed") return complain(document.body.dataset.requestFailed);
    const values = { ...Object.fromEntries(requestConfig.formData.entries()), csrfmiddlewaretoken: csrfToken() };
    return window.htmx.ajax(requestConfig.verb, requestConfig.path, { source: elt, target, values });
  });
});

/** Whether the answer came from the page to which who is signed out is sent. */
function isSignInPage(xhr) {
  return Boolean(xhr.responseURL) && new URL(xhr.responseURL).pathname === document.body.dataset.signInPath;
}

// A form sent twice by an impatient finger is one form.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

attach("[data-focus]", (element) => element.focus());
attach("[data-announce]", (element) => announce(element.textContent.trim().replace(/\s+/g, " ")));
attach("[data-theme-toggle]", (button) =>
  button.setAttribute("aria-pressed", String(document.documentElement.dataset.bsTheme === "dark")),
);
