// form[data-autosave]: saves itself a moment after each change and says so.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { backOff, post, worthRetrying } from "./http.js";
import { showMissing } from "./missing.js";
import { words } from "./words.js";

const WAIT_MS = 900;

class Autosave {
  constructor(form) {
    this.form = form;
    this.say = words("autosave");
    this.status = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
    this.dirty = false;
    this.busy = false;
    this.attempt = 0;
    this.dispatched = false;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", (event) => {
      setTimeout(() => {
        this.dispatched = !event.defaultPrevented;
        if (this.dispatched) clearTimeout(this.timer);
      });
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.dispatched) event.preventDefault();
    });
    window.addEventListener("online", () => this.dirty && this.save());
    document.addEventListener("rete:token", () => this.dirty && this.save());
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save());
  }

  changed() {
    this.dirty = true;
    this.attempt = 0;
    this.tell("unsaved");
    this.later(WAIT_MS);
  }

  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), ms);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy) return this.later(WAIT_MS);
    this.busy = true;
    this.dirty = false;
    this.tell("saving");
    const body = new FormData(this.form);
    // Files go with the button, not with every keystroke.
    for (const [name, value] of [...body.entries()]) if (value instanceof File) body.delete(name);
    const { status, data } = await post(this.form.action, body, { "X-Autosave": "1" });
    this.busy = false;
    if (data && status < 500 && status !== 429 && "errors" in data) return this.done(data);
    this.dirty = true;
    if (status === 401 || status === 403) return this.tell("failed", this.say("signed_out"), true);
    if (!worthRetrying(status)) return this.tell("failed", this.say("refused"), true);
    this.attempt += 1;
    this.tell("failed", this.say("failed"), this.attempt === 1);
    this.later(1000 * backOff(this.attempt));
  }

  done(data) {
    this.attempt = 0;
    if (!this.dirty) this.tell("saved", this.say("saved", { time: data.saved_at ?? "" }));
    const before = this.form.querySelectorAll("[data-field].has-errors").length;
    const wrong = this.showErrors(data.errors ?? {});
    if (wrong && wrong !== before) announce(this.say("look", { count: wrong }));
    showMissing(data.missing_html);
  }

  showErrors(errors) {
    let count = 0;
    for (const field of this.form.querySelectorAll("[data-field]")) {
      const sentences = errors[field.dataset.field] ?? [];
      const box = field.querySelector("[data-errors]");
      if (!box) continue;
      box.replaceChildren(
        ...sentences.map((text) => Object.assign(document.createElement("p"), { textContent: text })),
      );
      field.classList.toggle("has-errors", sentences.length > 0);
      for (const input of field.querySelectorAll("input, select, textarea")) {
        input.classList.toggle("is-invalid", sentences.length > 0);
        if (!sentences.length) input.removeAttribute("aria-invalid");
        else input.setAttribute("aria-invalid", "true");
        const ids = new Set((input.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
        if (sentences.length) ids.add(box.id);
        else ids.delete(box.id);
        if (ids.size) input.setAttribute("aria-describedby", [...ids].join(" "));
        else input.removeAttribute("aria-describedby");
      }
      count += sentences.length > 0 ? 1 : 0;
    }
    return count;
  }

  tell(state, text = this.say(state), aloud = false) {
    if (!this.status) return;
    this.status.dataset.state = state;
    this.status.textContent = text;
    if (aloud) announce(text);
  }
}

attach("form[data-autosave]", (form) => new Autosave(form));
