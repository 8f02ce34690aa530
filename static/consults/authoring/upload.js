// [data-upload][data-url][data-piece-bytes][data-max-bytes]: many pictures, three at a time, each going on where it
// stopped.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { element, find, findAll, findOptional } from "../../core/dom.js";
import { fragment } from "../../core/fragment.js";
import { backOff, renewToken, worthRetrying } from "../../core/http.js";
import { showMissing } from "../../core/missing.js";
import { words } from "../../core/words.js";
import { keyOf, Sending } from "./sending.js";

const AT_ONCE = 3;
const ATTEMPTS = 6;
const THUMBNAIL_PX = 320;
const PICTURE = /^image\/(jpeg|png|webp|hei[cf])$/;
const PICTURE_NAME = /\.(jpe?g|png|webp|hei[cf]|avif|tiff?|bmp|jp2|jxl|dcm)$/i;
const OPEN = ["waiting", "sending", "lost", "signed-out"];

/** @typedef {"waiting" | "sending" | "lost" | "signed-out" | "refused" | "done" | "gone"} UploadState */
/** @typedef {"cancel" | "retry" | "remove"} UploadAction */
/** @typedef {{ id: string, html: string, missing_html?: string }} Received */

/**
 * @param {string} textContent
 * @param {string} kind the class of its colours
 * @param {() => void} onClick
 */
function button(textContent, kind, onClick) {
  const node = element("button", { type: "button", textContent, className: `btn btn-sm ${kind}` });
  node.addEventListener("click", onClick);
  return node;
}

/**
 * Draw a file small, so that one sees which picture a row is about. Resolves to null for what browsers cannot read.
 *
 * @param {File} file
 */
async function thumbnail(file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: THUMBNAIL_PX, resizeQuality: "medium" });
    const canvas = element("canvas", { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas;
  } catch {
    return null;
  }
}

/** One file on its way: its row, its attempts. */
class Upload {
  /**
   * @param {Queue} queue
   * @param {File} file
   * @param {number} number its place among the chosen files
   */
  constructor(queue, file, number) {
    this.queue = queue;
    this.say = queue.say;
    this.file = file;
    this.number = number;
    this.name = file.name || this.say("pasted");
    this.attempt = 0;
    /** @type {UploadState} */
    this.state = "waiting";
    this.key = "";
    /** @type {Sending | null} */
    this.sending = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.note = element("span");
    this.bar = element("progress", { className: "bar", max: 100, value: 0 });
    this.bar.setAttribute("aria-label", this.name);
    this.buttons = element("div", { className: "upload-row-buttons" });
    const title = element("strong", { textContent: this.name });
    const text = element("div", { className: "upload-row-text" }, title, this.note, this.bar);
    this.row = element("li", { className: "upload-row" }, text, this.buttons);
    this.setState("waiting", this.say("waiting"), "cancel");
  }

  get isOpen() {
    return OPEN.includes(this.state);
  }

  /** Whether it takes one of the places for files that are being sent. */
  get isBusy() {
    return this.state === "sending" || (this.state === "lost" && this.attempt < ATTEMPTS);
  }

  /**
   * Change the state and everything that shows it.
   *
   * @param {UploadState} state
   * @param {string} note
   * @param {...UploadAction} actions what the person may do now
   */
  setState(state, note, ...actions) {
    this.state = state;
    this.row.dataset.state = state;
    this.note.textContent = note;
    this.bar.hidden = state === "refused";
    const make = {
      cancel: () => button(this.say("cancel"), "btn-outline-secondary", () => this.cancel()),
      retry: () => button(this.say("retry"), "btn-primary", () => this.retry()),
      remove: () => button(this.say("remove"), "btn-outline-secondary", () => this.leave()),
    };
    const hadFocus = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(...actions.map((name) => make[name]()));
    if (hadFocus) this.buttons.querySelector("button")?.focus();
  }

  /** @returns {Promise<void>} */
  async send() {
    this.attempt += 1;
    this.setState("sending", this.say("sending"), "cancel");
    if (!this.sending) {
      let key;
      try {
        key = await keyOf(this.file);
      } catch {
        return this.refuse(this.say("unreadable"));
      }
      if (!this.isSending()) return; // cancelled meanwhile
      if (this.queue.has(key, this)) return this.refuse(this.say("twice"));
      this.key = key;
      const { url, pieceBytes } = this.queue;
      const onProgress = (/** @type {number} */ share) => this.onProgress(share);
      this.sending = new Sending({ url, key, file: this.file, pieceBytes, onProgress });
    }
    const { status, data } = await this.sending.run();
    if (!this.isSending()) return;
    if (data?.html) return this.onReceived(data);
    if (data?.error && !worthRetrying(status)) return this.refuse(data.error);
    if (worthRetrying(status)) return this.onLost();
    return this.onTurnedAway();
  }

  /** Whether it is still being sent after a wait; the person may have cancelled it. */
  isSending() {
    return this.state === "sending";
  }

  /** @param {number} share */
  onProgress(share) {
    this.attempt = 1; // something arrived: the connection is there
    this.bar.value = 100 * share;
    this.note.textContent =
      share < 1 ? this.say("sent_percent", { percent: Math.floor(100 * share) }) : this.say("working");
  }

  /** A page came instead of an answer: the session ended, or began anew in another tab. */
  async onTurnedAway() {
    const session = await renewToken();
    if (!this.isSending()) return;
    if (session === "lost") return this.onLost();
    if (session === "somebody-else") return this.refuse(this.say("somebody_else"));
    if (session === "renewed" || (session === "same" && this.attempt < ATTEMPTS)) return this.send();
    if (session === "same") return this.refuse(this.say("refused"));
    this.setState("signed-out", this.say("signed_out"), "retry", "cancel");
    announce(this.note.textContent);
    this.queue.next();
  }

  /** @param {Received} data */
  onReceived(data) {
    this.state = "done";
    const isNew = this.queue.insert(data, this);
    announce(this.say(isNew ? "announce_done" : "announce_known", { name: this.name }));
    this.leave();
  }

  /** @param {string} reason */
  refuse(reason) {
    this.setState("refused", reason, "remove");
    announce(this.say("announce_refused", { name: this.name, reason }));
    this.queue.next();
  }

  onLost() {
    if (this.attempt >= ATTEMPTS) {
      this.setState("lost", this.say("gave_up"), "retry", "cancel");
      announce(this.note.textContent);
      return this.queue.next();
    }
    let seconds = backOff(this.attempt);
    this.setState("lost", this.say("lost", { seconds }), "retry", "cancel");
    if (this.attempt === 1) announce(this.note.textContent);
    const tick = () => {
      if (seconds <= 0) return this.send();
      this.note.textContent = this.say("lost", { seconds });
      seconds -= 1;
      this.timer = setTimeout(tick, 1000);
    };
    tick();
  }

  retry() {
    clearTimeout(this.timer);
    this.attempt = 0;
    this.setState("waiting", this.say("waiting"), "cancel");
    this.queue.next();
  }

  cancel() {
    clearTimeout(this.timer);
    this.state = "gone";
    this.sending?.cancel();
    announce(this.say("cancelled"));
    this.leave();
  }

  leave() {
    if (this.state !== "done") this.state = "gone";
    if (this.row.contains(document.activeElement)) find(this.queue.root, "[data-upload-input]").focus();
    this.row.remove();
    this.queue.forget(this);
  }
}

/** The files that one chose on this page, by button, drop or paste. */
class Queue {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.say = words("upload");
    this.url = root.dataset.url ?? "";
    this.maxBytes = Number(root.dataset.maxBytes) || Infinity;
    this.pieceBytes = Number(root.dataset.pieceBytes);
    /** @type {Upload[]} */
    this.uploads = [];
    this.chosen = 0;
    this.arrived = 0;
    this.rows = find(root, "[data-upload-queue]");
    this.total = find(root, "[data-upload-total]");
    this.list = findOptional(root, "[data-upload-list]") ?? find(document, "[data-upload-list]");
    for (const input of findAll(root, "[data-upload-input]", HTMLInputElement)) {
      const take = () => {
        this.add([...(input.files ?? [])]);
        input.value = "";
      };
      input.addEventListener("change", take);
      if (input.files?.length) take(); // chosen before this script came
    }
    this.watchDrops(findOptional(root, "[data-upload-drop]") ?? root);
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    });
    window.addEventListener("online", () => this.retryAll("lost"));
    document.addEventListener("rete:token", () => this.retryAll("signed-out"));
    window.addEventListener("beforeunload", (event) => {
      if (this.uploads.some((upload) => upload.isOpen)) event.preventDefault();
    });
  }

  /**
   * Take files dropped anywhere on the page: a picture dropped beside the box must not replace the page.
   *
   * @param {HTMLElement} box shows that it takes them
   */
  watchDrops(box) {
    let depth = 0;
    const setDepth = (/** @type {number} */ value) => {
      depth = value;
      box.classList.toggle("is-over", depth > 0);
    };
    const bringsFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
    document.addEventListener("dragenter", (event) => bringsFiles(event) && setDepth(depth + 1));
    document.addEventListener("dragover", (event) => bringsFiles(event) && event.preventDefault());
    document.addEventListener("dragleave", (event) => bringsFiles(event) && setDepth(depth - 1));
    document.addEventListener("drop", (event) => {
      if (!event.dataTransfer || !bringsFiles(event)) return;
      event.preventDefault();
      setDepth(0);
      this.add([...event.dataTransfer.files]);
    });
    box.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @param {UploadState} state */
  retryAll(state) {
    for (const upload of this.uploads.filter((each) => each.state === state)) upload.retry();
  }

  /**
   * Whether a file with this key is open in another row.
   *
   * @param {string} key
   * @param {Upload} except
   */
  has(key, except) {
    return this.uploads.some((upload) => upload !== except && upload.key === key && upload.isOpen);
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      this.chosen += 1;
      const upload = new Upload(this, file, this.chosen);
      this.uploads.push(upload);
      this.rows.append(upload.row);
      const reason = this.reasonAgainst(file);
      if (reason) upload.refuse(reason);
    }
    if (files.length > 1) announce(this.say("announce_added", { count: files.length }));
    this.next();
  }

  /**
   * Return why a file cannot be sent, or an empty string.
   *
   * @param {File} file
   */
  reasonAgainst(file) {
    if (!PICTURE.test(file.type) && !PICTURE_NAME.test(file.name)) return this.say("not_picture");
    if (!file.size) return this.say("empty");
    if (file.size > this.maxBytes) return this.say("too_large", { limit: Math.floor(this.maxBytes / 2 ** 20) });
    return "";
  }

  /** Send the files that wait while there is room for them, and show how many are left. */
  next() {
    const room = Math.max(0, AT_ONCE - this.uploads.filter((upload) => upload.isBusy).length);
    const waiting = this.uploads.filter((upload) => upload.state === "waiting");
    for (const upload of waiting.slice(0, room)) upload.send();
    const open = this.uploads.filter((upload) => upload.isOpen).length;
    this.total.hidden = open + this.arrived < 2 || !open;
    this.total.textContent = this.say("total", { arrived: this.arrived, count: open + this.arrived });
    if (open) return;
    if (this.arrived) this.list.dispatchEvent(new CustomEvent("rete:arrange"));
    this.arrived = 0;
  }

  /** @param {Upload} upload */
  forget(upload) {
    this.uploads = this.uploads.filter((other) => other !== upload);
    this.next();
  }

  /**
   * Put the card in the order in which files were chosen, not in which they arrived. Returns whether it is new here.
   *
   * @param {Received} data
   * @param {Upload} upload
   */
  insert(data, { number, file }) {
    this.arrived += 1;
    showMissing(data.missing_html);
    if (document.getElementById(`picture-${data.id}`)) return false;
    const card = find(fragment(data.html), "*");
    card.dataset.chosen = String(number);
    const later = findAll(this.list, ":scope > *").find((other) => Number(other.dataset.chosen) > number);
    this.list.insertBefore(card, later ?? null);
    window.htmx?.process(card);
    window.htmx?.trigger(card, "htmx:load", { elt: card });
    thumbnail(file).then((drawing) => {
      if (drawing) card.querySelector(".spinner")?.parentElement?.replaceChildren(drawing);
    });
    document.body.dispatchEvent(new CustomEvent("rete:uploaded"));
    return true;
  }
}

attach("[data-upload]", (root) => new Queue(root));
