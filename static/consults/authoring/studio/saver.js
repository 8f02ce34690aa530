// Saves the masks a moment after each change; the server's answer is the truth.
import { announce } from "../../../core/announce.js";
import { backOff, post, worthRetrying } from "../../../core/http.js";

const WAIT_MS = 700;

export class Saver {
  /** `tell(state, sentence, {offer})` with offer retry, reload or undo; `rules([sentence])`. */
  constructor({ store, url, say, tell, rules }) {
    Object.assign(this, { store, url, say, tell, rules });
    this.dirty = false;
    this.busy = null;
    this.attempt = 0;
    this.isOver = false;
    this.merged = false;
    store.addEventListener("change", (event) => {
      if (event.detail.fromServer) return;
      this.dirty = true;
      this.attempt = 0;
      if (!this.isOver) this.tell("unsaved", this.say("unsaved"));
      this.later(WAIT_MS);
    });
    window.addEventListener("online", () => this.dirty && this.save());
    document.addEventListener("rete:token", () => this.dirty && this.save()); // signed in again in another tab
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save());
    window.addEventListener("beforeunload", (event) => {
      if ((this.dirty || this.busy) && !this.isOver) event.preventDefault();
    });
  }

  later(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), ms);
  }

  /** Resolves to true when everything is at the server. */
  async flush() {
    while (this.dirty || this.busy) {
      await (this.busy ?? this.save());
      if (this.dirty && this.attempt > 0) return false;
      if (this.isOver) return false;
    }
    return true;
  }

  save() {
    clearTimeout(this.timer);
    if (this.isOver) return Promise.resolve();
    this.busy ??= this.send().finally(() => {
      this.busy = null;
    });
    return this.busy;
  }

  async send() {
    this.dirty = false;
    this.tell("saving", this.say("saving"));
    const masks = this.store.wire();
    const sent = this.store.masks.map((mask, index) => ({ key: mask.key, mask: masks[index] }));
    const body = JSON.stringify({ masks, crop: this.store.wireCrop, revision: this.store.revision });
    const { status, data } = await post(this.url, body, { "Content-Type": "application/json" });
    if (status === 200 && data) {
      this.attempt = 0;
      this.store.adopt(data, sent, !this.dirty);
      this.rules(data.rules ?? []);
      if (this.dirty) this.later(WAIT_MS);
      else this.tell("saved", this.say(this.merged ? "merged" : "saved"));
      this.merged &&= this.dirty;
      return;
    }
    if (status === 409 && data) {
      this.merged = true;
      announce(this.say("merged"));
      return this.store.rebase(data); // a change like any other: it is saved next
    }
    if (status === 404) {
      this.isOver = true;
      return this.tell("failed", this.say("over"), { offer: "reload" });
    }
    this.attempt += 1;
    this.dirty = true;
    if (worthRetrying(status)) {
      this.tell("failed", this.say("failed"), { offer: "retry", aloud: this.attempt === 1 });
      return this.later(1000 * backOff(this.attempt));
    }
    const signedOut = status === 401 || status === 403;
    const offer = status === 422 ? "undo" : "retry";
    this.tell("failed", data?.error ?? this.say(signedOut ? "signed_out" : "refused"), { offer });
  }
}
