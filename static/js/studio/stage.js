// The picture with its masks as objects (Konva). World coordinates are px of the full-size picture.
import { COVERS } from "./store.js";

const { Konva } = window;
const MOST_ZOOM = 12;
const STEP = 1.3;
const ROUNDNESS = 0.15; // of the shorter side, as the engine paints a band
const COLOURS = { cover: "#79cbc9", check: "#ffb52e", dismissed: "#e8e8e8", selected: "#ffffff" };
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const coarse = window.matchMedia("(pointer: coarse)");

export class Stage extends EventTarget {
  constructor({ container, store, picture }) {
    super();
    this.store = store;
    this.container = container;
    this.mode = null;
    this.nodes = new Map();
    this.holder = document.createElement("div");
    this.holder.className = "studio-canvas";
    container.append(this.holder);
    this.stage = new Konva.Stage({ container: this.holder, width: 10, height: 10, draggable: true });
    this.below = new Konva.Layer({ listening: false });
    this.above = new Konva.Layer();
    this.turner = new Konva.Transformer({
      anchorSize: coarse.matches ? 20 : 12,
      anchorCornerRadius: 10,
      anchorStroke: "#0b5a5e",
      borderStroke: "#fff",
      rotateAnchorOffset: coarse.matches ? 36 : 26,
      flipEnabled: false,
      ignoreStroke: true,
      rotationSnaps: [0, 90, 180, 270],
      rotationSnapTolerance: 3,
      keepRatio: false,
    });
    this.above.add(this.turner);
    this.stage.add(this.below, this.above);
    this.below.add(new Konva.Image({ image: picture, width: store.width, height: store.height }));
    this.flash = new Konva.Animation((frame) => {
      const beat = 0.45 + 0.55 * Math.abs(Math.cos(frame.time / 320));
      for (const mask of store.masks) if (mask.state === "check") this.nodes.get(mask.key)?.opacity(beat);
    }, this.above);
    this.listen();
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
    const room = 0.96;
    this.fitScale = Math.min((room * clientWidth) / this.store.width, (room * clientHeight) / this.store.height);
    if (whole) this.fit();
    else this.place(this.stage.position(), Math.max(this.stage.scaleX(), this.fitScale));
  }

  fit() {
    this.place({ x: -Infinity, y: -Infinity }, this.fitScale);
  }

  /** Set position and scale; the picture never leaves the frame. */
  place(position, scale) {
    const bound = (value, frame, size) => (size <= frame ? (frame - size) / 2 : Math.min(0, Math.max(frame - size, value)));
    this.stage.scale({ x: scale, y: scale });
    this.stage.position({
      x: bound(position.x, this.stage.width(), scale * this.store.width),
      y: bound(position.y, this.stage.height(), scale * this.store.height),
    });
    this.labels();
    this.stage.batchDraw();
    this.dispatchEvent(new CustomEvent("view"));
  }

  get zoom() {
    return this.stage.scaleX() / this.fitScale;
  }

  zoomBy(factor, at = { x: this.stage.width() / 2, y: this.stage.height() / 2 }) {
    const before = this.stage.scaleX();
    const scale = Math.min(Math.max(before * factor, this.fitScale), MOST_ZOOM * this.fitScale);
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
  ordinary(shape, centre) {
    const { left, top, width, height } = this.visible();
    const size = Math.min(width, height);
    const w = shape === "band" ? 0.5 * size : 0.28 * size;
    const h = shape === "band" ? 0.14 * size : 0.28 * size;
    const { x, y } = centre ?? { x: left + width / 2, y: top + height / 2 };
    return { shape, x: x - w / 2, y: y - h / 2, width: w, height: h, kind: shape === "band" ? "eye" : "other" };
  }

  // --- Masks

  sync() {
    const { store } = this;
    for (const [key, node] of this.nodes) {
      if (store.get(key)) continue;
      node.destroy();
      node.label.destroy();
      this.nodes.delete(key);
    }
    store.masks.forEach((mask, index) => {
      const node = this.nodes.get(mask.key) ?? this.create(mask);
      this.dress(node, mask, index + 1);
    });
    const chosen = this.nodes.get(store.selected);
    this.turner.nodes(chosen ? [chosen] : []);
    this.turner.moveToTop();
    const flashing = store.toCheck > 0 && !still.matches;
    if (flashing && !this.flash.isRunning()) this.flash.start();
    if (!flashing) this.flash.stop();
    this.labels();
    this.above.batchDraw();
  }

  create(mask) {
    const node = mask.shape === "ellipse" ? new Konva.Ellipse() : new Konva.Rect();
    node.setAttrs({ draggable: true, strokeScaleEnabled: false, perfectDrawEnabled: false });
    node.label = new Konva.Text({ listening: false, fontSize: 14, fontStyle: "bold", fill: "#fff", shadowColor: "#000", shadowBlur: 3 });
    this.above.add(node, node.label);
    this.nodes.set(mask.key, node);
    node.on("mousedown touchstart", () => !this.mode && this.store.select(mask.key));
    node.on("dragmove transform", () => this.labels());
    node.on("dragend transformend", () => this.read(mask.key, node));
    node.on("mouseenter", () => this.cursor(this.mode ? "crosshair" : "move"));
    node.on("mouseleave", () => this.cursor(this.mode ? "crosshair" : ""));
    return node;
  }

  dress(node, mask, number) {
    const covered = COVERS.has(mask.state);
    const check = mask.state === "check";
    const chosen = this.store.selected === mask.key;
    const line = check ? COLOURS.check : covered ? COLOURS.cover : COLOURS.dismissed;
    const fill = mask.style === "veil" ? "rgba(119, 119, 119, 0.62)" : "rgba(20, 20, 20, 0.62)";
    const { width, height } = mask;
    node.setAttrs({
      x: mask.x + width / 2,
      y: mask.y + height / 2,
      rotation: mask.angle,
      scaleX: 1,
      scaleY: 1,
      opacity: 1,
      stroke: line,
      strokeWidth: chosen || check ? 3 : 2,
      dash: covered ? [] : [7, 5],
      fill: covered ? fill : check ? "rgba(255, 181, 46, 0.28)" : "rgba(255, 255, 255, 0.02)",
    });
    if (mask.shape === "ellipse") node.setAttrs({ radiusX: width / 2, radiusY: height / 2 });
    else {
      const cornerRadius = mask.shape === "band" ? ROUNDNESS * Math.min(width, height) : 0;
      node.setAttrs({ width, height, offsetX: width / 2, offsetY: height / 2, cornerRadius });
    }
    node.label.text(check ? `${number} ?` : String(number));
  }

  /** Numbers keep their size on the screen and stand in the middle of their mask. */
  labels() {
    const scale = 1 / this.stage.scaleX();
    for (const node of this.nodes.values()) {
      node.label.setAttrs({ x: node.x(), y: node.y(), scaleX: scale, scaleY: scale, offsetX: node.label.width() / 2, offsetY: 7 });
    }
  }

  read(key, node) {
    const width = (node instanceof Konva.Ellipse ? 2 * node.radiusX() : node.width()) * Math.abs(node.scaleX());
    const height = (node instanceof Konva.Ellipse ? 2 * node.radiusY() : node.height()) * Math.abs(node.scaleY());
    const angle = ((node.rotation() + 540) % 360) - 180;
    this.store.update(key, { x: node.x() - width / 2, y: node.y() - height / 2, width, height, angle });
    this.dispatchEvent(new CustomEvent("moved", { detail: { key } }));
  }

  // --- Pointers

  cursor(name) {
    this.holder.style.cursor = name;
  }

  setMode(mode) {
    this.mode = mode;
    this.stage.draggable(!mode);
    for (const node of this.nodes.values()) node.draggable(!mode);
    this.cursor(mode ? "crosshair" : "");
    this.dispatchEvent(new CustomEvent("mode"));
  }

  listen() {
    const { stage } = this;
    stage.dragBoundFunc((position) => {
      const bound = (value, frame, size) => (size <= frame ? (frame - size) / 2 : Math.min(0, Math.max(frame - size, value)));
      return {
        x: bound(position.x, stage.width(), stage.scaleX() * this.store.width),
        y: bound(position.y, stage.height(), stage.scaleY() * this.store.height),
      };
    });
    stage.on("wheel", ({ evt }) => {
      const out = evt.deltaY > 0;
      if (out && this.zoom <= 1.001) return; // let the page scroll on
      evt.preventDefault();
      this.zoomBy(Math.exp(-Math.max(-60, Math.min(60, evt.deltaY)) / 220), stage.getPointerPosition());
    });
    stage.on("mousedown touchstart", (event) => this.down(event));
    stage.on("mousemove touchmove", (event) => this.move(event));
    stage.on("mouseup touchend touchcancel mouseleave", (event) => this.up(event));
    stage.on("click tap", ({ target }) => {
      if (!this.mode && target === stage) this.store.select(null);
    });
  }

  down({ evt }) {
    this.container.focus({ preventScroll: true });
    if (evt.touches?.length > 1 || !this.mode) return;
    evt.preventDefault();
    const start = this.stage.getRelativePointerPosition();
    const ghost = new Konva.Rect({ ...start, width: 0, height: 0, stroke: "#fff", dash: [6, 4], strokeWidth: 2, strokeScaleEnabled: false, listening: false });
    this.above.add(ghost);
    this.drawing = { start, ghost };
  }

  move({ evt }) {
    if (evt.touches?.length === 2) return this.pinch(evt);
    if (!this.drawing) return;
    evt.preventDefault();
    const { start, ghost } = this.drawing;
    const now = this.stage.getRelativePointerPosition();
    ghost.setAttrs({ x: Math.min(start.x, now.x), y: Math.min(start.y, now.y), width: Math.abs(now.x - start.x), height: Math.abs(now.y - start.y) });
  }

  up({ evt }) {
    if (!evt.touches || evt.touches.length < 2) this.pinched = null;
    if (!this.drawing) return;
    const { start, ghost } = this.drawing;
    this.drawing = null;
    const box = { x: ghost.x(), y: ghost.y(), width: ghost.width(), height: ghost.height() };
    ghost.destroy();
    const shape = this.mode;
    const usual = this.ordinary(shape, start);
    const tapped = Math.max(box.width, box.height) * this.stage.scaleX() < 8;
    this.setMode(null);
    this.dispatchEvent(new CustomEvent("draw", { detail: tapped ? usual : { ...usual, ...box } }));
  }

  pinch(evt) {
    evt.preventDefault();
    if (this.stage.isDragging()) this.stage.stopDrag();
    const frame = this.holder.getBoundingClientRect();
    const [a, b] = [...evt.touches].map((touch) => ({ x: touch.clientX - frame.left, y: touch.clientY - frame.top }));
    const now = { distance: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    if (this.pinched) {
      this.panBy(now.x - this.pinched.x, now.y - this.pinched.y);
      this.zoomBy(now.distance / this.pinched.distance, now);
    }
    this.pinched = now;
  }
}
