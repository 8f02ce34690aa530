// What a person put into a form: read, compared with what the page came with, and put back.
import { findOptional } from "./dom.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */
/** @typedef {Record<string, string[]>} Values the values of each name; none for a box that is not ticked */

const SELECTOR = "input[name], textarea[name], select[name]";
// Never read: what others must not find on the device, what the browser keeps itself, and what no person filled in.
const LEFT_OUT = new Set(["password", "file", "submit", "button", "reset", "image"]);
const HIDDEN_TOO = "[data-typeahead-code], [name=reply_to], [name=quote], [data-chosen], [data-versions]";

/** @param {Control} control */
function isTyped(control) {
  if (LEFT_OUT.has(control.type) || control.matches("[data-not-kept]")) return false;
  return control.type !== "hidden" || control.matches(HIDDEN_TOO);
}

/** @param {Control} control */
const isTick = (control) => control.type === "checkbox" || control.type === "radio";

/**
 * Return the controls that a person fills in; a form's own and those that name it.
 *
 * @param {HTMLFormElement} form
 */
export function controlsOf(form) {
  const all = /** @type {Control[]} */ ([...form.elements].filter((control) => control.matches(SELECTOR)));
  return all.filter(isTyped);
}

/**
 * @param {HTMLFormElement} form
 * @param {(control: Control) => string[]} read
 * @returns {Values}
 */
function collect(form, read) {
  /** @type {Values} */
  const found = {};
  for (const control of controlsOf(form)) {
    found[control.name] ??= [];
    found[control.name].push(...read(control));
  }
  return found;
}

/** @param {HTMLFormElement} form */
export const valuesOf = (form) => collect(form, valuesIn);

/**
 * Return what the page came with; a person may have changed it before any script ran.
 *
 * @param {HTMLFormElement} form
 */
export const defaultsOf = (form) => collect(form, defaultsIn);

/** @param {Control} control */
function valuesIn(control) {
  if (isTick(control)) return /** @type {HTMLInputElement} */ (control).checked ? [control.value] : [];
  if (!(control instanceof HTMLSelectElement && control.multiple)) return [control.value];
  return [...control.selectedOptions].map((option) => option.value);
}

/** @param {Control} control */
function defaultsIn(control) {
  if (control instanceof HTMLSelectElement) return defaultsOfSelect(control);
  if (!isTick(control)) return [control.defaultValue];
  return /** @type {HTMLInputElement} */ (control).defaultChecked ? [control.value] : [];
}

/** @param {HTMLSelectElement} select */
function defaultsOfSelect(select) {
  const selected = [...select.options].filter((option) => option.defaultSelected);
  if (select.multiple) return selected.map((option) => option.value);
  const shown = selected.at(-1) ?? [...select.options].find((option) => !option.disabled);
  return shown ? [shown.value] : [];
}

/**
 * @param {string[]} [one]
 * @param {string[]} [other]
 */
export const isSame = (one = [], other = []) => JSON.stringify(one) === JSON.stringify(other);

/**
 * Return what differs from `before`.
 *
 * @param {Values} values
 * @param {Values} before
 * @returns {Values}
 */
export function changedFrom(values, before) {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => !isSame(value, before[name])));
}

/**
 * Put values into the controls of their names, and open what is folded around them. Dispatches "change" on each.
 *
 * @param {HTMLFormElement} form
 * @param {Values} values
 */
export function putInto(form, values) {
  const rest = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [...value]]));
  /** @type {Control[]} */
  const touched = [];
  for (const control of controlsOf(form)) {
    if (!(control.name in rest)) continue;
    if (isTick(control)) {
      /** @type {HTMLInputElement} */ (control).checked = rest[control.name].includes(control.value);
    } else if (control instanceof HTMLSelectElement && control.multiple) {
      for (const option of control.options) option.selected = rest[control.name].includes(option.value);
    } else control.value = rest[control.name].shift() ?? "";
    touched.push(control);
  }
  for (const control of touched) {
    const fold = control.closest("details");
    if (fold) fold.open = true;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/**
 * Return a form's versions of its fields, as they were when the page was made or last saved.
 *
 * @param {HTMLFormElement} form
 */
export const versionsField = (form) => findOptional(form, "[data-versions]", HTMLInputElement);
