// Masks and crops of ordinary size, for those who place them by key or by a tap. Pure.

/** @import { Box } from "./shapes.js" */
/** @import { Draft, Mask, Store } from "./store.js" */

/** @typedef {"box" | "ellipse" | "band" | "brush" | "window"} MaskTool */
/** @typedef {MaskTool | "crop"} Tool */
/** @typedef {{ x: number, y: number }} Position px of the full-size picture */

const LESION_DOWN = 0.72; // of a veil's height: below the eyes of a face

/**
 * Return a mask of ordinary size.
 *
 * @param {Store} store
 * @param {MaskTool} tool
 * @param {object} options
 * @param {Box} options.visible the visible part of the picture
 * @param {number} options.thickness of the brush, px
 * @param {Position} [options.centre] the middle of what is visible when nobody points
 * @returns {Draft}
 */
export function draftMask(store, tool, { visible, thickness, centre }) {
  const middle = { x: visible.x + visible.width / 2, y: visible.y + visible.height / 2 };
  const { x, y } = centre ?? middle;
  if (tool === "brush") return { shape: "brush", points: [[x, y]], thickness };
  if (tool === "window") return draftWindow(store, centre ?? lesionPlace(store, middle));
  const side = Math.min(visible.width, visible.height);
  const isBand = tool === "band";
  const width = (isBand ? 0.5 : 0.28) * side;
  const height = (isBand ? 0.14 : 0.28) * side;
  return { shape: tool, kind: isBand ? "eye" : "other", x: x - width / 2, y: y - height / 2, width, height };
}

/**
 * Return where a lesion window goes when nobody points: in the selected veil, else the one in the middle of what is
 * visible, else any; below the eyes that it may cover.
 *
 * @param {Store} store
 * @param {Position} middle
 * @returns {Position}
 */
function lesionPlace(store, middle) {
  const selected = store.get(store.selected);
  const isVeil = selected?.style === "veil" && selected.kind !== "window";
  const veil = (isVeil && selected) || store.veilAt(middle.x, middle.y) || store.masks.find(isOpenVeil(store));
  return veil ? { x: veil.x + veil.width / 2, y: veil.y + LESION_DOWN * veil.height } : middle;
}

/** @param {Store} store */
const isOpenVeil = (store) => (/** @type {Mask} */ mask) =>
  store.veilAt(mask.x + mask.width / 2, mask.y + mask.height / 2) === mask;

/**
 * @param {Store} store
 * @param {Position} centre
 * @returns {Draft}
 */
function draftWindow(store, { x, y }) {
  const around = store.veilAt(x, y) ?? store;
  const size = 0.26 * Math.min(around.width, around.height);
  return { shape: "ellipse", kind: "window", x: x - size / 2, y: y - size / 2, width: size, height: size };
}

/**
 * Return the crop that one starts from without pointing: nine tenths of the picture.
 *
 * @param {Store} store
 * @returns {Box}
 */
export function draftCrop({ width, height }) {
  return { x: 0.05 * width, y: 0.05 * height, width: 0.9 * width, height: 0.9 * height };
}
