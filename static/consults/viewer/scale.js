// The length of a scale bar: a round number of micrometres that fits the pane.

const ROUND = [1, 2, 5];

/**
 * Return the longest bar of 1, 2 or 5 times a power of ten µm that is at most `most` px long; null without a scale.
 *
 * @param {number} umPerPx micrometres a px of the screen
 * @param {number} most px
 * @returns {{ um: number, px: number } | null}
 */
export function barOf(umPerPx, most) {
  if (!Number.isFinite(umPerPx) || umPerPx <= 0 || most <= 0) return null;
  const longest = umPerPx * most;
  const power = 10 ** Math.floor(Math.log10(longest));
  const factor = ROUND.filter((one) => one * power <= longest * 1.000001).at(-1) ?? 1;
  const um = factor * power;
  return { um, px: um / umPerPx };
}

/**
 * A length in µm, mm or nm, as a bar is labelled.
 *
 * @param {number} um
 */
export function lengthOf(um) {
  if (um >= 1000) return `${um / 1000} mm`;
  return um >= 1 ? `${um} µm` : `${Math.round(um * 1000)} nm`;
}
