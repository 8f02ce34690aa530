// Places on a picture, in shares of its sides from its upper left: a point, a box, an outline that closes.

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {"point" | "box" | "outline"} Shape */
/** @typedef {Point & { outline: [number, number][] }} Place where the number stands, and the corners, none for a point */

export const MOST_CORNERS = 40;
export const FEWEST_CORNERS = 3;
const CLOSE = 0.015; // shares: a corner set so near to the first one closes the outline
const SMALLEST_BOX = 0.008;
const DIGITS = 1e4;

/** @param {number} value */
export const clamp = (value) => Math.max(0, Math.min(1, value));
const rounded = (/** @type {number} */ value) => Math.round(clamp(value) * DIGITS) / DIGITS;
const corner = (/** @type {Point} */ { x, y }) => /** @type {[number, number]} */ ([rounded(x), rounded(y)]);

/**
 * @param {Point} point
 * @returns {Place}
 */
export const pointAt = (point) => ({ x: rounded(point.x), y: rounded(point.y), outline: [] });

/**
 * Return a box between two corners; a point when it would be too small to be seen.
 *
 * @param {Point} from
 * @param {Point} to
 * @returns {Place}
 */
export function boxOf(from, to) {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
  if (right - left < SMALLEST_BOX || bottom - top < SMALLEST_BOX) return pointAt(from);
  return outlineOf([
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ]);
}

/**
 * Return the outline through these corners; the number stands at the first.
 *
 * @param {Point[]} corners at least FEWEST_CORNERS
 * @returns {Place}
 */
export function outlineOf(corners) {
  const outline = corners.slice(0, MOST_CORNERS).map(corner);
  return { x: outline[0][0], y: outline[0][1], outline };
}

/**
 * Whether a corner set here closes the outline: on its first corner, or when no more fit.
 *
 * @param {Point[]} corners
 * @param {Point} next
 */
export function closes(corners, next) {
  if (corners.length < FEWEST_CORNERS) return false;
  const [first] = corners;
  return corners.length >= MOST_CORNERS || Math.hypot(next.x - first.x, next.y - first.y) < CLOSE;
}

/**
 * Return what was placed when a corner is set here: a point at once, a box with its second corner, an outline when it
 * closes; null while more corners are wanted.
 *
 * @param {Shape} shape
 * @param {Point[]} corners those set before
 * @param {Point} next
 * @returns {Place | null}
 */
export function placed(shape, corners, next) {
  if (shape === "point") return pointAt(next);
  if (shape === "box") return corners.length ? boxOf(corners[0], next) : null;
  return closes(corners, next) ? outlineOf(corners) : null;
}

/** Whole percent. @param {number} share */
export const percent = (share) => Math.round(100 * share);
