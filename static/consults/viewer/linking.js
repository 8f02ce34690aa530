// Views of pictures that move together: what part is shown, free of a picture's size.

/**
 * What a pane shows: `zoom` in units of the whole picture, the middle as shares of the picture's sides.
 *
 * @typedef {{ zoom: number, x: number, y: number }} View
 */

/** @typedef {"type" | "all" | "none"} Link */

/**
 * Whether a picture follows another one.
 *
 * @param {Link} link
 * @param {string} moved the type of the picture that was moved: clinical, dermoscopy, histology
 * @param {string} other
 */
export const follows = (link, moved, other) => link === "all" || (link === "type" && moved === other);

/**
 * Whether two views show the same, as far as anybody sees.
 *
 * @param {View} one
 * @param {View} other
 */
export function isAlike(one, other) {
  const isNear = (/** @type {number} */ a, /** @type {number} */ b) => Math.abs(a - b) < 1e-4;
  return isNear(one.zoom / other.zoom, 1) && isNear(one.x, other.x) && isNear(one.y, other.y);
}

/**
 * What a picture shows when another one is moved that shows the same place smaller or larger; never less than all of it.
 *
 * @param {View} moved
 * @param {number} ratio its zoom by that of the one that was moved
 * @returns {View}
 */
export const atScale = (moved, ratio) => ({ ...moved, zoom: Math.max(1, moved.zoom * ratio) });

/**
 * The longer side of a picture that is shown whole in a pane, px.
 *
 * @param {number} shape its height by its width
 * @param {number} width of the pane
 * @param {number} height
 */
export const longerSide = (shape, width, height) => Math.min(width, height / shape) * Math.max(1, shape);

/**
 * The first picture of each type, in the order clinical, dermoscopy, histology.
 *
 * @template {{ type: string }} Picture
 * @param {Picture[]} pictures
 * @returns {Picture[]}
 */
export function oneOfEach(pictures) {
  const first = ["clinical", "dermoscopy", "histology"].map((type) => pictures.find((one) => one.type === type));
  return first.filter((one) => one !== undefined);
}

/**
 * Fill up to `count` panes: those shown already stay, then the pictures that come after the last of them.
 *
 * @template Picture
 * @param {Picture[]} pictures
 * @param {Picture[]} shown
 * @param {number} count
 * @returns {Picture[]}
 */
export function fillUp(pictures, shown, count) {
  const chosen = shown.slice(0, count);
  const start = pictures.indexOf(chosen[chosen.length - 1]);
  for (let step = 1; chosen.length < count && step <= pictures.length; step += 1) {
    const next = pictures[(start + step) % pictures.length];
    if (!chosen.includes(next)) chosen.push(next);
  }
  return chosen;
}
