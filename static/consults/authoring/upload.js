// [data-upload][data-url][data-piece-bytes][data-max-bytes]: many pictures, three at a time, each going on where it stopped.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { backOff, renewToken, worthRetrying } from "../../core/http.js";
import { showMissing } from "../../core/missing.js";
import { Sending, keyOf } from "./sending.js";
import { words } from "../../core/words.js";

const AT_ONCE = 3;
const ATTEMPTS = 6;
const THUMBNAIL_PX = 320;
const PICTURE = /^image\/(jpeg|png|webp|hei[cf])$/;
const PICTURE_NAME = /\.(jpe?g|png|webp|hei[cf])$/i;
const OPEN = ["waiting", "sending", "lost", "signed-out"];

/** A button with words on it. */
function button(text, kind, onClick) {
  const node = Object.assign(document.createElement("button"), {
    type: "button",
    textContent: text,
    className: `btn btn-sm ${kind}`,
  });
  node.addEventListener("click", onClick);
  return node;
}

/** A small drawing of the file, so that one sees which picture a row is about; none for what browsers cannot read. */
async function thumbnail(file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: THUMBNAIL_PX, resizeQuality: "medium" });
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas;
  } catch {
    return null;
  }
}

/** One file on its way: its row, its attempts. */
class Upload {
  constructor(queue, file, number) {
    this.queue = queue;
    this.say = queue.say;
    this.file = file;
    this.number = number;
    this.name = file.name || this.say("pasted");
    this.attempt = 0;
    this.row = document.createElement("li");
    this.row.className = "upload-row";
    this.title = Object.assign(document.createElement("strong"), { textContent: this.name });
    this.note = document.createElement("span");
    this.bar = Object.assign(document.createElement("progress"), { className: "bar", max: 100, value: 0 });
    this.bar.setAttribute("aria-label", this.name);
    this.buttons = Object.assign(document.createElement("div"), { className: "upload-row-buttons" });
    const text = Object.assign(document.createElement("div"), { className: "upload-row-text" });
    text.append(this.title, this.note, this.bar);
    this.row.append(text, this.buttons);
    this.become("waiting", this.say("waiting"), "cancel");
  }

  /** Change the state and everything that shows it. */
  become(state, note, ...buttons) {
    this.state = this.row.dataset.state = state;
    this.note.textContent = note;
    this.bar.hidden = state === "refused";
    const actions = {
      cancel: () => button(this.say("cancel"), "btn-outline-secondary", () => this.cancel()),
      retry: () => button(this.say("retry"), "btn-primary", () => this.retry()),
      remove: () => button(this.say("remove"), "btn-outline-secondary", () => this.leave()),
    };
    const hadFocus = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(...buttons.map((name) => actions[name]()));
    if (hadFocus) this.buttons.querySelector("button")?.focus();
  }

  async send() {
    this.attempt += 1;
    this.become("sending", this.say("sending"), "cancel");
    if (!this.sending) {
      let key;
      try {
        key = await keyOf(this.file);
      } catch {
        return this.refuse(this.say("unreadable"));
      }
      if (this.state !== "sending") return; // cancelled meanwhile
      if (this.queue.has(key, this)) return this.refuse(this.say("twice"));
      this.key = key;
      const { url, pieceBytes } = this.queue;
      this.sending = new Sending({
        url,
        key,
        file: this.file,
        pieceBytes,
        onProgress: (share) => this.progress(share),
      });
    }
    const { status, data } = await this.sending.run();
    if (this.state !== "sending") return;
    if (data?.html) return this.received(data);
    if (data?.error && !worthRetrying(status)) return this.refuse(data.error);
    if (worthRetrying(status)) return this.lost();
    this.turnedAway();
  }

  progress(share) {
    this.attempt = 1; // something arrived: the line is there
    this.bar.value = 100 * share;
    this.note.textContent =
      share < 1 ? this.say("sent_percent", { percent: Math.floor(100 * share) }) : this.say("working");
  }

  /** A page instead of an answer: the session ended, or began anew in another tab. */
  async turnedAway() {
    const session = await renewToken();
    if (this.state !== "sending") return;
    if (session === "lost") return this.lost();
    if (session === "somebody-else") return this.refuse(this.say("somebody_else"));
    if (session === "renewed" || (session === "same" && this.attempt < ATTEMPTS)) return this.send();
    if (session === "same") return this.refuse(this.say("refused"));
    this.become("signed-out", this.say("signed_out"), "retry", "cancel");
    announce(this.note.textContent);
    this.queue.next();
  }

  received(data) {
    this.state = "done";
    const isNew = this.queue.insert(data, this);
    announce(this.say(isNew ? "announce_done" : "announce_known", { name: this.name }));
    this.leave();
  }

  refuse(reason) {
    this.become("refused", reason, "remove");
    announce(this.say("announce_refused", { name: this.name, reason }));
    this.queue.next();
  }

  lost() {
    if (this.attempt >= ATTEMPTS) {
      this.become("lost", this.say("gave_up"), "retry", "cancel");
      announce(this.note.textContent);
      return this.queue.next();
    }
    let seconds = backOff(this.attempt);
    this.become("lost", this.say("lost", { seconds }), "retry", "cancel");
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
    this.become("waiting", this.say("waiting"), "cancel");
    this.queue.next();
  }

  cancel() {
    clearTimeout(this.timer);
    this.state = "gone";
    this.sending?.callOff();
    announce(this.say("cancelled"));
    this.leave();
  }

  leave() {
    if (this.state !== "done") this.state = "gone";
    if (this.row.contains(document.activeElement)) this.queue.root.querySelector("[data-upload-input]").focus();
    this.row.remove();
    this.queue.forget(this);
  }
}

class Queue {
  constructor(root) {
    this.root = root;
    this.say = words("upload");
    this.url = root.dataset.url;
    this.maxBytes = Number(root.dataset.maxBytes) || Infinity;
    this.pieceBytes = Number(root.dataset.pieceBytes);
    this.uploads = [];
    this.chosen = this.arrived = 0;
    this.rows = root.querySelector("[data-upload-queue]");
    this.total = root.querySelector("[data-upload-total]");
    this.list = root.querySelector("[data-upload-list]") ?? document.querySelector("[data-upload-list]");
    const drop = root.querySelector("[data-upload-drop]") ?? root;
    for (const input of root.querySelectorAll("[data-upload-input]")) {
      input.addEventListener("change", () => {
        this.add([...input.files]);
        input.value = "";
      });
    }
    let depth = 0;
    const over = (change) => {
      depth = change === 0 ? 0 : depth + change;
      drop.classList.toggle("is-over", depth > 0);
    };
    const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");
    // Anywhere on the page: a picture dropped beside the box must not replace the page.
    document.addEventListener("dragenter", (event) => bringsFiles(event) && over(1));
    document.addEventListener("dragover", (event) => bringsFiles(event) && event.preventDefault());
    document.addEventListener("dragleave", (event) => bringsFiles(event) && over(-1));
    document.addEventListener("drop", (event) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      over(0);
      this.add([...event.dataTransfer.files]);
    });
    drop.addEventListener("submit", (event) => event.preventDefault());
    document.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    });
    window.addEventListener("online", () => this.again("lost"));
    document.addEventListener("rete:token", () => this.again("signed-out"));
    window.addEventListener("beforeunload", (event) => {
      if (this.uploads.some((upload) => OPEN.includes(upload.state))) event.preventDefault();
    });
  }

  again(state) {
    this.uploads.filter((upload) => upload.state === state).forEach((upload) => upload.retry());
  }

  has(key, except) {
    return this.uploads.some((upload) => upload !== except && upload.key === key && OPEN.includes(upload.state));
  }

  add(files) {
    for (const file of files) {
      this.chosen += 1;
      const upload = new Upload(this, file, this.chosen);
      this.uploads.push(upload);
      this.rows.append(upload.row);
      if (!PICTURE.test(file.type) && !PICTURE_NAME.test(file.name)) upload.refuse(this.say("not_picture"));
      else if (!file.size) upload.refuse(this.say("empty"));
      else if (file.size > this.maxBytes)
        upload.refuse(this.say("too_large", { limit: Math.floor(this.maxBytes / 2 ** 20) }));
    }
    if (files.length > 1) announce(this.say("announce_added", { count: files.length }));
    this.next();
  }

  next() {
    const busy = (upload) => upload.state === "sending" || (upload.state === "lost" && upload.attempt < ATTEMPTS);
    const free = Math.max(0, AT_ONCE - this.uploads.filter(busy).length);
    this.uploads
      .filter((upload) => upload.state === "waiting")
      .slice(0, free)
      .forEach((upload) => upload.send());
    const open = this.uploads.filter((upload) => OPEN.includes(upload.state)).length;
    this.total.hidden = open + this.arrived < 2 || !open;
    this.total.textContent = this.say("total", { arrived: this.arrived, count: open + this.arrived });
    if (open) return;
    if (this.arrived) this.list.dispatchEvent(new CustomEvent("rete:arrange"));
    this.arrived = 0;
  }

  forget(upload) {
    this.uploads = this.uploads.filter((other) => other !== upload);
    this.next();
  }

  /** Put the card where the file was chosen, not where the network let it arrive; whether it was not there yet. */
  insert(data, { number, file }) {
    this.arrived += 1;
    showMissing(data.missing_html);
    if (document.getElementById(`picture-${data.id}`)) return false;
    const template = document.createElement("template");
    template.innerHTML = data.html;
    const [card] = template.content.children;
    card.dataset.chosen = number;
    const later = [...this.list.children].find((other) => Number(other.dataset.chosen) > number);
    this.list.insertBefore(card, later ?? null);
    window.htmx?.process(card);
    window.htmx?.trigger(card, "htmx:load", { elt: card });
    thumbnail(file).then(
      (drawing) => drawing && card.querySelector(".spinner")?.parentElement.replaceChildren(drawing),
    );
    document.body.dispatchEvent(new CustomEvent("rete:uploaded"));
    return true;
  }
}

attach("[data-upload]", (root) => new Queue(root));
