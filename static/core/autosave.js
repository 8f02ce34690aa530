// form[data-autosave]: saves itself a moment after each change and says so.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { element, findAll, findOptional } from "./dom.js";
import { changedFrom, defaultsOf, isSame, putInto, valuesOf, versionsField } from "./form-values.js";
import { backOff, post, worthRetrying } from "./http.js";
import { showMissing } from "./missing.js";
import { words } from "./words.js";

const WAIT_MS = 900;

/** @typedef {"unsaved" | "saving" | "saved" | "failed"} SaveState */
/** @import { Values } from "./form-values.js" */
/**
 * A field that was changed in another window.
 *
 * @typedef {{ field: string, values: Values, text: string, version: string }} Told
 */
/**
 * @typedef {object} Saved
 * @property {string} [saved_at]
 * @property {Record<string, string[]>} [errors]
 * @property {string} [missing_html]
 * @property {Record<string, string>} [versions] of what was saved, by field of the server's row
 * @property {Record<string, Told>} [elsewhere] changed in another window alone
 * @property {Record<string, Told>} [conflicts] changed there and here, and not saved
 */

/** A form that posts itself after a change, and again after a failure. */
class Autosave {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.say = words("autosave");
    this.status = findOptional(form, "[data-autosave-status]") ?? findOptional(document, "[data-autosave-status]");
    this.dirty = false;
    this.busy = false;
    this.attempt = 0;
    this.isSubmitted = false;
    this.isAdopting = false; // what another window saved is being put into the form
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    form.addEventListener("input", () => this.onChange());
    form.addEventListener("change", () => this.onChange());
    form.addEventListener("submit", (event) => {
      setTimeout(() => {
        this.isSubmitted = !event.defaultPrevented;
        if (this.isSubmitted) clearTimeout(this.timer);
      });
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.isSubmitted) event.preventDefault();
    });
    window.addEventListener("online", () => this.dirty && this.save());
    document.addEventListener("rete:token", () => this.dirty && this.save());
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save());
    // Put back, or typed before this script came, and not saved yet.
    if (Object.keys(changedFrom(valuesOf(form), defaultsOf(form))).length) this.onChange();
  }

  onChange() {
    if (this.isAdopting) return;
    this.dirty = true;
    this.attempt = 0;
    this.show("unsaved");
    this.saveLater(WAIT_MS);
  }

  /** @param {number} delayMs */
  saveLater(delayMs) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delayMs);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy) return this.saveLater(WAIT_MS);
    this.busy = true;
    this.dirty = false;
    this.show("saving");
    const body = new FormData(this.form);
    const sent = valuesOf(this.form);
    // Files go with the button, not with every keystroke.
    for (const [name, value] of [...body.entries()]) if (value instanceof File) body.delete(name);
    const { status, data } = await post(this.form.action, body, { "X-Autosave": "1" });
    this.busy = false;
    if (data && status < 500 && status !== 429 && "errors" in data) return this.onSaved(data, sent);
    this.dirty = true;
    if (status === 401 || status === 403) return this.show("failed", this.say("signed_out"), true);
    if (!worthRetrying(status)) return this.show("failed", this.say("refused"), true);
    this.attempt += 1;
    this.show("failed", this.say("failed"), this.attempt === 1);
    this.saveLater(1000 * backOff(this.attempt));
  }

  /**
   * @param {Saved} data
   * @param {Values} sent what the form held when it was sent
   */
  onSaved(data, sent) {
    this.attempt = 0;
    this.learn(data.versions ?? {});
    this.adopt(data.elsewhere ?? {}, sent);
    const conflicts = Object.entries(data.conflicts ?? {});
    for (const [name, told] of conflicts) this.showConflict(name, told);
    const before = this.form.querySelectorAll("[data-field].has-errors").length;
    const count = this.showErrors(data.errors ?? {});
    if (count && count !== before) announce(this.say("look", { count }));
    showMissing(data.missing_html);
    if (conflicts.length) {
      this.dirty = true;
      this.show("failed", this.say("conflict"), true);
    } else if (!this.dirty) {
      this.show("saved", this.say("saved", { time: data.saved_at ?? "" }));
      if (!count) this.form.dispatchEvent(new CustomEvent("rete:saved"));
    }
  }

  /**
   * Take over versions, so that the next saving is compared with what this page has seen.
   *
   * @param {Record<string, string>} versions
   */
  learn(versions) {
    const field = versionsField(this.form);
    if (field) field.value = JSON.stringify({ ...JSON.parse(field.value || "{}"), ...versions });
  }

  /**
   * Show what was saved in another window, in fields that nobody touched here.
   *
   * @param {Record<string, Told>} elsewhere
   * @param {Values} sent
   */
  adopt(elsewhere, sent) {
    const now = valuesOf(this.form);
    for (const [name, told] of Object.entries(elsewhere)) {
      const isUntouched = Object.keys(told.values).every((input) => isSame(now[input], sent[input]));
      if (isUntouched) this.take(name, told);
    }
  }

  /**
   * @param {string} name
   * @param {Told} told
   */
  take(name, told) {
    this.isAdopting = true;
    putInto(this.form, told.values);
    this.isAdopting = false;
    this.learn({ [name]: told.version });
  }

  /**
   * Show under the field what another window saved, beside what stands here, and let the person choose.
   *
   * @param {string} name
   * @param {Told} told
   */
  showConflict(name, told) {
    const field = this.form.querySelector(`[data-field="${CSS.escape(told.field)}"]`);
    if (!field) return;
    const box = element("div", { className: "notice notice-warning conflict" });
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", this.say("conflict"));
    const choose = (/** @type {() => void} */ act) => () => {
      act();
      box.remove();
      this.dirty = true;
      this.save();
    };
    box.append(
      element("p", { textContent: this.say("there") }),
      element("blockquote", { className: "quote", textContent: told.text }),
      choice(
        this.say("keep"),
        choose(() => this.learn({ [name]: told.version })),
      ),
      choice(
        this.say("take"),
        choose(() => this.take(name, told)),
      ),
    );
    field.querySelector(".conflict")?.remove();
    field.append(box);
  }

  /**
   * Show the sentences of each field under it and return how many fields have any.
   *
   * @param {Record<string, string[]>} errors
   */
  showErrors(errors) {
    let count = 0;
    for (const field of findAll(this.form, "[data-field]")) {
      const sentences = errors[field.dataset.field ?? ""] ?? [];
      const box = findOptional(field, "[data-errors]");
      if (!box) continue;
      const isInvalid = sentences.length > 0;
      box.replaceChildren(...sentences.map((textContent) => element("p", { textContent })));
      field.classList.toggle("has-errors", isInvalid);
      for (const input of findAll(field, "input, select, textarea")) markInput(input, box, isInvalid);
      count += isInvalid ? 1 : 0;
    }
    return count;
  }

  /**
   * @param {SaveState} state
   * @param {string} [text]
   * @param {boolean} [isAnnounced]
   */
  show(state, text = this.say(state), isAnnounced = false) {
    if (!this.status) return;
    this.status.dataset.state = state;
    this.status.textContent = text;
    if (isAnnounced) announce(text);
  }
}

/**
 * @param {string} textContent
 * @param {() => void} onClick
 */
function choice(textContent, onClick) {
  const button = element("button", { type: "button", className: "btn btn-outline-secondary", textContent });
  button.addEventListener("click", onClick);
  return button;
}

/**
 * Mark an input as valid or not, and describe it by its errors only while there are some.
 *
 * @param {HTMLElement} input
 * @param {HTMLElement} errors
 * @param {boolean} isInvalid
 */
function markInput(input, errors, isInvalid) {
  input.classList.toggle("is-invalid", isInvalid);
  if (isInvalid) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  const ids = new Set((input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  if (isInvalid) ids.add(errors.id);
  else ids.delete(errors.id);
  if (ids.size) input.setAttribute("aria-describedby", [...ids].join(" "));
  else input.removeAttribute("aria-describedby");
}

attach("form[data-autosave]", (form) => new Autosave(form), HTMLFormElement);
