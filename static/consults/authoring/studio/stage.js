// The picture with its masks as objects (Konva). World coordinates are px of the full-size picture.
import { Frame } from "./frame.js";
import { Marked } from "./marked.js";
import { dress, shapeOf } from "./painter.js";
import { Pointer } from "./pointer.js";
import { CROP } from "./store.js";

const { Konva } = window;
const MOST_ZOOM = 12; // times the whole picture; a long one at least pixel by pixel
const STEP = 1.3;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const coarse = window.matchMedia("(pointer: coarse)");
Konva.hitOnDragEnabled = true; // or a second finger is not seen while the first one drags

export class Stage extends EventTarget {
  /** `marks`: of a second reader, as Marked takes them. */
  constructor({ container, store, picture, marks }) {
    super();
    Object.assign(this, { store, container, picture });
    this.mode = null;
    this.thickness = 0.04 * Math.max(store.width, store.height);
    this.nodes = new Map();
    this.holder = document.createElement("div");
    this.holder.className = "studio-canvas";
    container.append(this.holder);
    this.stage = new Konva.Stage({ container: this.holder, width: 10, height: 10, draggable: true });
    this.below = new Konva.Layer({ listening: false });
    this.above = new Konva.Layer();
    this.turner = new Konva.Transformer({
      anchorSize: coarse.matches ? 18 : 12,
      anchorCornerRadius: 9,
      anchorStroke: "#0b5a5e",
      borderStroke: "#fff",
      rotateAnchorOffset: coarse.matches ? 36 : 26,
      flipEnabled: false,
      ignoreStroke: true,
      rotationSnaps: [0, 90, 180, 270],
      rotationSnapTolerance: 3,
      keepRatio: false,
      // What one can hit is as large as a finger, whatever is drawn.
      anchorStyleFunc: (anchor) => anchor.hitStrokeWidth(coarse.matches ? 24 : 8),
    });
    this.above.add(this.turner);
    this.stage.add(this.below, this.above);
    this.below.add(new Konva.Image({ image: picture, width: store.width, height: store.height }));
    this.frame = new Frame({ layer: this.above, store, changed: (box) => store.cut(box) });
    this.flash = new Konva.Animation((frame) => {
      const beat = 0.45 + 0.55 * Math.abs(Math.cos(frame.time / 320));
      for (const mask of store.masks) if (mask.state === "check") this.nodes.get(mask.key)?.opacity(beat);
    }, this.above);
    this.marked = marks.length ? new Marked(this.stage, marks) : null;
    this.pointer = new Pointer(this);
    new ResizeObserver(() => this.resize()).observe(container);
    this.resize();
    store.addEventListener("change", () => this.sync());
    store.addEventListener("select", () => this.sync());
    still.addEventListener("change", () => this.sync());
    this.sync();
  }

  // --- View

  resize() {
    const { clientWidth, clientHeight } = this.container;
    if (!clientWidth || !clientHeight) return;
    const whole = !this.fitScale || Math.abs(this.stage.scaleX() - this.fitScale) < 1e-6;
    this.stage.size({ width: clientWidth, height: clientHeight });
    const room = 0.98;
    this.fitScale = Math.min((room * clientWidth) / this.store.width, (room * clientHeight) / this.store.height);
    if (whole) this.fit();
    else this.place(this.stage.position(), Math.max(this.stage.scaleX(), this.fitScale));
  }

  fit() {
    this.place({ x: -Infinity, y: -Infinity }, this.fitScale);
  }

  /** The nearest position at which the picture does not leave the frame. */
  bounded({ x, y }, scale) {
    const bound = (value, frame, size) =>
      size <= frame ? (frame - size) / 2 : Math.min(0, Math.max(frame - size, value));
    return {
      x: bound(x, this.stage.width(), scale * this.store.width),
      y: bound(y, this.stage.height(), scale * this.store.height),
    };
  }

  place(position, scale) {
    this.stage.scale({ x: scale, y: scale });
    this.stage.position(this.bounded(position, scale));
    this.labels();
    this.stage.batchDraw();
    this.dispatchEvent(new CustomEvent("view"));
  }

  get zoom() {
    return this.stage.scaleX() / this.fitScale;
  }

  zoomBy(factor, at = { x: this.stage.width() / 2, y: this.stage.height() / 2 }) {
    const before = this.stage.scaleX();
    const scale = Math.min(Math.max(before * factor, this.fitScale), Math.max(MOST_ZOOM * this.fitScale, 1));
    const { x, y } = this.stage.position();
    this.place({ x: at.x - ((at.x - x) * scale) / before, y: at.y - ((at.y - y) * scale) / before }, scale);
  }

  zoomIn() {
    this.zoomBy(STEP);
  }

  zoomOut() {
    this.zoomBy(1 / STEP);
  }

  panBy(dx, dy) {
    const { x, y } = this.stage.position();
    this.place({ x: x + dx, y: y + dy }, this.stage.scaleX());
  }

  /** Bring a mask into view when the picture is enlarged. */
  reveal(mask) {
    const { left, top, width, height } = this.visible();
    const x = mask.x + mask.width / 2;
    const y = mask.y + mask.height / 2;
    if (x >= left && x <= left + width && y >= top && y <= top + height) return;
    const scale = this.stage.scaleX();
    this.place({ x: this.stage.width() / 2 - x * scale, y: this.stage.height() / 2 - y * scale }, scale);
  }

  /** The visible part of the picture, px of the full picture. */
  visible() {
    const scale = this.stage.scaleX();
    const { x, y } = this.stage.position();
    const left = Math.max(0, -x / scale);
    const top = Math.max(0, -y / scale);
    const right = Math.min(this.store.width, (this.stage.width() - x) / scale);
    const bottom = Math.min(this.store.height, (this.stage.height() - y) / scale);
    return { left, top, width: right - left, height: bottom - top };
  }

  /** A mask of ordinary size at `centre`, or in the middle of what is visible. */
  ordinary(tool, centre) {
    const { left, top, width, height } = this.visible();
    const { x, y } = centre ?? { x: left + width / 2, y: top + height / 2 };
    if (tool === "brush") return { shape: "brush", points: [[x, y]], thickness: this.thickness };
    if (tool === "window") return this.window(centre ?? this.lesion({ x, y }));
    const size = Math.min(width, height);
    const w = tool === "band" ? 0.5 * size : 0.28 * size;
    const h = tool === "band" ? 0.14 * size : 0.28 * size;
    return { shape: tool, x: x - w / 2, y: y - h / 2, width: w, height: h, kind: tool === "band" ? "eye" : "other" };
  }

  /** Where a lesion window goes when nobody points: in the selected veil, the one in the middle, or any, below its eyes. */
  lesion({ x, y }) {
    const { store } = this;
    const selected = store.get(store.selected);
    const first = store.masks.find((mask) => store.veilAt(mask.x + mask.width / 2, mask.y + mask.height / 2) === mask);
    const veil = (selected?.style === "veil" && selected.kind !== "window" && selected) || store.veilAt(x, y) || first;
    return veil ? { x: veil.x + veil.width / 2, y: veil.y + 0.72 * veil.height } : { x, y };
  }

  window({ x, y }) {
    const veil = this.store.veilAt(x, y);
    const size = 0.26 * Math.min(...(veil ? [veil.width, veil.height] : [this.store.width, this.store.height]));
    return { shape: "ellipse", kind: "window", x: x - size / 2, y: y - size / 2, width: size, height: size };
  }

  /** The crop that one starts from without pointing: nine tenths. */
  ordinaryCrop() {
    const { width, height } = this.store;
    return { x: 0.05 * width, y: 0.05 * height, width: 0.9 * width, height: 0.9 * height };
  }

  // --- Masks

  sync() {
    const { store } = this;
    const all = [...store.painted, ...store.masks];
    for (const [key, node] of this.nodes) {
      if (all.some((mask) => mask.key === key)) continue;
      node.destroy();
      node.label.destroy();
      this.nodes.delete(key);
    }
    for (const mask of all) {
      const node = this.nodes.get(mask.key) ?? this.create(mask);
      dress(node, mask, { chosen: store.selected === mask.key, store });
    }
    store.masks.forEach((mask, index) => {
      const { label } = this.nodes.get(mask.key);
      label.text(mask.state === "check" ? `${index + 1} ?` : String(index + 1));
    });
    // Windows lie over the veils that they open; what is selected can be grasped.
    for (const mask of store.masks) if (mask.kind === "window") this.nodes.get(mask.key).moveToTop();
    this.nodes.get(store.selected)?.moveToTop();
    for (const node of this.nodes.values()) node.label.moveToTop();
    this.frame.sync();
    const chosen = store.selected === CROP ? this.frame.node : this.mode ? null : this.nodes.get(store.selected);
    this.turner.rotateEnabled(store.selected !== CROP);
    if (chosen) this.handles(chosen);
    this.turner.nodes(chosen ? [chosen] : []);
    this.turner.moveToTop();
    const flashing = store.toCheck > 0 && !still.matches;
    if (flashing && !this.flash.isRunning()) this.flash.start();
    if (!flashing) this.flash.stop();
    this.labels();
    this.above.batchDraw();
  }

  create(mask) {
    const { key } = mask;
    const isPainted = mask.state === "painted";
    const node = shapeOf(() => (isPainted ? mask : this.store.get(key)), this.picture);
    node.setAttrs({ draggable: !isPainted && !this.mode, listening: !isPainted });
    node.label = new Konva.Text({
      listening: false,
      fontSize: 14,
      fontStyle: "bold",
      fill: "#fff",
      shadowColor: "#000",
      shadowBlur: 3,
    });
    this.above.add(node, node.label);
    this.nodes.set(key, node);
    this.pointer.watch(node, key);
    return node;
  }

  /** Numbers keep their size on the screen and stand in the upper left corner of their mask. */
  labels() {
    const scale = 1 / this.stage.scaleX();
    this.marked?.scale(scale);
    for (const node of this.nodes.values()) {
      const corner = node.getTransform().point({ x: 0, y: 0 });
      const turn = (node.rotation() * Math.PI) / 180;
      const [right, down] = [5 * scale, 4 * scale];
      const x = corner.x + right * Math.cos(turn) - down * Math.sin(turn);
      const y = corner.y + right * Math.sin(turn) + down * Math.cos(turn);
      node.label.setAttrs({ x, y, rotation: node.rotation(), scaleX: scale, scaleY: scale });
    }
  }

  /** Handles that leave a small mask to be seen, and to be grasped, on the screen of a phone. */
  handles(node) {
    const small = Math.min(node.width(), node.height()) * this.stage.scaleX() < (coarse.matches ? 110 : 48);
    const corners = ["top-left", "top-right", "bottom-left", "bottom-right"];
    const sides = ["top-center", "middle-left", "middle-right", "bottom-center"];
    this.turner.enabledAnchors(small ? ["bottom-right", "top-left"] : [...corners, ...sides]);
    this.turner.padding(small ? 8 : 0);
  }

  /** Take over where a node was dragged, pulled or turned to. */
  read(key, node) {
    const width = node.width() * Math.abs(node.scaleX());
    const height = node.height() * Math.abs(node.scaleY());
    const angle = ((node.rotation() + 540) % 360) - 180;
    this.store.update(key, { x: node.x() - width / 2, y: node.y() - height / 2, width, height, angle });
    this.dispatchEvent(new CustomEvent("moved", { detail: { key } }));
  }

  setMode(mode) {
    this.mode = mode;
    this.stage.draggable(!mode);
    for (const mask of this.store.masks) this.nodes.get(mask.key)?.draggable(!mode);
    this.pointer.cursor(mode ? "crosshair" : "");
    this.sync();
    this.dispatchEvent(new CustomEvent("mode"));
  }
}
