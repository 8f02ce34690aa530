// The masks of one picture, their history, and what is selected. Plain data: px of the full-size picture,
// the box before it is turned about its centre, degrees clockwise.

const COALESCE_MS = 700;
const MOST_STEPS = 100;
export const COVERS = new Set(["suggested", "accepted", "drawn"]);
const GEOMETRY = ["x", "y", "width", "height", "angle"];

let serial = 0;
const newKey = () => `m${(serial += 1)}`;
const near = (a, b) => a.shape === b.shape && GEOMETRY.every((name) => Math.abs((a[name] ?? 0) - (b[name] ?? 0)) < 0.51);

export class Store extends EventTarget {
  constructor({ width, height, masks, revision }) {
    super();
    this.width = width;
    this.height = height;
    this.revision = revision;
    this.masks = masks.map((mask) => ({ reason: "", angle: 0, ...mask, key: newKey() }));
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

  remember() {
    this.past.push(JSON.stringify(this.masks));
    if (this.past.length > MOST_STEPS) this.past.shift();
    this.future = [];
  }

  change(masks) {
    this.masks = masks;
    if (this.selected && !this.get(this.selected)) {
      this.selected = null;
      this.tell("select");
    }
    this.tell("change");
  }

  add({ shape, kind = "other", x, y, width, height, angle = 0 }) {
    this.remember();
    const style = kind === "face" ? "veil" : "bar";
    const key = newKey();
    const box = this.fitted({ x, y, width, height });
    const mask = { key, id: null, kind, shape, style, angle, score: null, detector: "", state: "drawn", reason: "", ...box };
    this.change([...this.masks, mask]);
    this.select(key);
    return mask;
  }

  /** Merge `patch` into a mask. Quick repeats on the same mask (held keys) are one step back. */
  update(key, patch, { quick = false } = {}) {
    const mask = this.get(key);
    if (!mask) return null;
    const now = Date.now();
    if (!(quick && this.touched.key === key && now - this.touched.at < COALESCE_MS)) this.remember();
    this.touched = { key: quick ? key : null, at: now };
    const next = { ...mask, ...patch };
    Object.assign(next, this.fitted(next));
    // Moving what a detector found says that it is meant to be covered.
    if (GEOMETRY.some((name) => name in patch) && mask.state === "check") next.state = "accepted";
    this.change(this.masks.map((other) => (other.key === key ? next : other)));
    return next;
  }

  remove(key) {
    this.remember();
    this.change(this.masks.filter((mask) => mask.key !== key));
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
    to.push(JSON.stringify(this.masks));
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

  /** What the server is asked to keep. */
  wire() {
    const round = (number) => Math.round(number * 10) / 10;
    return this.masks.map(({ key, x, y, width, height, angle, kind, shape, style, state, reason, score, detector }) => ({
      id: this.ids.get(key) ?? null,
      kind,
      shape,
      style,
      state,
      reason: reason ?? "",
      score,
      detector,
      x: round(x),
      y: round(y),
      width: round(width),
      height: round(height),
      angle: round(angle ?? 0),
    }));
  }

  /** Take over the server's ids (and, when nothing changed here meanwhile, its values). */
  adopt(answer, sent, untouched) {
    this.revision = answer.revision;
    if (!Array.isArray(answer.masks)) return;
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
    this.tell("change", { fromServer: true });
  }
}
