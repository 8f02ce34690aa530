// Geometry of masks: px of the full-size picture, the box before it is turned about its centre.

/** @import { Mask } from "./store.js" */

/** @typedef {[number, number]} Point px */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box px, from the upper left corner */
/** @typedef {{ width: number, height: number }} Size px */

export const MAX_POINTS = 400; // of one stroke, as the server takes it
const MIN_CROP_LONG = 800; // px of a crop's longer side, as the server takes it
const MIN_CROP_SHORT = 600;

/**
 * Return the box around a stroke.
 *
 * @param {Point[]} points
 * @param {number} thickness px
 * @returns {Box}
 */
export function hull(points, thickness) {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const half = thickness / 2;
  const x = Math.min(...xs) - half;
  const y = Math.min(...ys) - half;
  return { x, y, width: Math.max(...xs) + half - x, height: Math.max(...ys) + half - y };
}

/**
 * Return a mask with another box or angle. The points of a stroke move instead, so that it needs no angle.
 *
 * @param {Mask} mask
 * @param {Box & { angle: number }} patch
 * @returns {Mask}
 */
export function reshaped(mask, patch) {
  const next = { ...mask, ...patch };
  if (mask.shape !== "brush") return next;
  const cx = mask.x + mask.width / 2;
  const cy = mask.y + mask.height / 2;
  // The line is as wide as before, so the box without it is what grows.
  const room = (/** @type {number} */ size) => Math.max(1e-6, size - mask.thickness);
  const growth = (/** @type {number} */ size, /** @type {number} */ was) =>
    was - mask.thickness < 1e-6 ? 1 : Math.max(0, size - mask.thickness) / room(was);
  const scaleX = growth(next.width, mask.width);
  const scaleY = growth(next.height, mask.height);
  const turn = (next.angle * Math.PI) / 180;
  const toX = next.x + next.width / 2;
  const toY = next.y + next.height / 2;
  const points = mask.points.map(([x, y]) => {
    const right = (x - cx) * scaleX;
    const down = (y - cy) * scaleY;
    return turned(toX, toY, right, down, turn);
  });
  return { ...next, angle: 0, points, ...hull(points, next.thickness) };
}

/**
 * Return a point that lies so far right of and below a centre, turned about it.
 *
 * @param {number} cx
 * @param {number} cy
 * @param {number} right
 * @param {number} down
 * @param {number} angle radians, clockwise
 * @returns {Point}
 */
function turned(cx, cy, right, down, angle) {
  return [cx + right * Math.cos(angle) - down * Math.sin(angle), cy + right * Math.sin(angle) + down * Math.cos(angle)];
}

/**
 * Return fewer points, none of those left out farther than `tolerance` px from the line (Ramer, Douglas, Peucker);
 * at most MAX_POINTS, with a larger tolerance if need be.
 *
 * @param {Point[]} points
 * @param {number} tolerance px
 * @returns {Point[]}
 */
export function simplified(points, tolerance) {
  const keep = new Set([0, points.length - 1]);
  const spans = [[0, points.length - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    let worst = tolerance;
    let at = -1;
    for (let index = from + 1; index < to; index += 1) {
      const away = distance(points[index], points[from], points[to]);
      if (away > worst) [worst, at] = [away, index];
    }
    if (at < 0) continue;
    keep.add(at);
    spans.push([from, at], [at, to]);
  }
  const kept = points.filter((_, index) => keep.has(index));
  return kept.length > MAX_POINTS ? simplified(points, 2 * tolerance) : kept;
}

/**
 * Return the distance of a point from the line between two others.
 *
 * @param {Point} point
 * @param {Point} from
 * @param {Point} to
 */
function distance([x, y], [x0, y0], [x1, y1]) {
  const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const along = length ? Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length)) : 0;
  return Math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0));
}

/**
 * Whether a point lies in a mask. A stroke's whole box counts.
 *
 * @param {Mask} mask
 * @param {number} x
 * @param {number} y
 */
export function holds(mask, x, y) {
  const turn = (-mask.angle * Math.PI) / 180;
  const right = x - mask.x - mask.width / 2;
  const down = y - mask.y - mask.height / 2;
  const along = Math.abs(right * Math.cos(turn) - down * Math.sin(turn)) / (mask.width / 2);
  const across = Math.abs(right * Math.sin(turn) + down * Math.cos(turn)) / (mask.height / 2);
  return mask.shape === "ellipse" ? along ** 2 + across ** 2 <= 1 : along <= 1 && across <= 1;
}

/**
 * Return the nearest crop in whole px that the server takes; null when it leaves the whole picture.
 *
 * @param {Box} box
 * @param {Size} picture
 * @returns {Box | null}
 */
export function fittedCrop(box, { width, height }) {
  const long = Math.min(MIN_CROP_LONG, Math.max(width, height));
  const short = Math.min(MIN_CROP_SHORT, Math.min(width, height));
  let w = Math.min(width, Math.max(short, Math.round(box.width)));
  let h = Math.min(height, Math.max(short, Math.round(box.height)));
  if (Math.max(w, h) < long) {
    if ((w >= h && width >= long) || height < long) w = long;
    else h = long;
  }
  const x = Math.min(width - w, Math.max(0, Math.round(box.x)));
  const y = Math.min(height - h, Math.max(0, Math.round(box.y)));
  return w === width && h === height ? null : { x, y, width: w, height: h };
}

/**
 * Whether anything of a picture of this size may be cut off.
 *
 * @param {Size} picture
 */
export function mayCrop({ width, height }) {
  return Math.max(width, height) > MIN_CROP_LONG || Math.min(width, height) > MIN_CROP_SHORT;
}
