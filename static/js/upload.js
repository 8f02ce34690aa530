// [data-upload][data-url][data-max-bytes]: many pictures, one request each, three at a time, each resumable by key.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { backOff, csrfToken, uuid, worthRetrying } from "./http.js";
import { words } from "./words.js";

const AT_ONCE = 3;
const ATTEMPTS = 6;
const PICTURE = /^image\/(jpeg|png|webp|hei[cf])$/;
const PICTURE_NAME = /\.(jpe?g|png|webp|hei[cf])$/i;

/** A button with words on it. */
function button(text, kind, onClick) {
  const node = Object.assign(document.createElement("button"), { type: "button", textContent: text, className: `btn btn-sm ${kind}` });
  node.addEventListener("click", onClick);
  return node;
}

/** One file on its way: its row, its request, its retries. */
class Upload {
  constructor(queue, file) {
    this.queue = queue;
    this.say = queue.say;
    this.file = file;
    this.name = file.name || this.say("pasted");
    this.key = uuid(); // the same for every attempt: the server keeps one picture
    this.attempt = 0;
    this.state = "waiting";
    this.row = document.createElement("li");
    this.row.className = "upload-row";
    this.title = Object.assign(document.createElement("strong"), { textContent: this.name });
    this.note = Object.assign(document.createElement("span"), { textContent: this.say("waiting") });
    this.bar = Object.assign(document.createElement("progress"), { className: "bar", max: 100, value: 0 });
    this.bar.setAttribute("aria-label", this.name);
    this.buttons = Object.assign(document.createElement("div"), { className: "upload-row-buttons" });
    const text = Object.assign(document.createElement("div"), { className: "upload-row-text" });
    text.append(this.title, this.note, this.bar);
    this.row.append(text, this.buttons);
    this.offer("cancel");
  }

  offer(...names) {
    const actions = {
      cancel: () => button(this.say("cancel"), "btn-outline-secondary", () => this.cancel()),
      retry: () => button(this.say("retry"), "btn-primary", () => this.retry()),
      remove: () => button(this.say("remove"), "btn-outline-secondary", () => this.leave()),
    };
    const hadFocus = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(...names.map((name) => actions[name]()));
    if (hadFocus) this.buttons.querySelector("button")?.focus();
  }

  send() {
    this.state = "sending";
    this.attempt += 1;
    this.row.dataset.state = "sending";
    this.note.textContent = this.say("sending");
    this.bar.hidden = false;
    this.offer("cancel");
    const body = new FormData();
    body.append("picture", this.file, "picture"); // never the file's own name: it may hold the patient's
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", this.queue.url);
    request.setRequestHeader("Idempotency-Key", this.key);
    request.setRequestHeader("X-CSRFToken", this.queue.token);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      this.bar.value = (100 * event.loaded) / event.total;
      if (event.loaded === event.total) this.note.textContent = this.say("working");
    });
    request.addEventListener("load", () => this.answered());
    request.addEventListener("error", () => this.lost());
    request.addEventListener("timeout", () => this.lost());
    request.timeout = 10 * 60 * 1000;
    request.send(body);
  }

  answered() {
    const { status, responseText } = this.request;
    let data = null;
    try {
      data = JSON.parse(responseText);
    } catch {
      data = null; // a page, not an answer: the server's own words are missing
    }
    if (status >= 200 && status < 300 && data?.html) return this.received(data);
    if (worthRetrying(status)) return this.lost();
    const signedOut = status === 401 || status === 403 || (status < 300 && !data);
    if (signedOut && !data?.error) {
      this.refuse(this.say("signed_out"));
      return this.offer("retry", "remove");
    }
    this.refuse(data?.error ?? this.say("refused"));
  }

  received(data) {
    this.state = "done";
    this.queue.insert(data.html);
    announce(this.say("announce_done", { name: this.name }));
    this.leave();
  }

  refuse(reason) {
    this.state = "refused";
    this.row.dataset.state = "refused";
    this.note.textContent = reason;
    this.bar.hidden = true;
    this.offer("remove");
    announce(this.say("announce_refused", { name: this.name, reason }));
    this.queue.next();
  }

  lost() {
    this.state = "lost";
    this.row.dataset.state = "lost";
    if (this.attempt >= ATTEMPTS) {
      this.note.textContent = this.say("gave_up");
      announce(this.note.textContent);
      this.offer("retry", "remove");
      return this.queue.next();
    }
    let seconds = backOff(this.attempt);
    const tick = () => {
      if (seconds <= 0) return this.send();
      this.note.textContent = this.say("lost", { seconds });
      seconds -= 1;
      this.timer = setTimeout(tick, 1000);
    };
    tick();
    if (this.attempt === 1) announce(this.note.textContent);
    this.offer("retry", "cancel");
  }

  retry() {
    clearTimeout(this.timer);
    this.attempt = 0;
    this.state = "waiting";
    this.note.textContent = this.say("waiting");
    this.queue.next();
  }

  cancel() {
    clearTimeout(this.timer);
    this.state = "cancelled";
    this.request?.abort();
    announce(this.say("cancelled"));
    this.leave();
  }

  leave() {
    this.state = this.state === "done" ? "done" : "gone";
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
    this.uploads = [];
    this.rows = root.querySelector("[data-upload-queue]");
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
    drop.addEventListener("dragenter", (event) => {
      event.preventDefault();
      over(1);
    });
    drop.addEventListener("dragover", (event) => event.preventDefault());
    drop.addEventListener("dragleave", () => over(-1));
    drop.addEventListener("drop", (event) => {
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
    window.addEventListener("online", () => this.uploads.filter((upload) => upload.state === "lost").forEach((upload) => upload.retry()));
    window.addEventListener("beforeunload", (event) => {
      if (this.uploads.some((upload) => ["waiting", "sending", "lost"].includes(upload.state))) event.preventDefault();
    });
  }

  get token() {
    return csrfToken() || this.root.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
  }

  add(files) {
    for (const file of files) {
      const upload = new Upload(this, file);
      this.uploads.push(upload);
      this.rows.append(upload.row);
      if (!PICTURE.test(file.type) && !PICTURE_NAME.test(file.name)) upload.refuse(this.say("not_picture"));
      else if (file.size > this.maxBytes) upload.refuse(this.say("too_large", { limit: Math.floor(this.maxBytes / 2 ** 20) }));
    }
    if (files.length > 1) announce(this.say("announce_added", { count: files.length }));
    this.next();
  }

  next() {
    const sending = this.uploads.filter((upload) => upload.state === "sending" || (upload.state === "lost" && upload.attempt < ATTEMPTS));
    const waiting = this.uploads.filter((upload) => upload.state === "waiting");
    waiting.slice(0, Math.max(0, AT_ONCE - sending.length)).forEach((upload) => upload.send());
  }

  forget(upload) {
    this.uploads = this.uploads.filter((other) => other !== upload);
    this.next();
  }

  insert(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    const nodes = [...template.content.children];
    this.list.append(...nodes);
    nodes.forEach((node) => window.htmx?.process(node));
    this.root.dispatchEvent(new CustomEvent("rete:uploaded", { bubbles: true }));
  }
}

attach("[data-upload]", (root) => new Queue(root));
