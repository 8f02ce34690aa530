// The discussion of a case: what is new arrives while somebody looks, keys move from comment to comment, and a reply
// quotes what was selected.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { find, findAll, findOptional, targetOf } from "../../core/dom.js";
import { words } from "../../core/words.js";

const EVERY_MS = 20_000;
const KEYS = { r: "reply", q: "quote", e: "edit" };
const say = words("thread");

// --- What is new

setInterval(() => {
  const thread = document.getElementById("thread");
  if (thread && document.visibilityState === "visible") window.htmx?.trigger(thread, "rete:news", {});
}, EVERY_MS);

// --- Keys: only while a comment, or something in it, has the focus

/** @param {KeyboardEvent} event */
function onKey(event) {
  const at = targetOf(event);
  if (event.altKey || event.ctrlKey || event.metaKey || at?.matches("input, textarea, select")) return;
  const comment = at?.closest(".comment");
  if (!comment) return;
  if (event.key === "j" || event.key === "k") {
    const all = findAll(document, "#thread .comment");
    const next = all[all.indexOf(/** @type {HTMLElement} */ (comment)) + (event.key === "j" ? 1 : -1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key in KEYS) {
    const act = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
    const link = findOptional(comment, `[data-act=${act}]`, HTMLAnchorElement);
    if (!link) return;
    link.click();
  } else return;
  event.preventDefault();
}
document.addEventListener("keydown", onKey);

// --- A quotation of what was selected

/**
 * Return what is selected within a comment's text, "" for anything else.
 *
 * @param {Element} comment
 */
function selectedIn(comment) {
  const selection = window.getSelection();
  const said = findOptional(comment, ".said");
  if (!selection || selection.isCollapsed || !said) return "";
  const isInside = said.contains(selection.anchorNode) && said.contains(selection.focusNode);
  return isInside ? selection.toString().trim() : "";
}

const SELECTED = "rete-quote"; // from one page to the next, in this tab

document.addEventListener("click", (event) => {
  const link = targetOf(event)?.closest("[data-act=quote]");
  const comment = link?.closest(".comment");
  if (!link || !comment) return;
  const quoted = selectedIn(comment);
  if (quoted) sessionStorage.setItem(SELECTED, JSON.stringify({ comment: comment.id, quoted }));
});

attach(
  "form#write",
  (form) => {
    const kept = sessionStorage.getItem(SELECTED);
    sessionStorage.removeItem(SELECTED);
    const { comment, quoted } = JSON.parse(kept ?? "{}");
    const answered = find(form, "input[name=reply_to]", HTMLInputElement).value;
    if (!quoted || comment !== `comment-${answered}`) return;
    find(form, "input[name=quote]", HTMLInputElement).value = quoted;
    announce(say("quoted"));
  },
  HTMLFormElement,
);
