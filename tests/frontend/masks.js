// Masks and stores to test with.
import { Store } from "../../static/consults/authoring/studio/store.js";

/** @import { Mask, ServerMask } from "../../static/consults/authoring/studio/store.js" */

/**
 * Make a mask as the server gives it.
 *
 * @param {Partial<Mask>} [fields]
 * @returns {Mask}
 */
export function makeMask(fields = {}) {
  return {
    ...{ key: "m0", id: null, kind: "other", shape: "box", style: "bar", state: "drawn", reason: "", detector: "" },
    ...{ angle: 0, points: [], thickness: 0, x: 100, y: 100, width: 200, height: 100 },
    ...fields,
  };
}

/** An eye that a detector is not sure of. */
export const FOUND = makeMask({ id: 7, kind: "eye", shape: "band", state: "check", detector: "faces", score: 0.4 });
/** A face that is veiled. */
export const VEIL = makeMask({
  ...{ id: 8, kind: "face", style: "veil", state: "suggested", detector: "faces" },
  ...{ x: 400, y: 200, width: 600, height: 800 },
});

/**
 * Make the store of a picture of 1600 × 1200 px.
 *
 * @param {ServerMask[]} [masks]
 * @param {{ width?: number, height?: number }} [size]
 */
export function makeStore(masks = [], { width = 1600, height = 1200 } = {}) {
  return new Store({ width, height, masks, painted: [], crop: null, revision: 1 });
}
