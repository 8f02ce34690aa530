// The masks and the crop of one picture, their history, and what is selected. Plain data: px of the full-size
// picture, the box before it is turned about its centre, degrees clockwise.
import { Emitter } from "./emitter.js";
import { fittedCrop, holds, hull, reshaped } from "./shapes.js";

/** @import { Box, Point } from "./shapes.js" */

/** @typedef {"box" | "ellipse" | "band" | "brush"} MaskShape */
/** @typedef {"face" | "eye" | "text" | "other" | "window"} MaskKind a window opens a veil over a lesion */
/** @typedef {"bar" | "veil"} MaskStyle */
/** @typedef {"check" | "suggested" | "accepted" | "drawn" | "dismissed" | "painted"} MaskState */

/**
 * A mask as the server keeps it.
 *
 * @typedef {object} MaskFields
 * @property {string | number | null} id null until the server knows it
 * @property {MaskKind} kind
 * @property {MaskShape} shape
 * @property {MaskStyle} style
 * @property {MaskState} state
 * @property {string} reason why it is dismissed
 * @property {string} detector the detector that found it; empty when it was drawn by hand
 * @property {number | null} [score] of the detector, 0 to 1
 * @property {number} angle degrees clockwise about the centre
 * @property {Point[]} points of a stroke
 * @property {number} thickness of a stroke, px
 */
/** @typedef {MaskFields & Box} ServerMask */
/** @typedef {ServerMask & { key: string }} Mask `key` names it in this page */

/** @typedef {Pick<ServerMask, "shape" | "x" | "y" | "width" | "height" | "angle">} Place */
/** @typedef {[number, number, number, number]} WireCrop x, y, width, height in px */
/** @typedef {{ masks: ServerMask[], crop: WireCrop | null, revision: number, rules?: string[] }} ServerAnswer */
/** @typedef {Pick<MaskFields, "shape"> & Partial<MaskFields & Box>} Draft a mask to add; a stroke needs no box */
/** @typedef {Partial<Pick<Mask, "kind" | "style" | "state" | "reason" | "angle"> & Box>} Patch */

const COALESCE_MS = 700;
export const MAX_STEPS = 100; // that can be undone
export const CROP = "crop"; // what `selected` is while the crop is worked on
/** The states in which a mask covers what lies under it. */
export const COVERS = new Set(["suggested", "accepted", "drawn"]);
/** @type {("x" | "y" | "width" | "height" | "angle")[]} */
const GEOMETRY = ["x", "y", "width", "height", "angle"];
const SAME_PX = 0.51; // the server rounds

let serial = 0;

function newKey() {
  serial += 1;
  return `m${serial}`;
}

/**
 * Whether two masks have the same shape and, but for rounding, the same place.
 *
 * @param {Place} a
 * @param {Place} b
 */
function isSamePlace(a, b) {
  return a.shape === b.shape && GEOMETRY.every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < SAME_PX);
}

/**
 * @param {WireCrop | null} crop
 * @returns {Box | null}
 */
const boxOf = (crop) => crop && { x: crop[0], y: crop[1], width: crop[2], height: crop[3] };

/**
 * The state of the studio. Emits "change" when masks or crop changed and "select" when another one is selected.
 *
 * @extends {Emitter<{ change: { fromServer: boolean }, select: null }>}
 */
export class Store extends Emitter {
  /**
   * @param {object} picture
   * @param {number} picture.width px
   * @param {number} picture.height px
   * @param {number} picture.revision of the masks, counted by the server
   * @param {ServerMask[]} picture.masks
   * @param {ServerMask[]} picture.painted sealed into the original; they cannot be changed
   * @param {WireCrop | null} picture.crop
   */
  constructor({ width, height, masks, painted, crop, revision }) {
    super();
    this.width = width;
    this.height = height;
    this.revision = revision;
    /** @type {Mask[]} */
    this.masks = masks.map((mask) => ({ ...mask, key: newKey() }));
    /** @type {Mask[]} */
    this.painted = painted.map((mask) => ({ ...mask, key: newKey() }));
    this.crop = boxOf(crop);
    // A mask drawn here gets its id from the server; undo may bring back a copy without it.
    this.ids = new Map(this.masks.map((mask) => [mask.key, mask.id]));
    /** @type {string[]} */
    this.past = [];
    /** @type {string[]} */
    this.future = [];
    /** @type {string | null} */
    this.selected = null;
    /** @type {{ key: string | null, at: number }} what a quick repeat changed last, and when (ms) */
    this.repeated = { key: null, at: 0 };
  }

  /** @param {string | null} key */
  get(key) {
    return this.masks.find((mask) => mask.key === key) ?? null;
  }

  /** @param {string | null} key of a mask, CROP, or null for nothing */
  select(key) {
    if (this.selected === key) return;
    this.selected = key;
    this.emit("select", null);
  }

  snapshot() {
    return JSON.stringify({ masks: this.masks, crop: this.crop });
  }

  remember() {
    this.past.push(this.snapshot());
    if (this.past.length > MAX_STEPS) this.past.shift();
    this.future = [];
  }

  /**
   * Remember one step for all quick repeats on the same thing (held keys).
   *
   * @param {string} key
   * @param {boolean} quick
   */
  rememberOnce(key, quick) {
    const now = Date.now();
    const isRepeat = quick && this.repeated.key === key && now - this.repeated.at < COALESCE_MS;
    if (!isRepeat) this.remember();
    this.repeated = { key: quick ? key : null, at: now };
  }

  /** @param {{ masks?: Mask[], crop?: Box | null }} next */
  change({ masks = this.masks, crop = this.crop }) {
    this.masks = masks;
    this.crop = crop;
    const isGone = this.selected === CROP ? !crop : this.selected && !this.get(this.selected);
    if (isGone) this.select(null);
    this.emit("change", { fromServer: false });
  }

  /**
   * Add a mask, select it and return it.
   *
   * @param {Draft} draft
   * @returns {Mask}
   */
  add({ shape, kind = "other", points = [], thickness = 0, angle = 0, x = 0, y = 0, width = 0, height = 0 }) {
    this.remember();
    this.repeated.key = null;
    /** @type {Mask} */
    const mask = {
      ...{ key: newKey(), id: null, score: null, detector: "", state: "drawn", reason: "" },
      ...{ kind, shape, angle, points, thickness },
      style: kind === "face" || kind === "window" ? "veil" : "bar",
      ...(shape === "brush" ? hull(points, thickness) : this.fitted({ x, y, width, height })),
    };
    this.change({ masks: [...this.masks, mask] });
    this.select(mask.key);
    return mask;
  }

  /**
   * Merge a patch into a mask and return the new mask, or null when there is none of this key.
   *
   * @param {string} key
   * @param {Patch} patch
   * @param {{ quick?: boolean }} [options] quick: one of many repeats, which undo takes back together
   * @returns {Mask | null}
   */
  update(key, patch, { quick = false } = {}) {
    const mask = this.get(key);
    if (!mask) return null;
    this.rememberOnce(key, quick);
    const isGeometry = GEOMETRY.some((name) => name in patch);
    const next = isGeometry ? reshaped(mask, this.placed(mask, patch)) : { ...mask, ...patch };
    // Moving what a detector found says that it is meant to be covered.
    if (isGeometry && mask.state === "check") next.state = "accepted";
    this.change({ masks: this.masks.map((other) => (other.key === key ? next : other)) });
    return next;
  }

  /**
   * @param {Mask} mask
   * @param {Patch} patch
   */
  placed(mask, patch) {
    return { angle: mask.angle, ...patch, ...this.fitted({ ...mask, ...patch }) };
  }

  /** @param {string} key */
  remove(key) {
    this.remember();
    this.change({ masks: this.masks.filter((mask) => mask.key !== key) });
  }

  /**
   * Cut the picture to the nearest box that is allowed, or not at all (null).
   *
   * @param {Box | null} box
   * @param {{ quick?: boolean }} [options]
   */
  cut(box, { quick = false } = {}) {
    this.rememberOnce(CROP, quick);
    this.change({ crop: box && fittedCrop(box, this) });
  }

  /**
   * Keep the centre of a box inside the picture and its size between a few px and the whole picture.
   *
   * @param {Box} box
   * @returns {Box}
   */
  fitted({ x, y, width, height }) {
    const least = Math.max(4, 0.004 * Math.max(this.width, this.height));
    const w = Math.min(Math.max(width, least), 1.5 * this.width);
    const h = Math.min(Math.max(height, least), 1.5 * this.height);
    const cx = Math.min(Math.max(x + width / 2, 0), this.width);
    const cy = Math.min(Math.max(y + height / 2, 0), this.height);
    return { x: cx - w / 2, y: cy - h / 2, width: w, height: h };
  }

  /**
   * @param {string[]} from
   * @param {string[]} to
   */
  step(from, to) {
    const snapshot = from.pop();
    if (snapshot === undefined) return false;
    to.push(this.snapshot());
    this.repeated.key = null;
    this.change(JSON.parse(snapshot));
    return true;
  }

  /** Take one step back. Returns whether there was one. */
  undo() {
    return this.step(this.past, this.future);
  }

  /** Take one undone step again. Returns whether there was one. */
  redo() {
    return this.step(this.future, this.past);
  }

  /** The number of masks that nobody has decided about. */
  get toCheck() {
    return this.masks.filter((mask) => mask.state === "check").length;
  }

  get hasFace() {
    return this.masks.some((mask) => (mask.kind === "face" || mask.kind === "eye") && mask.state !== "dismissed");
  }

  /**
   * Return the veil that a lesion window at this point would open, or null.
   *
   * @param {number} x
   * @param {number} y
   */
  veilAt(x, y) {
    const veils = this.masks.filter(
      (mask) => mask.style === "veil" && mask.kind !== "window" && COVERS.has(mask.state),
    );
    return veils.find((mask) => holds(mask, x, y)) ?? null;
  }

  /** Return the masks as the server is asked to keep them. */
  wire() {
    const round = (/** @type {number} */ number) => Math.round(number * 10) / 10;
    return this.masks.map(({ key, points, thickness, kind, shape, style, state, reason, ...mask }) => ({
      id: this.ids.get(key) ?? null,
      kind,
      shape,
      style,
      state,
      reason,
      points: points.map((point) => point.map(round)),
      thickness: round(thickness),
      x: round(mask.x),
      y: round(mask.y),
      width: round(mask.width),
      height: round(mask.height),
      angle: round(mask.angle),
    }));
  }

  /** @returns {WireCrop | null} */
  get wireCrop() {
    return this.crop && [this.crop.x, this.crop.y, this.crop.width, this.crop.height];
  }

  /**
   * Start again from what the server has, and put on top what was drawn here and the server does not know.
   *
   * @param {ServerAnswer} answer
   */
  rebase(answer) {
    const known = new Map([...this.ids].map(([key, id]) => [id, key]));
    /** @type {Mask[]} */
    const there = answer.masks.map((mask) => ({ ...mask, key: known.get(mask.id) ?? newKey() }));
    const isNew = (/** @type {Mask} */ mask) =>
      !this.ids.get(mask.key) && !there.some((other) => isSamePlace(other, mask));
    const masks = [...there, ...this.masks.filter(isNew)];
    this.ids = new Map(there.map((mask) => [mask.key, mask.id]));
    this.revision = answer.revision;
    this.past = [];
    this.future = [];
    this.change({ masks, crop: boxOf(answer.crop) });
  }

  /**
   * Take over the server's ids (and, when nothing changed here meanwhile, its values).
   *
   * @param {ServerAnswer} answer
   * @param {{ key: string, mask: ReturnType<Store["wire"]>[number] }[]} sent what it answers to
   * @param {boolean} isUntouched
   */
  adopt(answer, sent, isUntouched) {
    this.revision = answer.revision;
    const byId = new Map(answer.masks.map((mask) => [mask.id, mask]));
    for (const [key, id] of this.ids) if (id && !byId.has(id)) this.ids.delete(key);
    const taken = new Set(this.ids.values());
    for (const { key, mask } of sent) {
      if (mask.id) continue;
      const match = answer.masks.find((other) => !taken.has(other.id) && isSamePlace(other, mask));
      if (!match) continue;
      taken.add(match.id);
      this.ids.set(key, match.id);
    }
    if (!isUntouched) return;
    this.masks = this.masks.map((mask) => {
      const known = byId.get(this.ids.get(mask.key) ?? null);
      return known ? { ...mask, ...known, key: mask.key } : mask;
    });
    this.crop = boxOf(answer.crop);
    this.emit("change", { fromServer: true });
  }
}
