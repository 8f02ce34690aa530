// Every action by key, while the focus is in the studio. Pressing ? lists them.
import * as commands from "./commands.js";
import { CROP } from "./store.js";

/** @import { Tool } from "./drafts.js" */
/** @import { StudioView } from "./view.js" */

/** @type {Record<string, Tool>} */
export const TOOL_KEYS = { b: "box", e: "ellipse", t: "band", p: "brush", w: "window", c: "crop" };
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SMALL_STEP = 1 / 200; // of the picture's side
const BIG_STEP = 1 / 20;
const PAN_PX = 40; // on the screen
const TURN_DEGREES = 5;

/** @typedef {() => unknown} Action */

export class Keys {
  /** @param {StudioView} view */
  constructor(view) {
    this.view = view;
    view.root.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (!(event.target instanceof Element) || event.target.closest("dialog, select, input, textarea")) return;
    const action = this.actionFor(event, event.target);
    if (!action) return;
    event.preventDefault();
    action();
  }

  /**
   * Return what a key does here, or null when the studio leaves it to the page.
   *
   * @param {KeyboardEvent} event
   * @param {Element} target
   * @returns {Action | null}
   */
  actionFor({ key, shiftKey, altKey, ctrlKey, metaKey }, target) {
    const { view } = this;
    const lower = key.toLowerCase();
    if (ctrlKey || metaKey) {
      if (lower === "y" || (lower === "z" && shiftKey)) return () => view.redo();
      return lower === "z" ? () => view.undo() : null;
    }
    const isOnStage = target === view.part("stage");
    if (key in ARROWS && !target.closest(".studio-tools")) return () => this.onArrow(ARROWS[key], shiftKey, altKey);
    if (key === "Tab" && isOnStage && !altKey) return this.selectNext(shiftKey ? -1 : 1);
    if (altKey) return null;
    if (lower in TOOL_KEYS) return () => view.place(TOOL_KEYS[lower]);
    if (lower === "n") return () => view.place(view.lastTool);
    if (key === "+" || key === "=") return () => view.zoom(() => view.stage.zoomIn());
    if (key === "-") return () => view.zoom(() => view.stage.zoomOut());
    if (key === "0") return () => view.zoom(() => view.stage.fit());
    if (key === "?") return () => view.showHelp();
    if (lower === "r") return () => view.showResult();
    if (lower === "s" || key === "Escape") return () => view.chooseTool(null);
    return this.actionOnSelected(key, lower, isOnStage);
  }

  /**
   * @param {string} key
   * @param {string} lower the same in lower case
   * @param {boolean} isOnStage
   * @returns {Action | null}
   */
  actionOnSelected(key, lower, isOnStage) {
    const { view } = this;
    const { store } = view;
    const isDelete = key === "Delete" || key === "Backspace";
    if (store.selected === CROP) return isDelete ? () => view.uncrop() : null;
    const mask = store.get(store.selected);
    if (!mask) return null;
    if (isDelete) return () => view.remove(mask.key);
    if (key === "[") return () => view.show(commands.rotate(store, mask.key, -TURN_DEGREES));
    if (key === "]") return () => view.show(commands.rotate(store, mask.key, TURN_DEGREES));
    const other = mask.style === "bar" ? "veil" : "bar";
    if (lower === "v" && mask.kind !== "window") return () => view.restyle(mask.key, other);
    if (lower === "a" && mask.detector && mask.state !== "accepted") return () => view.accept(mask.key);
    if (key === "Enter" && isOnStage && mask.state === "check") return () => view.accept(mask.key);
    return null;
  }

  /**
   * Go from one mask to the next. Beyond the last one Tab leaves the picture, as it leaves everything else.
   *
   * @param {-1 | 1} by
   * @returns {Action | null}
   */
  selectNext(by) {
    const next = commands.neighbour(this.view.store, by);
    return next === null ? null : () => this.view.select(next);
  }

  /**
   * @param {[number, number]} direction
   * @param {boolean} isBig
   * @param {boolean} isResize
   */
  onArrow([dx, dy], isBig, isResize) {
    const { store, stage } = this.view;
    const { selected } = store;
    const share = isBig ? BIG_STEP : SMALL_STEP;
    const x = dx * Math.max(1, share * store.width);
    const y = dy * Math.max(1, share * store.height);
    if (selected === null) return this.view.pan(-PAN_PX * dx, -PAN_PX * dy);
    const outcome = isResize ? commands.resize(store, selected, x, y) : commands.move(store, selected, x, y);
    const mask = store.get(selected);
    if (mask) stage.reveal(mask);
    this.view.show(outcome);
  }
}
