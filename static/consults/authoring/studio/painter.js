// How masks look on the stage: one Konva shape for all of them, drawn in its own box.
import { COVERS } from "./store.js";

const { Konva } = window;
const ROUNDNESS = 0.15; // of the shorter side, as the engine paints a band
const LINES = { cover: "#79cbc9", check: "#ffb52e", dismissed: "#e8e8e8", window: "#ffffff", painted: "#cfcfcf" };
const FILLS = { bar: "rgba(20, 20, 20, 0.66)", veil: "rgba(119, 119, 119, 0.66)", check: "rgba(255, 181, 46, 0.28)" };

function outline(context, { shape }, width, height) {
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

function line(context, { points, x: left, y: top, thickness }, { width, colour }) {
  context.beginPath();
  points.forEach(([x, y], index) => context[index ? "lineTo" : "moveTo"](x - left, y - top));
  if (points.length === 1) context.lineTo(points[0][0] - left + 0.01, points[0][1] - top);
  context.setAttr("lineCap", "round");
  context.setAttr("lineJoin", "round");
  context.setAttr("lineWidth", width ?? thickness);
  context.setAttr("strokeStyle", colour);
  context.stroke();
}

/** A shape that draws the mask `read()` gives; a window shows the picture through what lies over it. */
export function shapeOf(read, picture) {
  return new Konva.Shape({
    strokeScaleEnabled: false,
    perfectDrawEnabled: false,
    sceneFunc(context, node) {
      const mask = read();
      if (!mask) return;
      if (mask.shape === "brush") {
        line(context, mask, { colour: node.fill() });
        if (node.getAttr("chosen"))
          line(context, mask, {
            colour: node.stroke(),
            width: Math.min(mask.thickness / 2, node.strokeWidth() / node.getAbsoluteScale().x),
          });
        return;
      }
      outline(context, mask, node.width(), node.height());
      if (mask.kind === "window") {
        context.save();
        context.clip();
        context.transform(...node.getTransform().copy().invert().getMatrix());
        context.drawImage(picture, 0, 0, node.getAttr("pictureWidth"), node.getAttr("pictureHeight"));
        context.restore();
        outline(context, mask, node.width(), node.height());
      }
      context.fillStrokeShape(node);
    },
    hitFunc(context, node) {
      const mask = read();
      if (!mask) return;
      if (mask.shape === "brush") return line(context, mask, { colour: node.colorKey });
      outline(context, mask, node.width(), node.height());
      context.fillStrokeShape(node);
    },
  });
}

/** Place and colours of a mask. */
export function dress(node, mask, { chosen, store }) {
  const covered = COVERS.has(mask.state);
  const check = mask.state === "check";
  const isWindow = mask.kind === "window";
  const isPainted = mask.state === "painted";
  const look = isPainted ? "painted" : isWindow ? "window" : check ? "check" : covered ? "cover" : "dismissed";
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
    chosen,
    stroke: LINES[look],
    strokeWidth: chosen || check ? 3 : 2,
    dash: covered && !isWindow ? [] : [7, 5],
    fill:
      isWindow || isPainted
        ? "rgba(255, 255, 255, 0.02)"
        : covered
          ? FILLS[mask.style]
          : check
            ? FILLS.check
            : "rgba(255, 255, 255, 0.02)",
  });
}
