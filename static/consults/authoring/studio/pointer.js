// Mouse, finger and pen on the stage: drag, draw, pinch, wheel; a loupe beside a finger.
import { draftMask } from "./drafts.js";
import { Loupe } from "./loupe.js";
import { simplified } from "./shapes.js";
import { CROP } from "./store.js";

/** @import KonvaNamespace from "konva" */
/** @import { Position } from "./drafts.js" */
/** @import { Point } from "./shapes.js" */
/** @import { Stage } from "./stage.js" */

/**
 * An event of the pointer as Konva gives it, or of the window.
 *
 * @typedef {{ evt: MouseEvent | TouchEvent, target?: KonvaNamespace.Node }} PointerEvt
 */
/**
 * @typedef {object} Drawing
 * @property {Position} start px of the full picture
 * @property {KonvaNamespace.Line | KonvaNamespace.Rect} ghost what one sees while drawing
 * @property {number} scale at which it began
 * @property {Point[]} points
 */

const { Konva } = window;
const TAP_PX = 8;

/**
 * @param {MouseEvent | TouchEvent} [evt]
 * @returns {Touch[]} none for a mouse
 */
const touchesOf = (evt) => (evt && "touches" in evt ? [...evt.touches] : []);

export class Pointer {
  /** @param {Stage} view */
  constructor(view) {
    this.view = view;
    /** @type {Drawing | null} */
    this.drawing = null;
    /** @type {(Position & { distance: number }) | null} the last step of a pinch */
    this.pinched = null;
    /** @type {KonvaNamespace.Shape | null} */
    this.dragged = null;
    this.loupe = new Loupe(view.container);
    const { stage } = view;
    stage.dragBoundFunc((position) => view.bounded(position, stage.scaleX()));
    stage.on("wheel", ({ evt }) => this.wheel(evt));
    stage.on("mousedown touchstart", (event) => this.down(event));
    stage.on("mousemove touchmove", (event) => this.move(event));
    stage.on("mouseup touchend touchcancel", (event) => this.up(event));
    stage.on("click tap", ({ target }) => {
      if (!view.mode && (target === stage || target === view.frame.node)) view.store.select(null);
    });
    // A drawing that leaves the stage goes on until the button is let go, wherever that is.
    window.addEventListener("mouseup", (evt) => this.drawing && this.up({ evt }));
    window.addEventListener("mousemove", (evt) => {
      if (!this.drawing || (evt.target instanceof Node && view.holder.contains(evt.target))) return;
      stage.setPointersPositions(evt);
      this.move({ evt });
    });
    view.transformer.on("transform", ({ evt }) => this.magnify(/** @type {MouseEvent | TouchEvent} */ (evt)));
  }

  /** @param {string} name of a CSS cursor */
  cursor(name) {
    this.view.holder.style.cursor = name;
  }

  /**
   * Let a mask be selected and dragged. A pinch that began on it puts it back.
   *
   * @param {KonvaNamespace.Shape} node
   * @param {string} key
   */
  watch(node, key) {
    const { view } = this;
    node.on("mousedown touchstart", () => !view.mode && view.store.selected !== CROP && view.store.select(key));
    node.on("dragstart", () => {
      this.dragged = node;
    });
    node.on("dragmove transform", ({ evt }) => {
      view.placeLabels();
      this.magnify(/** @type {MouseEvent | TouchEvent} */ (evt));
    });
    node.on("dragend transformend", () => {
      this.loupe.hide();
      this.dragged = null;
      if (this.pinched) view.sync();
      else view.readBack(key, node);
    });
    node.on("mouseenter", () => this.cursor(view.mode ? "crosshair" : "move"));
    node.on("mouseleave", () => this.cursor(view.mode ? "crosshair" : ""));
  }

  /**
   * Show what lies under a finger.
   *
   * @param {MouseEvent | TouchEvent} [evt]
   */
  magnify(evt) {
    const at = this.view.stage.getPointerPosition();
    if (touchesOf(evt).length !== 1 || !at) return;
    this.loupe.show(this.view.stage.getLayers(), at);
  }

  /** @param {WheelEvent} evt */
  wheel(evt) {
    const { view } = this;
    if (evt.deltaY > 0 && view.zoom <= 1.001) return; // let the page scroll on
    evt.preventDefault();
    view.zoomBy(Math.exp(-Math.max(-60, Math.min(60, evt.deltaY)) / 220), view.stage.getPointerPosition() ?? undefined);
  }

  /** @param {PointerEvt} event */
  down({ evt, target }) {
    const { view } = this;
    view.container.focus({ preventScroll: true });
    if (touchesOf(evt).length > 1) return this.cancel();
    if (!view.mode || ("button" in evt && evt.button > 0)) return;
    if (view.mode === "crop" && (target === view.frame.node || target?.getParent() === view.transformer)) return;
    const start = view.stage.getRelativePointerPosition();
    if (!start) return;
    evt.preventDefault();
    const scale = view.stage.scaleX();
    const common = { stroke: "#fff", listening: false };
    const ghost =
      view.mode === "brush"
        ? new Konva.Line({
            points: [start.x, start.y, start.x + 0.01, start.y],
            stroke: "rgba(20, 20, 20, 0.66)",
            strokeWidth: view.thickness,
            lineCap: "round",
            lineJoin: "round",
            listening: false,
          })
        : new Konva.Rect({
            ...start,
            ...common,
            width: 0,
            height: 0,
            dash: [6, 4],
            strokeWidth: 2,
            strokeScaleEnabled: false,
          });
    view.above.add(ghost);
    this.drawing = { start, ghost, scale, points: [[start.x, start.y]] };
    this.magnify(evt);
  }

  /** @param {PointerEvt} event */
  move({ evt }) {
    if (touchesOf(evt).length === 2) return this.pinch(evt);
    if (!this.drawing) return;
    if (evt.cancelable) evt.preventDefault();
    const { start, ghost, points } = this.drawing;
    const now = this.view.stage.getRelativePointerPosition();
    if (!now) return;
    if (ghost instanceof Konva.Line) {
      points.push([now.x, now.y]);
      ghost.points(points.flat());
    } else {
      ghost.setAttrs({
        x: Math.min(start.x, now.x),
        y: Math.min(start.y, now.y),
        width: Math.abs(now.x - start.x),
        height: Math.abs(now.y - start.y),
      });
    }
    this.view.above.draw();
    this.magnify(evt);
  }

  /** @param {PointerEvt} event */
  up({ evt }) {
    this.loupe.hide();
    const isTouched = touchesOf(evt).length > 0;
    if (!isTouched) this.pinched = null;
    if (!this.drawing || isTouched) return;
    const { view } = this;
    const { start, ghost, scale, points } = this.drawing;
    this.drawing = null;
    const box = { x: ghost.x(), y: ghost.y(), width: ghost.width(), height: ghost.height() };
    ghost.destroy();
    view.above.batchDraw();
    const tool = view.mode;
    const isTap = Math.max(box.width, box.height) * scale < TAP_PX;
    if (!tool) return;
    if (tool === "crop") {
      if (!isTap) view.emit("draw", { tool, box });
      return;
    }
    const draft = draftMask(view.store, tool, { visible: view.visible(), thickness: view.thickness, centre: start });
    if (tool === "brush") draft.points = simplified(points, 1 / scale);
    else if (!isTap) Object.assign(draft, box);
    view.emit("draw", { tool, draft });
  }

  /** Take back what the first finger began: with the second one it is a pinch. */
  cancel() {
    this.loupe.hide();
    this.drawing?.ghost.destroy();
    this.drawing = null;
    this.view.above.batchDraw();
  }

  /** @param {MouseEvent | TouchEvent} evt with two fingers */
  pinch(evt) {
    const { view } = this;
    if (evt.cancelable) evt.preventDefault();
    const frame = view.holder.getBoundingClientRect();
    const [a, b] = touchesOf(evt).map((touch) => ({ x: touch.clientX - frame.left, y: touch.clientY - frame.top }));
    const now = { distance: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    const before = this.pinched;
    this.pinched = now;
    if (!before) {
      this.cancel();
      if (view.stage.isDragging()) view.stage.stopDrag();
      this.dragged?.stopDrag();
      return;
    }
    view.panBy(now.x - before.x, now.y - before.y);
    view.zoomBy(now.distance / before.distance, now);
  }
}
