// Every action by key, while the focus is in the studio. Pressing ? lists them.
import { CROP } from "./store.js";

export const TOOL_KEYS = { b: "box", e: "ellipse", t: "band", p: "brush", w: "window", c: "crop" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SMALL = 1 / 200; // of the picture's side
const BIG = 1 / 20;
const TURN_DEGREES = 5;

export class Keys {
  constructor(studio) {
    this.studio = studio;
    studio.root.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const { target } = event;
    if (target.closest("dialog, select, input, textarea")) return;
    const act = this.meant(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  meant(event) {
    const { studio } = this;
    const { key, target, shiftKey, altKey } = event;
    const lower = key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (lower === "y" || (lower === "z" && shiftKey)) return () => studio.step(false);
      return lower === "z" ? () => studio.step(true) : null;
    }
    const isOnStage = target === studio.part("stage");
    if (key in ARROWS && !target.closest(".studio-tools")) return () => this.arrow(ARROWS[key], shiftKey, altKey);
    if (key === "Tab" && isOnStage && !altKey) return this.cycle(shiftKey ? -1 : 1);
    if (altKey) return null;
    if (lower in TOOL_KEYS) return () => studio.put(TOOL_KEYS[lower]);
    if (lower === "n") return () => studio.put(studio.lastTool);
    if (key === "+" || key === "=") return () => studio.zoom(() => studio.stage.zoomIn());
    if (key === "-") return () => studio.zoom(() => studio.stage.zoomOut());
    if (key === "0") return () => studio.zoom(() => studio.stage.fit());
    if (key === "?") return () => studio.help();
    if (lower === "r") return () => studio.showResult();
    if (lower === "s" || key === "Escape") return () => studio.chooseTool(null);
    return this.onSelected(key, lower, isOnStage);
  }

  onSelected(key, lower, isOnStage) {
    const { studio } = this;
    const { selected } = studio.store;
    const isDelete = key === "Delete" || key === "Backspace";
    if (selected === CROP) return isDelete ? () => studio.uncut() : null;
    const mask = studio.store.get(selected);
    if (!mask) return null;
    if (isDelete) return () => studio.remove(mask.key);
    if (key === "[" || key === "]") return () => this.turn(mask, key === "]" ? TURN_DEGREES : -TURN_DEGREES);
    if (lower === "v" && mask.kind !== "window")
      return () => studio.restyle(mask.key, mask.style === "bar" ? "veil" : "bar");
    if (lower === "a" && mask.detector && mask.state !== "accepted") return () => studio.accept(mask.key);
    if (key === "Enter" && isOnStage && mask.state === "check") return () => studio.accept(mask.key);
    return null;
  }

  /** From one mask to the next; beyond the last one Tab leaves the picture, as it leaves everything else. */
  cycle(by) {
    const { store } = this.studio;
    const keys = [...(store.crop ? [CROP] : []), ...store.masks.map((mask) => mask.key)];
    const at = keys.indexOf(store.selected);
    const next = at < 0 ? (by > 0 ? 0 : -1) : at + by;
    if (next < 0 || next >= keys.length) return null;
    return () => this.studio.pick(keys[next]);
  }

  arrow([dx, dy], big, resize) {
    const { stage, store } = this.studio;
    const share = big ? BIG : SMALL;
    const x = dx * Math.max(1, share * store.width);
    const y = dy * Math.max(1, share * store.height);
    if (store.selected === CROP) return this.arrowCrop(x, y, resize);
    const mask = store.get(store.selected);
    if (!mask) return this.studio.pan(-40 * dx, -40 * dy);
    const patch = resize
      ? { x: mask.x - x / 2, y: mask.y - y / 2, width: mask.width + x, height: mask.height + y }
      : { x: mask.x + x, y: mask.y + y };
    const next = store.update(mask.key, patch, { quick: true });
    stage.reveal(next);
    this.studio.sayPlace(mask.key);
  }

  arrowCrop(x, y, resize) {
    const { store } = this.studio;
    const { crop } = store;
    const moved = resize
      ? { ...crop, width: crop.width + x, height: crop.height + y }
      : { ...crop, x: crop.x + x, y: crop.y + y };
    store.cut(moved, { quick: true });
    this.studio.sayCrop();
  }

  turn(mask, degrees) {
    const angle = ((Math.round(mask.angle) + degrees + 540) % 360) - 180;
    this.studio.store.update(mask.key, { angle }, { quick: true });
    this.studio.announce("turned", { kind: this.studio.called(mask), angle: mask.shape === "brush" ? degrees : angle });
  }
}
