// [data-studio]: cover what identifies a patient, by mouse, touch and keys. This view binds buttons, keys and the
// canvas to the commands and shows what they did. The server is the truth: masks are saved as one draws, and the
// result that one confirms is the server's own rendering.
import { announce } from "../../../core/announce.js";
import { attach } from "../../../core/attach.js";
import { element, find, targetOf } from "../../../core/dom.js";
import { post } from "../../../core/http.js";
import { words } from "../../../core/words.js";
import * as commands from "./commands.js";
import { guardConfirmation } from "./confirm.js";
import { draftCrop, draftMask } from "./drafts.js";
import { Keys, TOOL_KEYS } from "./keys.js";
import { List } from "./list.js";
import { Result } from "./result.js";
import { Saver } from "./saver.js";
import { mayCrop } from "./shapes.js";
import { Stage } from "./stage.js";
import { CROP, Store } from "./store.js";
import { askWhy } from "./why.js";

/** @import { Outcome } from "./commands.js" */
/** @import { Tool } from "./drafts.js" */
/** @import { SaveState, StatusOptions } from "./saver.js" */
/** @import { Drawn } from "./stage.js" */
/** @import { MaskKind, MaskStyle } from "./store.js" */

const say = words("studio");
const TOOLS = Object.values(TOOL_KEYS);
const ZOOMED = 1.001; // the whole picture is 1

/**
 * @param {string} url
 * @returns {Promise<HTMLImageElement>}
 */
function loadImage(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = reject;
    image.src = url;
  });
}

/** @param {string} [id] of a script element with JSON */
const jsonOf = (id) => JSON.parse(find(document, `#${id}`).textContent ?? "");

export class StudioView {
  /**
   * @param {HTMLElement} root
   * @param {HTMLImageElement} picture the preview, loaded
   */
  constructor(root, picture) {
    this.root = root;
    /** @type {Tool} */
    this.lastTool = "box";
    const { width, height, masks, painted, crop, marks, revision, saveUrl = "", resultUrl = "" } = root.dataset;
    this.store = new Store({
      width: Number(width),
      height: Number(height),
      revision: Number(revision ?? 0),
      masks: jsonOf(masks),
      painted: jsonOf(painted),
      crop: jsonOf(crop),
    });
    this.stage = new Stage({ container: this.part("stage"), store: this.store, picture, marks: jsonOf(marks) });
    this.list = new List({ node: this.part("list"), bar: this.part("bar"), store: this.store, say, actions: this });
    this.saver = new Saver({
      store: this.store,
      url: saveUrl,
      say,
      onState: (state, text, options) => this.showState(state, text, options),
      onRules: (sentences) => this.showRules(sentences),
    });
    this.result = new Result({
      dialog: find(root, "[data-studio-result]", HTMLDialogElement),
      picture,
      store: this.store,
      url: resultUrl,
      say,
      goOn: () => document.querySelector("[data-studio-next]")?.scrollIntoView({ block: "start" }),
    });
    this.keys = new Keys(this);
    this.store.on("change", () => this.refresh());
    this.stage.on("draw", (drawn) => this.onDraw(drawn));
    this.stage.on("moved", ({ key }) => this.show(commands.placed(this.store, key)));
    this.stage.on("mode", () => this.refresh());
    this.stage.on("view", () => this.refresh());
    root.addEventListener("click", (event) => this.onClick(event));
    guardConfirmation({ everythingSaved: () => this.everythingSaved(), say });
    const thickness = find(root, "[data-studio-thickness]", HTMLInputElement);
    const setThickness = () => {
      const side = Math.max(this.store.width, this.store.height);
      this.stage.thickness = (Number(thickness.value) / 100) * side;
    };
    thickness.addEventListener("input", setThickness);
    setThickness();
    this.refresh();
  }

  /** @param {string} name */
  part(name) {
    return find(this.root, `[data-studio-${name}]`);
  }

  /** @param {string} name */
  button(name) {
    return find(this.root, `[data-do="${name}"]`, HTMLButtonElement);
  }

  // --- What stands around the picture

  refresh() {
    const { store, stage } = this;
    this.button("undo").disabled = !store.past.length;
    this.button("redo").disabled = !store.future.length;
    this.button("zoom-out").disabled = stage.zoom <= ZOOMED;
    this.button("fit").disabled = stage.zoom <= ZOOMED;
    for (const tool of [...TOOLS, "select"]) {
      const isPressed = tool === (stage.mode ?? "select");
      this.button(tool).setAttribute("aria-pressed", String(isPressed));
    }
    this.part("brush").hidden = stage.mode !== "brush";
    const hint = this.part("hint");
    hint.dataset.usual ??= hint.textContent ?? "";
    const isCropFirst = store.hasFace && !store.crop && mayCrop(store);
    hint.textContent = stage.mode ? say(`draw_${stage.mode}`) : isCropFirst ? say("crop_first") : hint.dataset.usual;
    const count = this.part("count");
    count.hidden = store.toCheck === 0;
    count.textContent = say("to_check", { count: store.toCheck });
  }

  /**
   * Show what became of the last change.
   *
   * @param {SaveState} state
   * @param {string} text
   * @param {StatusOptions} [options]
   */
  showState(state, text, { offer = "", isAnnounced = true } = {}) {
    const node = this.part("status");
    node.dataset.state = state;
    node.textContent = text;
    const button = this.button("mend");
    button.hidden = !offer;
    button.textContent = offer && say(offer);
    button.dataset.offer = offer;
    if (state === "failed" && isAnnounced) announce(text);
    if (state !== "saved") return;
    const { revision, toCheck } = this.store;
    for (const input of document.querySelectorAll("[data-studio-revision]")) {
      if (input instanceof HTMLInputElement) input.value = String(revision);
    }
    this.root.dispatchEvent(new CustomEvent("rete:saved", { bubbles: true, detail: { revision, toCheck } }));
  }

  /** @param {string[]} sentences what still forbids the confirmation */
  showRules(sentences) {
    this.part("rules").replaceChildren(...sentences.map((textContent) => element("li", { textContent })));
  }

  /**
   * Announce what a command did, or show why it was refused.
   *
   * @param {Outcome | null} outcome
   */
  show(outcome) {
    if (!outcome) return;
    const terms = Object.entries(outcome.terms).map(([name, word]) => [name, say(word)]);
    const text = say(outcome.key, { ...outcome.values, ...Object.fromEntries(terms) });
    if (outcome.isRefused) this.showState("failed", text);
    else announce(text);
  }

  /**
   * Resolve to whether the server has it all. What it refused is brought into view, where it says why.
   *
   * @returns {Promise<boolean>}
   */
  async everythingSaved() {
    if (await this.saver.flush()) return true;
    this.part("status").scrollIntoView({ block: "center", behavior: "instant" });
    announce(this.part("status").textContent);
    return false;
  }

  // --- Tools

  /** @param {Tool | null} tool null: no tool, masks can be selected */
  chooseTool(tool) {
    if (tool) this.lastTool = tool;
    this.store.select(tool === "crop" && this.store.crop ? CROP : null);
    const refusal = tool === "crop" ? commands.cropRefusal(this.store) : null;
    if (refusal) return this.show(refusal);
    this.stage.setMode(tool);
    announce(say(tool ? `draw_${tool}` : "unselected"));
    if (tool) this.part("picture").scrollIntoView({ block: "nearest" });
  }

  /** @param {Drawn} drawn with the pointer */
  onDraw(drawn) {
    // A stroke is seldom the only one.
    if (drawn.tool !== "brush") this.stage.setMode(null);
    if (drawn.tool === "crop") return this.show(commands.crop(this.store, drawn.box));
    this.show(commands.add(this.store, drawn.draft));
    if (drawn.tool === "brush") this.store.select(null);
  }

  /**
   * Place a mask or crop of ordinary size by key, without drawing: in the middle of what is seen.
   *
   * @param {Tool} tool
   */
  place(tool) {
    const { store, stage } = this;
    this.lastTool = tool;
    stage.setMode(null);
    if (tool !== "crop") {
      const { thickness } = stage;
      return this.show(commands.add(store, draftMask(store, tool, { visible: stage.visible(), thickness })));
    }
    const refusal = commands.cropRefusal(store);
    if (refusal) return this.show(refusal);
    if (store.crop) return this.select(CROP);
    return this.show(commands.crop(store, draftCrop(store)));
  }

  /** @param {string} key of a mask, or CROP */
  select(key) {
    const outcome = commands.select(this.store, key);
    const mask = this.store.get(key);
    if (mask) this.stage.reveal(mask);
    this.show(outcome);
  }

  // --- Commands, as the list, the keys and the buttons call them

  undo() {
    this.show(commands.undo(this.store));
  }

  redo() {
    this.show(commands.redo(this.store));
  }

  uncrop() {
    this.show(commands.uncrop(this.store));
  }

  /**
   * @param {string} key
   * @param {MaskStyle} style
   */
  restyle(key, style) {
    this.show(commands.restyle(this.store, key, style));
  }

  /**
   * @param {string} key
   * @param {MaskKind} kind
   */
  setKind(key, kind) {
    commands.setKind(this.store, key, kind);
  }

  /** @param {string} key */
  accept(key) {
    this.show(commands.accept(this.store, key));
  }

  /**
   * Dismiss what a detector found; ask why where a reason is needed.
   *
   * @param {string} key
   */
  async dismiss(key) {
    const mask = this.store.get(key);
    if (!mask) return;
    const dialog = find(this.root, "[data-studio-why]", HTMLDialogElement);
    const reason = commands.needsReason(mask) ? await askWhy(dialog, mask.kind) : "";
    if (reason !== null) this.show(commands.dismiss(this.store, key, reason));
  }

  /**
   * Delete a mask; what a detector found is dismissed instead.
   *
   * @param {string} key
   */
  remove(key) {
    const mask = this.store.get(key);
    if (!mask?.detector) return this.show(commands.remove(this.store, key));
    if (mask.state !== "dismissed") this.dismiss(key);
  }

  // --- View

  /**
   * @param {number} dx px on the screen
   * @param {number} dy
   */
  pan(dx, dy) {
    this.stage.panBy(dx, dy);
    const { x, y } = this.stage.visible();
    const { width, height } = this.store;
    announce(say("panned", { left: commands.percent(x, width), top: commands.percent(y, height) }));
  }

  /** @param {() => void} change */
  zoom(change) {
    change();
    announce(say("zoomed", { percent: Math.round(100 * this.stage.zoom) }));
  }

  showHelp() {
    find(this.root, "[data-studio-help]", HTMLDialogElement).showModal();
  }

  // --- With the server

  /** @param {string} [offer] what the button beside the status offers */
  mend(offer) {
    if (offer === "reload") return window.location.reload();
    return offer === "undo" ? this.undo() : this.saver.save();
  }

  async showResult() {
    if (await this.everythingSaved()) this.result.open(this.store.revision);
  }

  /** Put the same covers on the next picture. */
  async copyToNext() {
    if (!(await this.everythingSaved())) return;
    const button = this.button("copy");
    button.disabled = true;
    const { status, data } = await post(this.root.dataset.copyUrl ?? "", "");
    button.disabled = false;
    const note = this.part("copied");
    if (status !== 200) {
      note.textContent = data?.error ?? say("copy_failed");
      return;
    }
    const link = element("a", { href: data.href, textContent: say("copied_look") });
    note.replaceChildren(say("copied", { count: data.copied }), " ", link);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const button = targetOf(event)?.closest("[data-do]");
    if (!(button instanceof HTMLElement)) return;
    const name = button.dataset.do ?? "";
    /** @type {Record<string, () => unknown>} */
    const actions = {
      select: () => this.chooseTool(null),
      undo: () => this.undo(),
      redo: () => this.redo(),
      "zoom-in": () => this.zoom(() => this.stage.zoomIn()),
      "zoom-out": () => this.zoom(() => this.stage.zoomOut()),
      fit: () => this.zoom(() => this.stage.fit()),
      result: () => this.showResult(),
      help: () => this.showHelp(),
      mend: () => this.mend(button.dataset.offer),
      copy: () => this.copyToNext(),
    };
    if (name in actions) return actions[name]();
    const tool = TOOLS.find((each) => each === name);
    if (!tool) return;
    // detail 0: pressed by key or by an assistive tool; nothing can be dragged then.
    if (event.detail === 0) return this.place(tool);
    this.chooseTool(this.stage.mode === tool ? null : tool);
  }
}

attach("[data-studio]", async (root) => {
  try {
    const picture = await loadImage(root.dataset.picture ?? "");
    new StudioView(root, picture);
  } catch (error) {
    if (error instanceof Error) throw error;
    const note = element("p", { className: "notice notice-error", textContent: say("picture_failed") });
    note.setAttribute("role", "alert");
    find(root, "[data-studio-stage]").append(note);
  }
});
