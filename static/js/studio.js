// [data-studio]: see the masks, move, turn, resize, add, accept and dismiss them, by pointer, touch and keys.
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { List } from "./studio/list.js";
import { Result } from "./studio/result.js";
import { Saver } from "./studio/saver.js";
import { Stage } from "./studio/stage.js";
import { Store } from "./studio/store.js";
import { words } from "./words.js";

const say = words("studio");
const SHAPE_KEYS = { b: "box", e: "ellipse", t: "band" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const TURN_DEGREES = 5;

function loaded(url) {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = reject;
    picture.src = url;
  });
}

class Studio {
  constructor(root, picture) {
    this.root = root;
    const { width, height, masks, revision, saveUrl, resultUrl } = root.dataset;
    this.part = (name) => root.querySelector(`[data-studio-${name}]`);
    this.store = new Store({
      width: Number(width),
      height: Number(height),
      revision: Number(revision ?? 0),
      masks: JSON.parse(document.getElementById(masks).textContent),
    });
    this.stage = new Stage({ container: this.part("stage"), store: this.store, picture });
    this.list = new List({ node: this.part("list"), store: this.store, say, actions: this.actions() });
    this.saver = new Saver({
      store: this.store,
      url: saveUrl,
      say,
      tell: (...args) => this.status(...args),
      rules: (sentences) => this.rules(sentences),
    });
    this.result = new Result({ dialog: this.part("result"), picture: picture.src, url: resultUrl, say });
    this.store.addEventListener("change", () => this.refresh());
    this.stage.addEventListener("draw", ({ detail }) => this.add(detail));
    this.stage.addEventListener("moved", ({ detail }) => this.sayPlace(detail.key));
    this.stage.addEventListener("mode", () => this.refresh());
    this.stage.addEventListener("view", () => this.refresh());
    root.addEventListener("click", (event) => this.click(event));
    root.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("submit", (event) => this.beforeSubmit(event), true);
    this.refresh();
  }

  // --- What stands around the picture

  refresh() {
    const enable = (name, on) => {
      const button = this.root.querySelector(`[data-do="${name}"]`);
      if (button) button.disabled = !on;
    };
    enable("undo", this.store.past.length > 0);
    enable("redo", this.store.future.length > 0);
    enable("zoom-out", this.stage.zoom > 1.001);
    enable("fit", this.stage.zoom > 1.001);
    for (const shape of Object.values(SHAPE_KEYS)) {
      this.root.querySelector(`[data-do="${shape}"]`).setAttribute("aria-pressed", String(this.stage.mode === shape));
    }
    const hint = this.part("hint");
    hint.dataset.usual ??= hint.textContent;
    hint.textContent = this.stage.mode ? say("draw") : hint.dataset.usual;
    const count = this.part("count");
    count.hidden = this.store.toCheck === 0;
    count.textContent = say("to_check", { count: this.store.toCheck });
  }

  status(state, text, { retry = false, reload = false, aloud = true } = {}) {
    const node = this.part("status");
    node.dataset.state = state;
    node.textContent = text;
    const button = this.root.querySelector('[data-do="retry"]');
    button.hidden = !retry && !reload;
    button.textContent = say(reload ? "reload" : "retry");
    button.dataset.reload = reload ? "1" : "";
    if (state === "failed" && aloud) announce(text);
    if (state !== "saved") return;
    for (const input of document.querySelectorAll("[data-studio-revision]")) input.value = this.store.revision;
    const { revision, toCheck } = this.store;
    this.root.dispatchEvent(new CustomEvent("rete:saved", { bubbles: true, detail: { revision, toCheck } }));
  }

  rules(sentences) {
    const list = this.part("rules");
    list.replaceChildren(...sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }

  /** A form that carries the revision (the confirmation) goes only after everything is saved. */
  async beforeSubmit(event) {
    const form = event.target;
    if (!form.querySelector?.("[data-studio-revision]") || (!this.saver.dirty && !this.saver.busy)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await this.saver.flush()) form.requestSubmit(event.submitter ?? undefined);
  }

  // --- What can be done

  actions() {
    return {
      accept: (key) => this.accept(key),
      dismiss: (key) => this.dismiss(key),
      remove: (key) => this.remove(key),
      restyle: (key, style) => this.store.update(key, { style }),
      rename: (key, kind) => this.store.update(key, { kind }),
    };
  }

  called(mask) {
    return say(mask.kind);
  }

  add(mask) {
    this.store.add(mask);
    announce(say("added", { shape: say(mask.shape) }));
  }

  accept(key) {
    const mask = this.store.get(key);
    this.store.update(key, { state: "accepted", reason: "" });
    announce(say("accepted_said", { kind: this.called(mask) }));
  }

  async dismiss(key) {
    const mask = this.store.get(key);
    let reason = "";
    if (mask.kind === "eye" || mask.kind === "face") {
      reason = await this.askWhy(mask.kind);
      if (reason === null) return;
    }
    this.store.update(key, { state: "dismissed", reason });
    announce(say("dismissed_said", { kind: this.called(mask) }));
  }

  /** The reason a person gives, or null when they keep it covered. */
  askWhy(kind) {
    const dialog = this.part("why");
    for (const node of dialog.querySelectorAll("[data-for]")) {
      node.hidden = node.dataset.for !== kind;
      if (node.tagName === "FIELDSET") node.disabled = node.hidden;
      if (node.tagName === "H2" && !node.hidden) {
        dialog.querySelector("#studio-why-title")?.removeAttribute("id");
        node.id = "studio-why-title";
      }
    }
    const yes = dialog.querySelector("[data-why-yes]");
    const choices = [...dialog.querySelectorAll(`[data-for="${kind}"] input[name=reason]`)];
    for (const choice of choices) {
      choice.checked = false;
      choice.onchange = () => (yes.disabled = false);
    }
    yes.disabled = true;
    dialog.returnValue = "no";
    dialog.showModal();
    return new Promise((resolve) => {
      const closed = () => resolve(dialog.returnValue === "yes" ? choices.find((choice) => choice.checked).value : null);
      dialog.addEventListener("close", closed, { once: true });
    });
  }

  /** What a detector found is dismissed, never deleted: the second reader sees it. */
  remove(key) {
    const mask = this.store.get(key);
    if (mask.detector) return mask.state === "dismissed" ? undefined : this.dismiss(key);
    this.store.remove(key);
    announce(say("removed", { kind: this.called(mask) }));
  }

  sayPlace(key) {
    const mask = this.store.get(key);
    const { width, height } = this.store;
    const share = (value, whole) => Math.round((100 * value) / whole);
    const place = { left: share(mask.x, width), top: share(mask.y, height), width: share(mask.width, width), height: share(mask.height, height) };
    announce(say("moved", { kind: this.called(mask), ...place }));
  }

  step(back) {
    const done = back ? this.store.undo() : this.store.redo();
    if (done) announce(say(back ? "undone" : "redone"));
  }

  zoom(change) {
    change();
    announce(say("zoomed", { percent: Math.round(100 * this.stage.zoom) }));
  }

  async showResult() {
    if (await this.saver.flush()) this.result.open(this.store.revision);
  }

  // --- Pointers and keys

  click(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const name = button.dataset.do;
    const actions = {
      undo: () => this.step(true),
      redo: () => this.step(false),
      "zoom-in": () => this.zoom(() => this.stage.zoomIn()),
      "zoom-out": () => this.zoom(() => this.stage.zoomOut()),
      fit: () => this.zoom(() => this.stage.fit()),
      result: () => this.showResult(),
      retry: () => (button.dataset.reload ? window.location.reload() : this.saver.save()),
    };
    if (name in actions) return actions[name]();
    if (!Object.values(SHAPE_KEYS).includes(name)) return;
    // detail 0: pressed by key or by an assistive tool; nothing can be dragged then.
    if (event.detail === 0) return this.add(this.stage.ordinary(name));
    this.stage.setMode(this.stage.mode === name ? null : name);
  }

  key(event) {
    const { key, target } = event;
    if (target.closest("dialog, select, input, textarea")) return;
    const command = event.ctrlKey || event.metaKey;
    if (command) {
      const undo = key.toLowerCase() === "z" && !event.shiftKey;
      const redo = key.toLowerCase() === "y" || (key.toLowerCase() === "z" && event.shiftKey);
      if (!undo && !redo) return;
      event.preventDefault();
      return this.step(undo);
    }
    if (event.altKey) return;
    const act = this.plainKey(key, event.shiftKey, target);
    if (!act) return;
    event.preventDefault();
    act();
  }

  plainKey(key, shift, target) {
    const mask = this.store.get(this.store.selected);
    const lower = key.toLowerCase();
    if (lower in SHAPE_KEYS) return () => this.add(this.stage.ordinary(SHAPE_KEYS[lower]));
    if (key === "+" || key === "=") return () => this.zoom(() => this.stage.zoomIn());
    if (key === "-") return () => this.zoom(() => this.stage.zoomOut());
    if (key === "0") return () => this.zoom(() => this.stage.fit());
    if (key === "Escape") return () => (this.stage.mode ? this.stage.setMode(null) : this.store.select(null));
    if (key in ARROWS && !target.closest(".studio-tools")) return () => this.arrow(ARROWS[key], shift, mask);
    if (!mask) return null;
    if (key === "Delete" || key === "Backspace") return () => this.remove(mask.key);
    if (key === "[" || key === "]") return () => this.turn(mask, key === "]" ? TURN_DEGREES : -TURN_DEGREES);
    return null;
  }

  arrow([dx, dy], shift, mask) {
    if (!mask) return this.stage.panBy(-40 * dx, -40 * dy);
    const x = (dx * this.store.width) / 100;
    const y = (dy * this.store.height) / 100;
    const patch = shift
      ? { x: mask.x - x / 2, y: mask.y - y / 2, width: mask.width + x, height: mask.height + y }
      : { x: mask.x + x, y: mask.y + y };
    this.store.update(mask.key, patch, { quick: true });
    this.sayPlace(mask.key);
  }

  turn(mask, degrees) {
    const angle = ((Math.round(mask.angle) + degrees + 540) % 360) - 180;
    this.store.update(mask.key, { angle }, { quick: true });
    announce(say("turned", { kind: this.called(mask), angle }));
  }
}

attach("[data-studio]", async (root) => {
  try {
    const picture = await loaded(root.dataset.picture);
    new Studio(root, picture);
  } catch (error) {
    if (error instanceof Error) throw error;
    const note = Object.assign(document.createElement("p"), { className: "notice notice-error", textContent: say("picture_failed") });
    note.setAttribute("role", "alert");
    root.querySelector("[data-studio-stage]").append(note);
  }
});
