// Keys of the viewer. The list that people read is in templates/partials/viewer.html.

const ACTIONS = new Map([
  ["n", "next"],
  ["b", "before"],
  ["+", "zoom-in"],
  ["=", "zoom-in"],
  ["-", "zoom-out"],
  ["0", "home"],
  ["1", "actual"],
  ["s", "side"],
  ["c", "compare"],
  ["p", "pins"],
  ["a", "pin"],
  ["f", "full"],
  ["?", "keys"],
]);
// Of OpenSeadragon: turning or mirroring a picture would change what is left and right on the patient.
const WITHOUT_USE = new Set(["r", "w", "d"]);

/**
 * The action of a key; "" for one that must do nothing, null for one that is none of the viewer's.
 *
 * @param {{ key: string, ctrlKey: boolean, altKey: boolean, metaKey: boolean }} event
 */
export function actionOf({ key, ctrlKey, altKey, metaKey }) {
  if (ctrlKey || altKey || metaKey) return null;
  const name = key.length === 1 ? key.toLowerCase() : key;
  if (WITHOUT_USE.has(name)) return "";
  return ACTIONS.get(name) ?? null;
}
