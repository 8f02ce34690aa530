// Everything that a person can do to the masks and the crop, over the store. Pure: no page, no network; each command
// returns the sentence that tells what became of it.
import { mayCrop } from "./shapes.js";
import { CROP } from "./store.js";

/** @import { Box } from "./shapes.js" */
/** @import { Draft, Mask, MaskKind, MaskStyle, Store } from "./store.js" */

/**
 * @typedef {object} Outcome
 * @property {string} key of the sentence among the studio's words
 * @property {Record<string, number>} values that stand in it
 * @property {Record<string, string>} terms that stand in it, each the key of a word itself
 * @property {boolean} isRefused nothing was changed
 */

/** The kinds whose dismissal needs a reason. */
const REASONED = ["eye", "face", "text"];

/**
 * @param {string} key
 * @param {Partial<Pick<Outcome, "values" | "terms">>} [said]
 * @returns {Outcome}
 */
const done = (key, { values = {}, terms = {} } = {}) => ({ key, values, terms, isRefused: false });

/**
 * @param {string} key
 * @returns {Outcome}
 */
const refused = (key) => ({ key, values: {}, terms: {}, isRefused: true });

/**
 * @param {number} value
 * @param {number} whole
 */
export const percent = (value, whole) => Math.round((100 * value) / whole);

// --- Masks

/**
 * Add a mask. A lesion window must lie in a veil.
 *
 * @param {Store} store
 * @param {Draft} draft
 */
export function add(store, draft) {
  const { kind, shape, x = 0, y = 0, width = 0, height = 0 } = draft;
  const isWindow = kind === "window";
  if (isWindow && !store.veilAt(x + width / 2, y + height / 2)) return refused("window_needs_veil");
  store.add(draft);
  return done("added", { terms: { shape: isWindow ? "window" : shape } });
}

/**
 * Move a mask, or the crop, by px.
 *
 * @param {Store} store
 * @param {string} key
 * @param {number} dx
 * @param {number} dy
 */
export function move(store, key, dx, dy) {
  return change(store, key, (box) => ({ ...box, x: box.x + dx, y: box.y + dy }));
}

/**
 * Make a mask wider and higher by px about its centre; the crop from its upper left corner.
 *
 * @param {Store} store
 * @param {string} key
 * @param {number} dx
 * @param {number} dy
 */
export function resize(store, key, dx, dy) {
  const isCrop = key === CROP;
  return change(store, key, (box) => ({
    x: box.x - (isCrop ? 0 : dx / 2),
    y: box.y - (isCrop ? 0 : dy / 2),
    width: box.width + dx,
    height: box.height + dy,
  }));
}

/**
 * @param {Store} store
 * @param {string} key
 * @param {(box: Box) => Box} change
 */
function change(store, key, change) {
  if (key === CROP) {
    if (!store.crop) return null;
    store.cut(change(store.crop), { quick: true });
    return cropped(store);
  }
  const mask = store.get(key);
  if (!mask) return null;
  const { x, y, width, height } = mask;
  store.update(key, change({ x, y, width, height }), { quick: true });
  return placed(store, key);
}

/**
 * Turn a mask by degrees clockwise.
 *
 * @param {Store} store
 * @param {string} key
 * @param {number} degrees
 */
export function rotate(store, key, degrees) {
  const mask = store.get(key);
  if (!mask) return null;
  const angle = ((Math.round(mask.angle) + degrees + 540) % 360) - 180;
  store.update(key, { angle }, { quick: true });
  // The points of a stroke were turned; it has no angle of its own.
  return done("turned", { values: { angle: mask.shape === "brush" ? degrees : angle }, terms: { kind: mask.kind } });
}

/**
 * @param {Store} store
 * @param {string} key
 * @param {MaskStyle} style
 */
export function restyle(store, key, style) {
  const mask = store.update(key, { style });
  return mask && done("restyled", { terms: { kind: mask.kind, style } });
}

/**
 * Say what a mask covers.
 *
 * @param {Store} store
 * @param {string} key
 * @param {MaskKind} kind
 */
export function setKind(store, key, kind) {
  store.update(key, { kind });
}

/**
 * Delete a mask that a person drew. What a detector found is dismissed, never deleted: the second reader sees it.
 *
 * @param {Store} store
 * @param {string} key
 */
export function remove(store, key) {
  const mask = store.get(key);
  if (!mask || mask.detector) return null;
  store.remove(key);
  return done("removed", { terms: { kind: mask.kind } });
}

// --- Decisions about what a detector found

/**
 * Cover what a detector found, also after it was dismissed.
 *
 * @param {Store} store
 * @param {string} key
 */
export function accept(store, key) {
  const mask = store.update(key, { state: "accepted", reason: "" });
  return mask && done("accepted_said", { terms: { kind: mask.kind } });
}

/**
 * Whether a person must say why they dismiss a mask.
 *
 * @param {Mask} mask
 */
export const needsReason = (mask) => REASONED.includes(mask.kind);

/**
 * Leave uncovered what a detector found.
 *
 * @param {Store} store
 * @param {string} key
 * @param {string} reason empty where none is needed
 */
export function dismiss(store, key, reason) {
  const mask = store.update(key, { state: "dismissed", reason });
  return mask && done("dismissed_said", { terms: { kind: mask.kind } });
}

// --- Crop

/**
 * Return why the picture cannot be cropped, or null.
 *
 * @param {Store} store
 */
export const cropRefusal = (store) => (mayCrop(store) ? null : refused("crop_small"));

/**
 * Crop to a box, or to the nearest one that is allowed, and select the crop.
 *
 * @param {Store} store
 * @param {Box} box
 */
export function crop(store, box) {
  store.cut(box);
  store.select(store.crop ? CROP : null);
  return cropped(store);
}

/** @param {Store} store */
export function uncrop(store) {
  store.cut(null);
  return cropped(store);
}

// --- Selection

/**
 * Select a mask, the crop (CROP) or nothing (null).
 *
 * @param {Store} store
 * @param {string | null} key
 */
export function select(store, key) {
  store.select(key);
  if (key === CROP) return cropped(store);
  const mask = store.get(key);
  if (!mask) return null;
  const state = mask.kind === "window" ? "shown" : mask.state;
  const values = { number: store.masks.indexOf(mask) + 1 };
  return done("selected", { values, terms: { kind: mask.kind, state } });
}

/**
 * Return the key before (-1) or after (1) the selected one, the crop first; null beyond the ends.
 *
 * @param {Store} store
 * @param {-1 | 1} by
 */
export function neighbour(store, by) {
  const keys = [...(store.crop ? [CROP] : []), ...store.masks.map((mask) => mask.key)];
  const at = store.selected === null ? -1 : keys.indexOf(store.selected);
  if (at < 0) return (by > 0 ? keys[0] : null) ?? null;
  return keys[at + by] ?? null;
}

// --- History

/** @param {Store} store */
export const undo = (store) => (store.undo() ? done("undone") : done("not_undone"));

/** @param {Store} store */
export const redo = (store) => (store.redo() ? done("redone") : done("not_redone"));

// --- Where things are, in words

/**
 * Return the sentence that says where a mask lies, in percent of the picture.
 *
 * @param {Store} store
 * @param {string} key
 */
export function placed(store, key) {
  const mask = store.get(key);
  if (!mask) return null;
  const values = {
    left: percent(mask.x, store.width),
    top: percent(mask.y, store.height),
    width: percent(mask.width, store.width),
    height: percent(mask.height, store.height),
  };
  return done("moved", { values, terms: { kind: mask.kind } });
}

/** @param {Store} store */
function cropped({ crop }) {
  return crop ? done("crop_said", { values: { ...crop } }) : done("uncut_said");
}
