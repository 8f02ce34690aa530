// How masks look on the stage: one Konva shape for all of them, drawn in its own box.
import { COVERS } from "./store.js";

/** @import KonvaNamespace from "konva" */
/** @import { Mask, Store } from "./store.js" */

const { Konva } = window;
const ROUNDNESS = 0.15; // of the shorter side, as the engine paints a band
const LINES = { cover: "#79cbc9", check: "#ffb52e", dismissed: "#e8e8e8", window: "#ffffff", painted: "#cfcfcf" };
const FILLS = { bar: "rgba(20, 20, 20, 0.66)", veil: "rgba(119, 119, 119, 0.66)", check: "rgba(255, 181, 46, 0.28)" };
const CLEAR = "rgba(255, 255, 255, 0.02)"; // seen by nobody, hit by the pointer

/**
 * @param {KonvaNamespace.Context} context
 * @param {Mask} mask
 * @param {number} width
 * @param {number} height
 */
function drawOutline(context, { shape }, width, height) {
  context.beginPath();
  if (shape === "ellipse") {
    context.ellipse(width / 2, height / 2, width / 2, height / 2, 0, 0, 2 * Math.PI);
  } else {
    const radius = shape === "band" ? ROUNDNESS * Math.min(width, height) : 0;
    context.moveTo(radius, 0);
    for (const [x1, y1, x2, y2] of [
      [width, 0, width, height],
      [width, height, 0, height],
      [0, height, 0, 0],
      [0, 0, width, 0],
    ]) {
      context.arcTo(x1, y1, x2, y2, radius);
    }
  }
  context.closePath();
}

/**
 * @param {KonvaNamespace.Context} context
 * @param {Mask} mask
 * @param {{ width?: number, colour: unknown }} line as wide as the stroke when no width is given
 */
function drawStroke(context, { points, x: left, y: top, thickness }, { width, colour }) {
  context.beginPath();
  for (const [index, [x, y]] of points.entries()) {
    if (index) context.lineTo(x - left, y - top);
    else context.moveTo(x - left, y - top);
  }
  if (points.length === 1) context.lineTo(points[0][0] - left + 0.01, points[0][1] - top);
  context.setAttr("lineCap", "round");
  context.setAttr("lineJoin", "round");
  context.setAttr("lineWidth", width ?? thickness);
  context.setAttr("strokeStyle", colour);
  context.stroke();
}

/**
 * Make a shape that draws a mask. A window shows the picture through what lies over it.
 *
 * @param {() => Mask | null} read gives the mask as it is now
 * @param {HTMLImageElement} picture
 * @returns {KonvaNamespace.Shape}
 */
export function makeShape(read, picture) {
  return new Konva.Shape({
    strokeScaleEnabled: false,
    perfectDrawEnabled: false,
    sceneFunc(context, node) {
      const mask = read();
      if (!mask) return;
      if (mask.shape === "brush") {
        drawStroke(context, mask, { colour: node.fill() });
        if (node.getAttr("isSelected"))
          drawStroke(context, mask, {
            colour: node.stroke(),
            width: Math.min(mask.thickness / 2, node.strokeWidth() / node.getAbsoluteScale().x),
          });
        return;
      }
      drawOutline(context, mask, node.width(), node.height());
      if (mask.kind === "window") {
        context.save();
        context.clip();
        const [a, b, c, d, e, f] = node.getTransform().copy().invert().getMatrix();
        context.transform(a, b, c, d, e, f);
        context.drawImage(picture, 0, 0, node.getAttr("pictureWidth"), node.getAttr("pictureHeight"));
        context.restore();
        drawOutline(context, mask, node.width(), node.height());
      }
      context.fillStrokeShape(node);
    },
    hitFunc(context, node) {
      const mask = read();
      if (!mask) return;
      if (mask.shape === "brush") return drawStroke(context, mask, { colour: node.colorKey });
      drawOutline(context, mask, node.width(), node.height());
      context.fillStrokeShape(node);
    },
  });
}

/**
 * Give a shape the place and the colours of its mask.
 *
 * @param {KonvaNamespace.Shape} node
 * @param {Mask} mask
 * @param {object} options
 * @param {boolean} options.isSelected
 * @param {Store} options.store
 */
export function applyLook(node, mask, { isSelected, store }) {
  const isCover = COVERS.has(mask.state);
  const isToCheck = mask.state === "check";
  const isWindow = mask.kind === "window";
  const look = lookOf(mask);
  node.setAttrs({
    x: mask.x + mask.width / 2,
    y: mask.y + mask.height / 2,
    width: mask.width,
    height: mask.height,
    offsetX: mask.width / 2,
    offsetY: mask.height / 2,
    pictureWidth: store.width,
    pictureHeight: store.height,
    rotation: mask.angle,
    scaleX: 1,
    scaleY: 1,
    opacity: 1,
    isSelected,
    stroke: LINES[look],
    strokeWidth: isSelected || isToCheck ? 3 : 2,
    dash: isCover && !isWindow ? [] : [7, 5],
    fill: look === "cover" ? FILLS[mask.style] : look === "check" ? FILLS.check : CLEAR,
  });
}

/**
 * @param {Mask} mask
 * @returns {keyof typeof LINES}
 */
function lookOf({ state, kind }) {
  if (state === "painted") return "painted";
  if (kind === "window") return "window";
  if (state === "check") return "check";
  return COVERS.has(state) ? "cover" : "dismissed";
}
