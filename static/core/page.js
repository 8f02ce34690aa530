// Behaviour of every page: menus that close, a question before an act that cannot be undone, notices about lost
// connections, a form that is sent once.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { element, find, findAll, findOptional, targetOf } from "./dom.js";
import { csrfToken, renewToken } from "./http.js";

const OPEN_MENU = "details[data-menu][open]";
const SEND_AGAIN_AFTER_MS = 4000;

// --- Menus

document.addEventListener("click", (event) => {
  for (const menu of findAll(document, OPEN_MENU, HTMLDetailsElement)) {
    if (!menu.contains(targetOf(event))) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = findOptional(document, OPEN_MENU, HTMLDetailsElement);
  if (!menu) return;
  menu.open = false;
  find(menu, "summary").focus();
});

// --- A question before an act that cannot be undone

/**
 * Ask in a dialog and resolve to whether the person goes on.
 *
 * @param {string} text
 * @param {string} [yes] the words of the button that goes on
 * @param {string} [title]
 * @returns {Promise<boolean>}
 */
function ask(text, yes, title) {
  const dialog = find(document, "dialog#confirm", HTMLDialogElement);
  const button = find(dialog, "[data-confirm-yes]");
  const heading = find(dialog, "[data-confirm-title]");
  heading.dataset.label ??= heading.textContent ?? "";
  heading.textContent = title || heading.dataset.label;
  find(dialog, "[data-confirm-text]").textContent = text;
  button.textContent = yes || (button.dataset.label ?? "");
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
    if (!(form instanceof HTMLFormElement)) return;
    const { submitter } = event;
    const { confirm, confirmYes, confirmTitle } = submitter?.dataset.confirm ? submitter.dataset : form.dataset;
    if (!confirm || confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(confirm, confirmYes, confirmTitle).then((yes) => {
      if (!yes) return;
      confirmed.add(form);
      form.requestSubmit(submitter);
    });
  },
  true,
);
document.addEventListener("htmx:confirm", (event) => {
  const { elt, question, issueRequest } = event.detail;
  if (!question) return;
  event.preventDefault();
  ask(question, elt.dataset.confirmYes, elt.dataset.confirmTitle).then((yes) => yes && issueRequest(true));
});

// --- Lost connections and sessions

/**
 * Show an error notice above the content, with a sentence that the server put into the page.
 *
 * @param {string} [text]
 */
function showError(text = "") {
  const box = document.getElementById("messages");
  box?.querySelector("[data-complaint]")?.remove();
  const note = element("div", { className: "notice notice-error" }, element("p", { textContent: text }));
  note.dataset.complaint = "";
  note.setAttribute("role", "alert");
  box?.append(note);
  note.scrollIntoView({ block: "nearest" });
}

/**
 * Whether an element repeats its request by itself, so that a failure is no news.
 *
 * @param {HTMLElement} elt
 */
const isQuiet = (elt) => "quiet" in elt.dataset;

/** @param {"connectionLost" | "requestFailed"} sentence */
const showErrorOf = (sentence) => (/** @type {CustomEvent<{ elt: HTMLElement }>} */ event) => {
  if (!isQuiet(event.detail.elt)) showError(document.body.dataset[sentence]);
};
document.addEventListener("htmx:sendError", showErrorOf("connectionLost"));
document.addEventListener("htmx:timeout", showErrorOf("connectionLost"));
document.addEventListener("htmx:responseError", showErrorOf("requestFailed"));

const repeated = new WeakSet(); // elements whose request was sent a second time, with a renewed token
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.detail.successful) return;
  document.querySelector("[data-complaint]")?.remove();
  repeated.delete(event.detail.elt);
});

// A page that was open while its member signed in again in another tab goes on with the new session.
if (document.body.dataset.member) {
  const renewIfSeen = () => {
    if (document.visibilityState === "visible") renewToken();
  };
  document.addEventListener("visibilitychange", renewIfSeen);
  window.addEventListener("focus", renewIfSeen);
}
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, elt, target, requestConfig } = event.detail;
  if (isSignInPage(xhr)) {
    event.detail.shouldSwap = false; // a whole page in the place of a part of one
    if (!isQuiet(elt)) showError(document.body.dataset.signedOut);
    return;
  }
  if (xhr.status !== 403 || repeated.has(elt)) return;
  event.detail.isError = false; // say nothing before the second attempt
  repeated.add(elt);
  renewToken().then((session) => {
    if (session !== "renewed") return showError(document.body.dataset.requestFailed);
    const values = { ...Object.fromEntries(requestConfig.formData.entries()), csrfmiddlewaretoken: csrfToken() };
    return window.htmx?.ajax(requestConfig.verb, requestConfig.path, { source: elt, target, values });
  });
});

/**
 * Whether a request was redirected to the sign-in page.
 *
 * @param {XMLHttpRequest} xhr
 */
function isSignInPage(xhr) {
  return Boolean(xhr.responseURL) && new URL(xhr.responseURL).pathname === document.body.dataset.signInPath;
}

// --- A form that an impatient finger sends twice is sent once

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => {
    delete form.dataset.sent;
  }, SEND_AGAIN_AFTER_MS);
});
window.addEventListener("pageshow", () => {
  for (const form of findAll(document, "form[data-sent]")) delete form.dataset.sent;
});

// --- What elements ask for by attribute

attach("[data-focus]", (node) => node.focus());
attach("[data-announce]", (node) => announce((node.textContent ?? "").trim().replace(/\s+/g, " ")));
attach("[data-theme-toggle]", (button) =>
  button.setAttribute("aria-pressed", String(document.documentElement.dataset.bsTheme === "dark")),
);
