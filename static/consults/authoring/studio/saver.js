// Saves the masks a moment after each change; the server's answer is the truth.
import { announce } from "../../../core/announce.js";
import { backOff, post, worthRetrying } from "../../../core/http.js";

/** @import { Say } from "../../../core/words.js" */
/** @import { Store } from "./store.js" */

const WAIT_MS = 700;

/** @typedef {"unsaved" | "saving" | "saved" | "failed"} SaveState */
/** @typedef {"" | "retry" | "reload" | "undo"} Offer what a person can do about a failure */
/** @typedef {{ offer?: Offer, isAnnounced?: boolean }} StatusOptions */

/**
 * @typedef {object} SaverOptions
 * @property {Store} store
 * @property {string} url
 * @property {Say} say
 * @property {(state: SaveState, text: string, options?: StatusOptions) => void} onState
 * @property {(sentences: string[]) => void} onRules told what still forbids the confirmation
 */

export class Saver {
  /** @param {SaverOptions} options */
  constructor({ store, url, say, onState, onRules }) {
    this.store = store;
    this.url = url;
    this.say = say;
    this.onState = onState;
    this.onRules = onRules;
    this.dirty = false;
    /** @type {Promise<void> | null} */
    this.busy = null;
    this.attempt = 0;
    this.isOver = false; // the picture can no longer be changed
    this.isMerged = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    store.on("change", ({ fromServer }) => {
      if (fromServer) return;
      this.dirty = true;
      this.attempt = 0;
      if (!this.isOver) this.onState("unsaved", this.say("unsaved"));
      this.saveLater(WAIT_MS);
    });
    window.addEventListener("online", () => this.dirty && this.save());
    document.addEventListener("rete:token", () => this.dirty && this.save()); // signed in again in another tab
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save());
    window.addEventListener("beforeunload", (event) => {
      if ((this.dirty || this.busy) && !this.isOver) event.preventDefault();
    });
  }

  /** @param {number} delayMs */
  saveLater(delayMs) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delayMs);
  }

  /** Save what is not saved yet and resolve to whether the server has everything. */
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
    this.onState("saving", this.say("saving"));
    const masks = this.store.wire();
    const sent = this.store.masks.map((mask, index) => ({ key: mask.key, mask: masks[index] }));
    const body = JSON.stringify({ masks, crop: this.store.wireCrop, revision: this.store.revision });
    const { status, data } = await post(this.url, body, { "Content-Type": "application/json" });
    if (status === 200 && data) {
      this.attempt = 0;
      this.store.adopt(data, sent, !this.dirty);
      this.onRules(data.rules ?? []);
      if (this.dirty) this.saveLater(WAIT_MS);
      else this.onState("saved", this.say(this.isMerged ? "merged" : "saved"));
      this.isMerged &&= this.dirty;
      return;
    }
    if (status === 409 && data) {
      this.isMerged = true;
      announce(this.say("merged"));
      return this.store.rebase(data); // a change like any other: it is saved next
    }
    if (status === 404) {
      this.isOver = true;
      return this.onState("failed", this.say("over"), { offer: "reload" });
    }
    this.attempt += 1;
    this.dirty = true;
    if (worthRetrying(status)) {
      this.onState("failed", this.say("failed"), { offer: "retry", isAnnounced: this.attempt === 1 });
      return this.saveLater(1000 * backOff(this.attempt));
    }
    const isSignedOut = status === 401 || status === 403;
    const offer = status === 422 ? "undo" : "retry";
    this.onState("failed", data?.error ?? this.say(isSignedOut ? "signed_out" : "refused"), { offer });
  }
}
