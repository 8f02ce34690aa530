// The crop on the stage: what goes is darkened, what stays has a frame that can be pulled.
import { CROP } from "./store.js";

/** @import KonvaNamespace from "konva" */
/** @import { Box } from "./shapes.js" */
/** @import { Store } from "./store.js" */

const { Konva } = window;

export class Frame {
  /**
   * @param {object} options
   * @param {KonvaNamespace.Layer} options.layer
   * @param {Store} options.store
   * @param {(box: Box) => void} options.onChange told what the frame was pulled to
   */
  constructor({ layer, store, onChange }) {
    this.store = store;
    this.shade = new Konva.Shape({
      listening: false,
      fill: "rgba(0, 0, 0, 0.62)",
      sceneFunc: (context, node) => {
        const { x, y, width, height } = this.box();
        context.beginPath();
        context.rect(0, 0, store.width, store.height);
        context.rect(x, y, width, height);
        context.setAttr("fillStyle", /** @type {KonvaNamespace.Shape} */ (node).fill());
        context._context.fill("evenodd");
      },
    });
    this.node = new Konva.Rect({
      stroke: "#fff",
      fill: "rgba(255, 255, 255, 0.002)",
      strokeWidth: 2,
      dash: [10, 6],
      strokeScaleEnabled: false,
      draggable: true,
    });
    this.node.on("dragmove transform", () => this.shade.getLayer()?.batchDraw());
    this.node.on("dragend transformend", () => onChange(this.box()));
    layer.add(this.shade, this.node);
  }

  box() {
    const { node } = this;
    return { x: node.x(), y: node.y(), width: node.width() * node.scaleX(), height: node.height() * node.scaleY() };
  }

  sync() {
    const { crop, selected } = this.store;
    this.shade.visible(Boolean(crop));
    this.node.visible(Boolean(crop));
    if (!crop) return;
    this.node.setAttrs({
      ...crop,
      scaleX: 1,
      scaleY: 1,
      listening: selected === CROP,
      strokeWidth: selected === CROP ? 3 : 2,
    });
    this.shade.moveToTop();
    this.node.moveToTop();
  }
}
