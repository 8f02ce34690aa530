// The masks and the crop of one picture, their history, and what is selected. Plain data: px of the full-size
// picture, the box before it is turned about its centre, degrees clockwise.
import { fittedCrop, holds, hull, reshaped } from "./shapes.js";

const COALESCE_MS = 700;
const MOST_STEPS = 100;
export const CROP = "crop"; // what `selected` is while the crop is worked on
export const COVERS = new Set(["suggested", "accepted", "drawn"]);
const GEOMETRY = ["x", "y", "width", "height", "angle"];

let serial = 0;
const newKey = () => `m${(serial += 1)}`;
const near = (a, b) =>
  a.shape === b.shape && GEOMETRY.every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < 0.51);
const box = (crop) => crop && { x: crop[0], y: crop[1], width: crop[2], height: crop[3] };

export class Store extends EventTarget {
  constructor({ width, height, masks, painted, crop, revision }) {
    super();
    this.width = width;
    this.height = height;
    this.revision = revision;
    this.masks = masks.map((mask) => ({ ...mask, key: newKey() }));
    this.painted = painted.map((mask) => ({ ...mask, key: newKey() }));
    this.crop = box(crop);
    // A mask drawn here gets its id from the server; undo may bring back a copy without it.
    this.ids = new Map(this.masks.map((mask) => [mask.key, mask.id]));
    this.past = [];
    this.future = [];
    this.selected = null;
    this.touched = { key: null, at: 0 };
  }

  get(key) {
    return this.masks.find((mask) => mask.key === key) ?? null;
  }

  tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  select(key) {
    if (this.selected === key) return;
    this.selected = key;
    this.tell("select");
  }

  snapshot() {
    return JSON.stringify({ masks: this.masks, crop: this.crop });
  }

  remember() {
    this.past.push(this.snapshot());
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.future = [];
  }

  /** One step back for all quick repeats on the same thing (held keys). */
  rememberOnce(key, quick) {
    const now = Date.now();
    if (!(quick && this.touched.key === key && now - this.touched.at < COALESCE_MS)) this.remember();
    this.touched = { key: quick ? key : null, at: now };
  }

  change({ masks = this.masks, crop = this.crop }) {
    Object.assign(this, { masks, crop });
    const gone = this.selected === CROP ? !crop : this.selected && !this.get(this.selected);
    if (gone) {
      this.selected = null;
      this.tell("select");
    }
    this.tell("change");
  }

  add({ shape, kind = "other", points = [], thickness = 0, angle = 0, ...place }) {
    this.remember();
    this.touched.key = null;
    const style = kind === "face" || kind === "window" ? "veil" : "bar";
    const key = newKey();
    const size = shape === "brush" ? hull(points, thickness) : this.fitted(place);
    const drawn = { id: null, score: null, detector: "", state: "drawn", reason: "" };
    this.change({ masks: [...this.masks, { ...drawn, key, kind, shape, style, angle, points, thickness, ...size }] });
    this.select(key);
    return this.get(key);
  }

  /** Merge `patch` into a mask. */
  update(key, patch, { quick = false } = {}) {
    const mask = this.get(key);
    if (!mask) return null;
    this.rememberOnce(key, quick);
    const geometry = GEOMETRY.some((name) => name in patch);
    const next = geometry ? reshaped(mask, this.patched(mask, patch)) : { ...mask, ...patch };
    // Moving what a detector found says that it is meant to be covered.
    if (geometry && mask.state === "check") next.state = "accepted";
    this.change({ masks: this.masks.map((other) => (other.key === key ? next : other)) });
    return next;
  }

  patched(mask, patch) {
    return { angle: mask.angle, ...patch, ...this.fitted({ ...mask, ...patch }) };
  }

  remove(key) {
    this.remember();
    this.change({ masks: this.masks.filter((mask) => mask.key !== key) });
  }

  /** Cut to this box, or to nothing (null): the nearest that is allowed. */
  cut(place, { quick = false } = {}) {
    this.rememberOnce(CROP, quick);
    this.change({ crop: place && fittedCrop(place, this) });
  }

  /** Keep the centre inside the picture and the size between a few px and the whole picture. */
  fitted({ x, y, width, height }) {
    const least = Math.max(4, 0.004 * Math.max(this.width, this.height));
    const w = Math.min(Math.max(width, least), 1.5 * this.width);
    const h = Math.min(Math.max(height, least), 1.5 * this.height);
    const cx = Math.min(Math.max(x + width / 2, 0), this.width);
    const cy = Math.min(Math.max(y + height / 2, 0), this.height);
    return { x: cx - w / 2, y: cy - h / 2, width: w, height: h };
  }

  step(from, to) {
    if (!from.length) return false;
    to.push(this.snapshot());
    this.touched.key = null;
    this.change(JSON.parse(from.pop()));
    return true;
  }

  undo() {
    return this.step(this.past, this.future);
  }

  redo() {
    return this.step(this.future, this.past);
  }

  get toCheck() {
    return this.masks.filter((mask) => mask.state === "check").length;
  }

  get hasFace() {
    return this.masks.some((mask) => (mask.kind === "face" || mask.kind === "eye") && mask.state !== "dismissed");
  }

  /** The veil that a lesion window at this point would open, or null. */
  veilAt(x, y) {
    const veils = this.masks.filter(
      (mask) => mask.style === "veil" && mask.kind !== "window" && COVERS.has(mask.state),
    );
    return veils.find((mask) => holds(mask, x, y)) ?? null;
  }

  /** What the server is asked to keep. */
  wire() {
    const round = (number) => Math.round(number * 10) / 10;
    return this.masks.map(({ key, points, thickness, kind, shape, style, state, reason, ...mask }) => ({
      id: this.ids.get(key) ?? null,
      kind,
      shape,
      style,
      state,
      reason,
      points: points.map((point) => point.map(round)),
      thickness: round(thickness),
      ...Object.fromEntries(GEOMETRY.map((name) => [name, round(mask[name])])),
    }));
  }

  get wireCrop() {
    return this.crop && [this.crop.x, this.crop.y, this.crop.width, this.crop.height];
  }

  /** Start again from what the server has, and put on top what was drawn here and it does not know. */
  rebase(answer) {
    const known = new Map([...this.ids].map(([key, id]) => [id, key]));
    const there = answer.masks.map((mask) => ({ ...mask, key: known.get(mask.id) ?? newKey() }));
    const isNew = (mask) => !this.ids.get(mask.key) && !there.some((other) => near(other, mask));
    const masks = [...there, ...this.masks.filter(isNew)];
    this.ids = new Map(there.map((mask) => [mask.key, mask.id]));
    this.revision = answer.revision;
    this.past = [];
    this.future = [];
    this.change({ masks, crop: box(answer.crop) });
  }

  /** Take over the server's ids (and, when nothing changed here meanwhile, its values). */
  adopt(answer, sent, untouched) {
    this.revision = answer.revision;
    const byId = new Map(answer.masks.map((mask) => [mask.id, mask]));
    for (const [key, id] of this.ids) if (id && !byId.has(id)) this.ids.delete(key);
    const taken = new Set(this.ids.values());
    sent.forEach(({ key, mask }) => {
      if (mask.id) return;
      const match = answer.masks.find((other) => !taken.has(other.id) && near(other, mask));
      if (!match) return;
      taken.add(match.id);
      this.ids.set(key, match.id);
    });
    if (!untouched) return;
    this.masks = this.masks.map((mask) => {
      const known = byId.get(this.ids.get(mask.key));
      return known ? { ...mask, ...known, key: mask.key } : mask;
    });
    this.crop = box(answer.crop);
    this.tell("change", { fromServer: true });
  }
}
