// The picture with its masks as objects (Konva). World coordinates are px of the full-size picture.
import { element } from "../../../core/dom.js";
import { Emitter } from "./emitter.js";
import { Frame } from "./frame.js";
import { applyLook, makeShape } from "./painter.js";
import { Pointer } from "./pointer.js";
import { ReaderMarks } from "./reader-marks.js";
import { CROP } from "./store.js";

/** @import KonvaNamespace from "konva" */
/** @import { MaskTool, Position, Tool } from "./drafts.js" */
/** @import { ReaderMark } from "./reader-marks.js" */
/** @import { Box } from "./shapes.js" */
/** @import { Draft, Mask, Store } from "./store.js" */

/** @typedef {{ tool: "crop", box: Box } | { tool: MaskTool, draft: Draft }} Drawn */
/** @typedef {{ shape: KonvaNamespace.Shape, label: KonvaNamespace.Text }} MaskNode */

const { Konva } = window;
const MAX_ZOOM = 12; // times the whole picture; a long one at least pixel by pixel
const STEP = 1.3;
const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
const coarsePointer = window.matchMedia("(pointer: coarse)");
Konva.hitOnDragEnabled = true; // or a second finger is not seen while the first one drags

/**
 * The canvas. Emits "draw" when something was drawn, "moved" when a mask was dragged, pulled or turned, "mode" when
 * another tool was chosen, "view" when the picture was zoomed or panned.
 *
 * @extends {Emitter<{ draw: Drawn, moved: { key: string }, mode: null, view: null }>}
 */
export class Stage extends Emitter {
  /**
   * @param {object} options
   * @param {HTMLElement} options.container
   * @param {Store} options.store
   * @param {HTMLImageElement} options.picture
   * @param {ReaderMark[]} options.marks of a second reader
   */
  constructor({ container, store, picture, marks }) {
    super();
    this.container = container;
    this.store = store;
    this.picture = picture;
    /** @type {Tool | null} the tool that draws */
    this.mode = null;
    this.fitScale = 0; // at which the whole picture shows
    this.thickness = 0.04 * Math.max(store.width, store.height);
    /** @type {Map<string, MaskNode>} */
    this.nodes = new Map();
    this.holder = element("div", { className: "studio-canvas" });
    container.append(this.holder);
    this.stage = new Konva.Stage({ container: this.holder, width: 10, height: 10, draggable: true });
    this.below = new Konva.Layer({ listening: false });
    this.above = new Konva.Layer();
    this.transformer = new Konva.Transformer({
      anchorSize: coarsePointer.matches ? 18 : 12,
      anchorCornerRadius: 9,
      anchorStroke: "#0b5a5e",
      borderStroke: "#fff",
      rotateAnchorOffset: coarsePointer.matches ? 36 : 26,
      flipEnabled: false,
      ignoreStroke: true,
      rotationSnaps: [0, 90, 180, 270],
      rotationSnapTolerance: 3,
      keepRatio: false,
      // What one can hit is as large as a finger, whatever is drawn.
      anchorStyleFunc: (/** @type {KonvaNamespace.Rect} */ anchor) =>
        anchor.hitStrokeWidth(coarsePointer.matches ? 24 : 8),
    });
    this.above.add(this.transformer);
    this.stage.add(this.below, this.above);
    this.below.add(new Konva.Image({ image: picture, width: store.width, height: store.height }));
    this.frame = new Frame({ layer: this.above, store, onChange: (box) => store.cut(box) });
    this.flash = new Konva.Animation((frame) => {
      const beat = 0.45 + 0.55 * Math.abs(Math.cos((frame?.time ?? 0) / 320));
      for (const mask of store.masks) if (mask.state === "check") this.nodes.get(mask.key)?.shape.opacity(beat);
    }, this.above);
    this.readerMarks = marks.length ? new ReaderMarks(this.stage, marks) : null;
    this.pointer = new Pointer(this);
    new ResizeObserver(() => this.resize()).observe(container);
    this.resize();
    store.on("change", () => this.sync());
    store.on("select", () => this.sync());
    reducedMotion.addEventListener("change", () => this.sync());
    this.sync();
  }

  // --- View

  resize() {
    const { clientWidth, clientHeight } = this.container;
    if (!clientWidth || !clientHeight) return;
    const isWhole = !this.fitScale || Math.abs(this.stage.scaleX() - this.fitScale) < 1e-6;
    this.stage.size({ width: clientWidth, height: clientHeight });
    const room = 0.98;
    this.fitScale = Math.min((room * clientWidth) / this.store.width, (room * clientHeight) / this.store.height);
    if (isWhole) this.fit();
    else this.place(this.stage.position(), Math.max(this.stage.scaleX(), this.fitScale));
  }

  fit() {
    this.place({ x: -Infinity, y: -Infinity }, this.fitScale);
  }

  /**
   * Return the nearest position at which the picture does not leave the frame.
   *
   * @param {Position} position px on the screen
   * @param {number} scale px on the screen for one of the picture
   * @returns {Position}
   */
  bounded({ x, y }, scale) {
    /**
     * @param {number} value
     * @param {number} frame
     * @param {number} size
     */
    const bound = (value, frame, size) =>
      size <= frame ? (frame - size) / 2 : Math.min(0, Math.max(frame - size, value));
    return {
      x: bound(x, this.stage.width(), scale * this.store.width),
      y: bound(y, this.stage.height(), scale * this.store.height),
    };
  }

  /**
   * @param {Position} position
   * @param {number} scale
   */
  place(position, scale) {
    this.stage.scale({ x: scale, y: scale });
    this.stage.position(this.bounded(position, scale));
    this.placeLabels();
    this.stage.batchDraw();
    this.emit("view", null);
  }

  /** How much the picture is enlarged; 1 when the whole of it shows. */
  get zoom() {
    return this.fitScale ? this.stage.scaleX() / this.fitScale : 1;
  }

  /**
   * @param {number} factor
   * @param {Position} [at] the place on the screen that stays where it is
   */
  zoomBy(factor, at = { x: this.stage.width() / 2, y: this.stage.height() / 2 }) {
    const before = this.stage.scaleX();
    const scale = Math.min(Math.max(before * factor, this.fitScale), Math.max(MAX_ZOOM * this.fitScale, 1));
    const { x, y } = this.stage.position();
    this.place({ x: at.x - ((at.x - x) * scale) / before, y: at.y - ((at.y - y) * scale) / before }, scale);
  }

  zoomIn() {
    this.zoomBy(STEP);
  }

  zoomOut() {
    this.zoomBy(1 / STEP);
  }

  /**
   * @param {number} dx px on the screen
   * @param {number} dy
   */
  panBy(dx, dy) {
    const { x, y } = this.stage.position();
    this.place({ x: x + dx, y: y + dy }, this.stage.scaleX());
  }

  /**
   * Bring the centre of a mask into view when the picture is enlarged.
   *
   * @param {Mask} mask
   */
  reveal(mask) {
    const seen = this.visible();
    const x = mask.x + mask.width / 2;
    const y = mask.y + mask.height / 2;
    if (x >= seen.x && x <= seen.x + seen.width && y >= seen.y && y <= seen.y + seen.height) return;
    const scale = this.stage.scaleX();
    this.place({ x: this.stage.width() / 2 - x * scale, y: this.stage.height() / 2 - y * scale }, scale);
  }

  /**
   * Return the visible part of the picture, px of the full picture.
   *
   * @returns {Box}
   */
  visible() {
    const scale = this.stage.scaleX();
    const { x, y } = this.stage.position();
    const left = Math.max(0, -x / scale);
    const top = Math.max(0, -y / scale);
    const right = Math.min(this.store.width, (this.stage.width() - x) / scale);
    const bottom = Math.min(this.store.height, (this.stage.height() - y) / scale);
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  // --- Masks

  sync() {
    const { store } = this;
    const all = [...store.painted, ...store.masks];
    for (const [key, node] of this.nodes) {
      if (all.some((mask) => mask.key === key)) continue;
      node.shape.destroy();
      node.label.destroy();
      this.nodes.delete(key);
    }
    for (const mask of all) {
      const { shape } = this.nodes.get(mask.key) ?? this.create(mask);
      applyLook(shape, mask, { isSelected: store.selected === mask.key, store });
    }
    for (const [index, mask] of store.masks.entries()) {
      this.nodes.get(mask.key)?.label.text(mask.state === "check" ? `${index + 1} ?` : String(index + 1));
    }
    // Windows lie over the veils that they open; what is selected can be grasped.
    for (const mask of store.masks) if (mask.kind === "window") this.nodes.get(mask.key)?.shape.moveToTop();
    const selected = this.nodes.get(store.selected ?? "")?.shape;
    selected?.moveToTop();
    for (const node of this.nodes.values()) node.label.moveToTop();
    this.frame.sync();
    const grasped = store.selected === CROP ? this.frame.node : this.mode ? null : selected;
    this.transformer.rotateEnabled(store.selected !== CROP);
    if (grasped) this.setHandles(grasped);
    this.transformer.nodes(grasped ? [grasped] : []);
    this.transformer.moveToTop();
    const flashing = store.toCheck > 0 && !reducedMotion.matches;
    if (flashing && !this.flash.isRunning()) this.flash.start();
    if (!flashing) this.flash.stop();
    this.placeLabels();
    this.above.batchDraw();
  }

  /**
   * @param {Mask} mask
   * @returns {MaskNode}
   */
  create(mask) {
    const { key } = mask;
    const isPainted = mask.state === "painted";
    const shape = makeShape(() => (isPainted ? mask : this.store.get(key)), this.picture);
    shape.setAttrs({ draggable: !isPainted && !this.mode, listening: !isPainted });
    const label = new Konva.Text({
      listening: false,
      fontSize: 14,
      fontStyle: "bold",
      fill: "#fff",
      shadowColor: "#000",
      shadowBlur: 3,
    });
    const node = { shape, label };
    this.above.add(shape, label);
    this.nodes.set(key, node);
    this.pointer.watch(shape, key);
    return node;
  }

  /** Keep the size of the numbers on the screen, and their place in the upper left corner of their mask. */
  placeLabels() {
    const scale = 1 / this.stage.scaleX();
    this.readerMarks?.scale(scale);
    for (const { shape, label } of this.nodes.values()) {
      const corner = shape.getTransform().point({ x: 0, y: 0 });
      const turn = (shape.rotation() * Math.PI) / 180;
      const [right, down] = [5 * scale, 4 * scale];
      const x = corner.x + right * Math.cos(turn) - down * Math.sin(turn);
      const y = corner.y + right * Math.sin(turn) + down * Math.cos(turn);
      label.setAttrs({ x, y, rotation: shape.rotation(), scaleX: scale, scaleY: scale });
    }
  }

  /**
   * Choose handles that leave a small mask to be seen, and to be grasped, on the screen of a phone.
   *
   * @param {KonvaNamespace.Shape} node
   */
  setHandles(node) {
    const isSmall = Math.min(node.width(), node.height()) * this.stage.scaleX() < (coarsePointer.matches ? 110 : 48);
    const corners = ["top-left", "top-right", "bottom-left", "bottom-right"];
    const sides = ["top-center", "middle-left", "middle-right", "bottom-center"];
    this.transformer.enabledAnchors(isSmall ? ["bottom-right", "top-left"] : [...corners, ...sides]);
    this.transformer.padding(isSmall ? 8 : 0);
  }

  /**
   * Take over where a node was dragged, pulled or turned to.
   *
   * @param {string} key
   * @param {KonvaNamespace.Shape} node
   */
  readBack(key, node) {
    const width = node.width() * Math.abs(node.scaleX());
    const height = node.height() * Math.abs(node.scaleY());
    const angle = ((node.rotation() + 540) % 360) - 180;
    this.store.update(key, { x: node.x() - width / 2, y: node.y() - height / 2, width, height, angle });
    this.emit("moved", { key });
  }

  /** @param {Tool | null} mode */
  setMode(mode) {
    this.mode = mode;
    this.stage.draggable(!mode);
    for (const mask of this.store.masks) this.nodes.get(mask.key)?.shape.draggable(!mode);
    this.pointer.cursor(mode ? "crosshair" : "");
    this.sync();
    this.emit("mode", null);
  }
}
