// Forms that post: what was typed and has not arrived stays in this tab, through a sign-in, a change of language, a
// refusal or a lost connection, and is put back. Kept for one member; gone with the tab, after signing out, once it
// has arrived, and on a device that is handed over.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { element, findAll, findOptional } from "./dom.js";
import { changedFrom, controlsOf, defaultsOf, isSame, putInto, valuesOf } from "./form-values.js";
import { uuid } from "./http.js";
import { words } from "./words.js";

/** @import { Values } from "./form-values.js" */
/** @typedef {{ number: string, typed: Values, isSent?: boolean }} Entry */
/** @typedef {{ member: string, entries: Record<string, Entry> }} Kept */

const KEY = "rete-unsent";
const ARRIVED = /(?:^|; )((?:__Host-)?rete_arrived)=([a-z0-9]+)/;
const WAIT_MS = 300;
const ALWAYS = "[data-versions], [name=reply_to], [name=quote], [data-chosen]"; // hidden, and what was typed has no meaning without them
const say = words("unsent");
const member = document.body.dataset.member ?? "";
const isHandedOver = document.body.classList.contains("handed-over");

/** @returns {Kept} */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "") ?? { member, entries: {} };
  } catch {
    return { member, entries: {} };
  }
}

/** @param {Kept} kept */
function write(kept) {
  try {
    if (Object.keys(kept.entries).length) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Storage is switched off or full: the page works as before, without this.
  }
}

export function forgetAll() {
  write({ member, entries: {} });
}

/**
 * Forget one form's entry, or the one with this number.
 *
 * @param {(key: string, entry: Entry) => boolean} isMeant
 */
function forget(isMeant) {
  const kept = read();
  const rest = Object.entries(kept.entries).filter(([key, entry]) => !isMeant(key, entry));
  write({ ...kept, entries: Object.fromEntries(rest) });
}

/** Forget what the server said has arrived. */
function forgetArrived() {
  const [, name, number] = document.cookie.match(ARRIVED) ?? [];
  if (!name) return;
  // biome-ignore lint/suspicious/noDocumentCookie: the other way is not in every browser yet.
  document.cookie = `${name}=; Max-Age=0; Path=/; SameSite=Lax${name.startsWith("__") ? "; Secure" : ""}`;
  forget((_key, entry) => entry.number === number);
}

/** What one form keeps. */
class Unsent {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    /** @type {HTMLElement | undefined} */
    this.note = undefined;
    const names = [...new Set(controlsOf(form).map(({ name }) => name))];
    // Several forms of a page may go to one address; their fields tell them apart.
    const address = form.getAttribute("action") || window.location.href; // `form.action` may be a field of that name
    this.key = `${new URL(address, window.location.href).pathname} ${names.join(" ")}`;
    this.fromServer = defaultsOf(form);
    this.before = this.fromServer;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.restore();
    const keepSoon = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.keep(), WAIT_MS);
    };
    form.addEventListener("input", keepSoon);
    form.addEventListener("change", keepSoon);
    form.addEventListener("submit", () => this.onSubmit());
    form.addEventListener("rete:saved", () => this.onSaved());
    window.addEventListener("pagehide", () => this.timer && this.keep());
    if (Object.keys(changedFrom(valuesOf(form), this.before)).length) keepSoon(); // typed before this script came
  }

  /** Keep what differs from what the page came with. */
  keep() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const kept = read();
    if (kept.member !== member) return; // another member's, who signs in again to get it back
    const now = valuesOf(this.form);
    const typed = changedFrom(now, this.before);
    if (!Object.keys(typed).length) return this.forget();
    for (const { name } of findAll(this.form, ALWAYS, HTMLInputElement)) typed[name] = now[name];
    const number = kept.entries[this.key]?.number ?? uuid().replaceAll("-", "");
    kept.entries[this.key] = { number, typed };
    write(kept);
  }

  onSubmit() {
    this.keep();
    const kept = read();
    const entry = kept.entries[this.key];
    if (!entry || kept.member !== member) return;
    this.setSent(true);
    const field =
      findOptional(this.form, "input[name=unsent]", HTMLInputElement) ??
      element("input", { type: "hidden", name: "unsent" });
    field.value = entry.number;
    this.form.append(field);
  }

  /** @param {boolean} isSent whether the form was sent since it was last typed into */
  setSent(isSent) {
    const kept = read();
    kept.entries[this.key] = { ...kept.entries[this.key], isSent };
    write(kept);
  }

  /** A form that saves itself has saved everything. */
  onSaved() {
    this.fromServer = valuesOf(this.form);
    this.before = this.fromServer;
    this.note?.remove();
    this.forget();
  }

  forget() {
    forget((key) => key === this.key);
  }

  /** Put back what was kept, and say so above the form. */
  restore() {
    const { member: owner, entries } = read();
    const entry = entries[this.key];
    if (!entry || owner !== member) return;
    const { reply_to: reply, ...typed } = entry.typed;
    // Whatever the page came with: what is kept has not arrived.
    this.before = changedFrom(this.fromServer, typed);
    if (Object.entries(typed).every(([name, value]) => isSame(value, this.fromServer[name]))) return;
    if (entry.isSent && reply?.[0] && this.openReply(reply[0])) return;
    putInto(this.form, typed);
    const discard = element("button", {
      type: "button",
      className: "btn btn-outline-secondary",
      textContent: say("discard"),
    });
    discard.addEventListener("click", () => this.discard());
    this.note = element("div", { className: "notice notice-info unsent" }, element("p", { textContent: say("back") }));
    this.note.append(discard);
    this.form.prepend(this.note);
    announce(say("back"));
  }

  /**
   * Open the page that shows, above the form, the comment that was answered. Returns whether it is another page.
   *
   * @param {string} comment
   */
  openReply(comment) {
    this.setSent(false);
    const here = new URL(window.location.href);
    if (here.searchParams.has("reply")) return false;
    here.searchParams.set("reply", comment);
    here.hash = this.form.id;
    window.location.replace(here.href);
    return true;
  }

  discard() {
    putInto(this.form, this.fromServer);
    this.before = this.fromServer;
    this.forget();
    this.note?.remove();
    announce(say("discarded"));
  }
}

/** @param {HTMLFormElement} form */
function isKept(form) {
  if (form.method !== "post" || form.matches("[data-not-kept]") || form.hasAttribute("hx-post")) return false;
  return controlsOf(form).some(({ type }) => type !== "hidden");
}

if (isHandedOver) {
  forgetAll();
  // A change of language answers a POST: going back or reloading must not send it once more.
  window.history.replaceState(null, "", window.location.href);
} else {
  forgetArrived();
  if (member && read().member !== member) forgetAll();
  attach("form", (form) => isKept(form) && new Unsent(form), HTMLFormElement);
}
document.addEventListener("submit", (event) => {
  if (event.target instanceof HTMLFormElement && event.target.matches("[data-sign-out]")) forgetAll();
});
