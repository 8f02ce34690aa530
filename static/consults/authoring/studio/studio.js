// [data-studio]: cover what identifies a patient, by mouse, touch and keys. The server is the truth: what is drawn is
// saved as one draws, and the result that one confirms is its own rendering.
import { announce } from "../../../core/announce.js";
import { attach } from "../../../core/attach.js";
import { post } from "../../../core/http.js";
import { words } from "../../../core/words.js";
import { guardConfirmation } from "./confirm.js";
import { Keys, TOOL_KEYS } from "./keys.js";
import { List } from "./list.js";
import { Result } from "./result.js";
import { Saver } from "./saver.js";
import { mayCrop } from "./shapes.js";
import { Stage } from "./stage.js";
import { CROP, Store } from "./store.js";
import { askWhy } from "./why.js";

const say = words("studio");
const TOOLS = Object.values(TOOL_KEYS);
const REASONED = ["eye", "face", "text"];

function loaded(url) {
  return new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture);
    picture.onerror = reject;
    picture.src = url;
  });
}

const percent = (value, whole) => Math.round((100 * value) / whole);
const json = (id) => JSON.parse(document.getElementById(id).textContent);

class Studio {
  constructor(root, picture) {
    this.root = root;
    this.lastTool = "box";
    const { width, height, masks, painted, crop, marks, revision, saveUrl, resultUrl } = root.dataset;
    this.part = (name) => root.querySelector(`[data-studio-${name}]`);
    this.store = new Store({
      width: Number(width),
      height: Number(height),
      revision: Number(revision ?? 0),
      masks: json(masks),
      painted: json(painted),
      crop: json(crop),
    });
    this.stage = new Stage({ container: this.part("stage"), store: this.store, picture, marks: json(marks) });
    this.list = new List({ node: this.part("list"), bar: this.part("bar"), store: this.store, say, actions: this });
    this.saver = new Saver({
      store: this.store,
      url: saveUrl,
      say,
      tell: (...args) => this.status(...args),
      rules: (sentences) => this.rules(sentences),
    });
    this.result = new Result({
      dialog: this.part("result"),
      picture,
      store: this.store,
      url: resultUrl,
      say,
      goOn: () => document.querySelector("[data-studio-next]")?.scrollIntoView({ block: "start" }),
    });
    this.keys = new Keys(this);
    this.store.addEventListener("change", () => this.refresh());
    this.stage.addEventListener("draw", ({ detail }) => this.draw(detail));
    this.stage.addEventListener("moved", ({ detail }) => this.sayPlace(detail.key));
    this.stage.addEventListener("mode", () => this.refresh());
    this.stage.addEventListener("view", () => this.refresh());
    root.addEventListener("click", (event) => this.click(event));
    guardConfirmation({ everythingSaved: () => this.everythingSaved(), say });
    const thickness = this.part("thickness");
    const thick = () =>
      (this.stage.thickness = (Number(thickness.value) / 100) * Math.max(this.store.width, this.store.height));
    thickness.addEventListener("input", thick);
    thick();
    this.refresh();
  }

  // --- What stands around the picture

  refresh() {
    const { store, stage } = this;
    const enable = (name, on) => {
      const button = this.root.querySelector(`[data-do="${name}"]`);
      if (button) button.disabled = !on;
    };
    enable("undo", store.past.length > 0);
    enable("redo", store.future.length > 0);
    enable("zoom-out", stage.zoom > 1.001);
    enable("fit", stage.zoom > 1.001);
    for (const tool of [...TOOLS, "select"]) {
      const pressed = tool === (stage.mode ?? "select");
      this.root.querySelector(`[data-do="${tool}"]`).setAttribute("aria-pressed", String(pressed));
    }
    this.part("brush").hidden = stage.mode !== "brush";
    const hint = this.part("hint");
    hint.dataset.usual ??= hint.textContent;
    const cropFirst = store.hasFace && !store.crop && mayCrop(store);
    hint.textContent = stage.mode ? say(`draw_${stage.mode}`) : cropFirst ? say("crop_first") : hint.dataset.usual;
    const count = this.part("count");
    count.hidden = store.toCheck === 0;
    count.textContent = say("to_check", { count: store.toCheck });
  }

  status(state, text, { offer = "", aloud = true } = {}) {
    const node = this.part("status");
    node.dataset.state = state;
    node.textContent = text;
    const button = this.root.querySelector('[data-do="mend"]');
    button.hidden = !offer;
    button.textContent = offer && say(offer);
    button.dataset.offer = offer;
    if (state === "failed" && aloud) announce(text);
    if (state !== "saved") return;
    for (const input of document.querySelectorAll("[data-studio-revision]")) input.value = this.store.revision;
    const { revision, toCheck } = this.store;
    this.root.dispatchEvent(new CustomEvent("rete:saved", { bubbles: true, detail: { revision, toCheck } }));
  }

  mend(offer) {
    if (offer === "reload") return window.location.reload();
    return offer === "undo" ? this.step(true) : this.saver.save();
  }

  rules(sentences) {
    const list = this.part("rules");
    list.replaceChildren(
      ...sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
  }

  /** Resolves to true when the server has it all; else what it refused is brought into view, where it says why. */
  async everythingSaved() {
    if (await this.saver.flush()) return true;
    this.part("stage").scrollIntoView({ block: "center" });
    announce(this.part("status").textContent);
    return false;
  }

  announce(key, values) {
    announce(say(key, values));
  }

  called(mask) {
    return say(mask.kind);
  }

  sayPlace(key) {
    const mask = this.store.get(key);
    const { width, height } = this.store;
    const place = {
      left: percent(mask.x, width),
      top: percent(mask.y, height),
      width: percent(mask.width, width),
      height: percent(mask.height, height),
    };
    this.announce("moved", { kind: this.called(mask), ...place });
  }

  sayCrop() {
    const { crop } = this.store;
    this.announce(crop ? "crop_said" : "uncut_said", crop ?? {});
  }

  // --- Tools

  chooseTool(tool) {
    if (tool) this.lastTool = tool;
    this.store.select(tool === "crop" && this.store.crop ? CROP : null);
    if (tool === "crop" && !mayCrop(this.store)) return this.status("failed", say("crop_small"));
    this.stage.setMode(tool);
    this.announce(tool ? `draw_${tool}` : "unselected");
    if (tool) this.part("picture").scrollIntoView({ block: "nearest" });
  }

  /** Drawn with the pointer. */
  draw({ tool, ...detail }) {
    // A stroke is seldom the only one.
    if (tool !== "brush") this.stage.setMode(null);
    if (tool === "crop") return this.cut(detail);
    this.add(detail);
    if (tool === "brush") this.store.select(null);
  }

  /** Put by key, without drawing: in the middle of what is seen. */
  put(tool) {
    this.lastTool = tool;
    this.stage.setMode(null);
    if (tool !== "crop") return this.add(this.stage.ordinary(tool));
    if (!mayCrop(this.store)) return this.status("failed", say("crop_small"));
    if (this.store.crop) this.pick(CROP);
    else this.cut(this.stage.ordinaryCrop());
  }

  add(mask) {
    const { x, y, width, height } = mask;
    if (mask.kind === "window" && !this.store.veilAt(x + width / 2, y + height / 2)) {
      return this.status("failed", say("window_needs_veil"));
    }
    this.store.add(mask);
    this.announce("added", { shape: say(mask.kind === "window" ? "window" : mask.shape) });
  }

  cut(box) {
    this.store.cut(box);
    this.store.select(this.store.crop ? CROP : null);
    this.sayCrop();
  }

  uncut() {
    this.store.cut(null);
    this.sayCrop();
  }

  /** Select by key. */
  pick(key) {
    this.store.select(key);
    if (key === CROP) return this.sayCrop();
    const mask = this.store.get(key);
    this.stage.reveal(mask);
    const state = mask.kind === "window" ? "shown" : mask.state;
    this.announce("selected", {
      kind: this.called(mask),
      number: this.store.masks.indexOf(mask) + 1,
      state: say(state),
    });
  }

  // --- Decisions

  restyle(key, style) {
    this.store.update(key, { style });
    this.announce("restyled", { kind: this.called(this.store.get(key)), style: say(style) });
  }

  rename(key, kind) {
    this.store.update(key, { kind });
  }

  accept(key) {
    const mask = this.store.get(key);
    this.store.update(key, { state: "accepted", reason: "" });
    this.announce("accepted_said", { kind: this.called(mask) });
  }

  async dismiss(key) {
    const mask = this.store.get(key);
    let reason = "";
    if (REASONED.includes(mask.kind)) {
      reason = await askWhy(this.part("why"), mask.kind);
      if (reason === null) return;
    }
    this.store.update(key, { state: "dismissed", reason });
    this.announce("dismissed_said", { kind: this.called(mask) });
  }

  /** What a detector found is dismissed, never deleted: the second reader sees it. */
  remove(key) {
    const mask = this.store.get(key);
    if (mask.detector) return mask.state === "dismissed" ? undefined : this.dismiss(key);
    this.store.remove(key);
    this.announce("removed", { kind: this.called(mask) });
  }

  step(back) {
    const done = back ? this.store.undo() : this.store.redo();
    if (done) this.announce(back ? "undone" : "redone");
    else this.announce(back ? "not_undone" : "not_redone");
  }

  pan(dx, dy) {
    this.stage.panBy(dx, dy);
    const { left, top } = this.stage.visible();
    this.announce("panned", { left: percent(left, this.store.width), top: percent(top, this.store.height) });
  }

  zoom(change) {
    change();
    this.announce("zoomed", { percent: Math.round(100 * this.stage.zoom) });
  }

  help() {
    this.part("help").showModal();
  }

  async showResult() {
    if (await this.everythingSaved()) this.result.open(this.store.revision);
  }

  /** Put the same covers on the next picture. */
  async copy(button) {
    if (!(await this.everythingSaved())) return;
    button.disabled = true;
    const { status, data } = await post(this.root.dataset.copyUrl, "");
    button.disabled = false;
    const node = this.part("copied");
    if (status !== 200) node.textContent = data?.error ?? say("copy_failed");
    else {
      const link = Object.assign(document.createElement("a"), { href: data.href, textContent: say("copied_look") });
      node.replaceChildren(say("copied", { count: data.copied }), " ", link);
    }
  }

  click(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const name = button.dataset.do;
    const actions = {
      select: () => this.chooseTool(null),
      undo: () => this.step(true),
      redo: () => this.step(false),
      "zoom-in": () => this.zoom(() => this.stage.zoomIn()),
      "zoom-out": () => this.zoom(() => this.stage.zoomOut()),
      fit: () => this.zoom(() => this.stage.fit()),
      result: () => this.showResult(),
      help: () => this.help(),
      mend: () => this.mend(button.dataset.offer),
      copy: () => this.copy(button),
    };
    if (name in actions) return actions[name]();
    if (!TOOLS.includes(name)) return;
    // detail 0: pressed by key or by an assistive tool; nothing can be dragged then.
    if (event.detail === 0) return this.put(name);
    this.chooseTool(this.stage.mode === name ? null : name);
  }
}

attach("[data-studio]", async (root) => {
  try {
    const picture = await loaded(root.dataset.picture);
    new Studio(root, picture);
  } catch (error) {
    if (error instanceof Error) throw error;
    const note = Object.assign(document.createElement("p"), {
      className: "notice notice-error",
      textContent: say("picture_failed"),
    });
    note.setAttribute("role", "alert");
    root.querySelector("[data-studio-stage]").append(note);
  }
});
