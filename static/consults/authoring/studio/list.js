// The masks in words: the list beside the picture (the whole studio for those who do not use a pointer), and on
// small screens the selected one under it.
import { element, findOptional } from "../../../core/dom.js";
import { COVERS, CROP } from "./store.js";

/** @import { Say } from "../../../core/words.js" */
/** @import { Box } from "./shapes.js" */
/** @import { Mask, MaskKind, MaskStyle, Store } from "./store.js" */

/**
 * @typedef {object} ListActions
 * @property {(key: string) => unknown} accept
 * @property {(key: string) => unknown} dismiss
 * @property {(key: string) => unknown} remove
 * @property {(key: string, style: MaskStyle) => unknown} restyle
 * @property {(key: string, kind: MaskKind) => unknown} setKind
 * @property {() => unknown} uncrop
 */

/** @type {MaskKind[]} */
const KINDS = ["face", "eye", "text", "other"];
/** @type {MaskStyle[]} */
const STYLES = ["bar", "veil"];
/** @type {Partial<Record<Mask["state"], string>>} */
const TONES = { check: "tag-warn", dismissed: "", suggested: "tag-accent", accepted: "tag-good", drawn: "tag-accent" };

/** @param {Element | null} [node] */
const keyOf = (node) => (node instanceof HTMLElement ? node.dataset.key : undefined);

/**
 * Replace the children of a node and put the focus back where it was, or on what took its place.
 *
 * @param {HTMLElement} node
 * @param {() => HTMLElement[]} draw makes the new children
 */
function redraw(node, draw) {
  const { activeElement } = document;
  const focused = activeElement instanceof HTMLElement && node.contains(activeElement) ? activeElement : null;
  const item = focused?.closest("[data-key]") ?? null;
  const before = {
    key: keyOf(item),
    role: focused?.dataset.role,
    at: item ? [...node.children].indexOf(item) : -1,
  };
  node.replaceChildren(...draw());
  if (!focused) return;
  const children = [...node.children];
  const same = children.find((child) => keyOf(child) === before.key);
  const next = same ?? children[Math.min(before.at, children.length - 1)];
  if (!next) return;
  const sameRole = before.role && findOptional(next, `[data-role="${before.role}"]`);
  (sameRole || findOptional(next, "[data-role]"))?.focus({ preventScroll: true });
}

export class List {
  /**
   * @param {object} options
   * @param {HTMLElement} options.node the list
   * @param {HTMLElement} options.bar shows the selected mask on small screens
   * @param {Store} options.store
   * @param {Say} options.say
   * @param {ListActions} options.actions
   */
  constructor({ node, bar, store, say, actions }) {
    this.node = node;
    this.bar = bar;
    this.store = store;
    this.say = say;
    this.actions = actions;
    this.rendered = ""; // what the list showed when it was last made
    store.on("change", () => this.render());
    store.on("select", () => this.markSelected());
    this.render();
  }

  render() {
    const { say, store } = this;
    // Where a mask lies is not shown here: a hundred rows are not made anew for each step of an arrow key.
    const shown = JSON.stringify([
      store.crop,
      store.masks.map(({ x, y, width, height, angle, points, ...mask }) => mask),
    ]);
    if (shown === this.rendered) return;
    this.rendered = shown;
    redraw(this.node, () => {
      const items = store.masks.map((mask, index) => this.item(mask, index + 1));
      if (store.crop) items.unshift(this.cropItem(store.crop));
      if (!items.length && !store.painted.length)
        items.push(element("li", { className: "studio-none", textContent: say("none") }));
      return [...items, ...store.painted.map((mask) => this.paintedItem(mask))];
    });
    this.markSelected();
  }

  markSelected() {
    for (const item of this.node.children) {
      const isSelected = keyOf(item) !== undefined && keyOf(item) === this.store.selected;
      item.classList.toggle("is-selected", isSelected);
      item.querySelector("[data-role=select]")?.setAttribute("aria-pressed", String(isSelected));
    }
    this.reveal(this.node.querySelector(".is-selected"));
    redraw(this.bar, () => this.selectedItems());
  }

  /** Return the selected mask, or the crop, for the bar under the picture. */
  selectedItems() {
    const { store } = this;
    if (store.selected === CROP && store.crop) return [this.cropItem(store.crop, "div")];
    const at = store.masks.findIndex((mask) => mask.key === store.selected);
    return at < 0 ? [] : [this.item(store.masks[at], at + 1, "div")];
  }

  /**
   * Scroll the list, never the page: the picture under the finger must not move.
   *
   * @param {Element | null} item
   */
  reveal(item) {
    const side = this.node.closest(".studio-side");
    if (!item || !side || side.scrollHeight <= side.clientHeight) return;
    const above = item.getBoundingClientRect().top - side.getBoundingClientRect().top;
    const below = item.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom;
    if (above < 0) side.scrollTop += above - 8;
    else if (below > 0) side.scrollTop += below + 8;
  }

  /**
   * Return why a mask is there, or why not.
   *
   * @param {Mask} mask
   */
  why(mask) {
    if (mask.kind === "window") return this.say("window_why");
    if (mask.state === "dismissed" && mask.reason) return this.say("why_not", { reason: mask.reason });
    if (!mask.detector) return this.say("by_hand");
    if (mask.score === null || mask.score === undefined) return this.say("found_plain");
    return this.say("found", { detector: mask.detector, score: Math.round(100 * mask.score) });
  }

  /**
   * Return one mask: in the list with a button that selects it, in the bar (a div) without.
   *
   * @param {Mask} mask
   * @param {number} number
   * @param {"li" | "div"} [tag]
   */
  item(mask, number, tag = "li") {
    const { say } = this;
    const state = mask.kind === "window" ? "shown" : mask.state;
    const head = [
      element("span", { className: "studio-number", textContent: String(number) }),
      element("span", { className: "studio-kind", textContent: say(mask.kind) }),
      element("span", { className: `tag ${TONES[mask.state]}`, textContent: say(state) }),
    ];
    return this.framed(mask.key, `is-${mask.state}`, head, this.why(mask), this.controls(mask, number), tag);
  }

  /**
   * @param {Box} crop
   * @param {"li" | "div"} [tag]
   */
  cropItem({ width, height }, tag = "li") {
    const { say } = this;
    const remove = element("button", {
      type: "button",
      className: "btn btn-sm btn-outline-danger",
      textContent: say("uncut"),
    });
    remove.dataset.role = "remove";
    remove.addEventListener("click", () => this.actions.uncrop());
    const head = [element("span", { className: "studio-kind", textContent: say("crop") })];
    const row = element("div", { className: "studio-item-controls" }, remove);
    return this.framed(CROP, "is-crop", head, say("crop_size", { width, height }), row, tag);
  }

  /** @param {Mask} mask sealed into the original */
  paintedItem(mask) {
    const { say } = this;
    return element(
      "li",
      { className: "studio-item is-painted" },
      element(
        "p",
        { className: "studio-item-head" },
        element("span", { className: "studio-kind", textContent: say(mask.kind) }),
        element("span", { className: "tag", textContent: say("painted") }),
      ),
      element("p", { className: "studio-why", textContent: say("painted_why") }),
    );
  }

  /**
   * @param {string} key
   * @param {string} state its class
   * @param {HTMLElement[]} head
   * @param {string} why
   * @param {HTMLElement} controls
   * @param {"li" | "div"} tag
   */
  framed(key, state, head, why, controls, tag) {
    const top =
      tag === "li"
        ? element("button", { type: "button", className: "studio-item-select" }, ...head)
        : element("p", { className: "studio-item-head" }, ...head);
    if (tag === "li") top.dataset.role = "select";
    const item = element(
      tag,
      { className: `studio-item ${state}` },
      top,
      element("p", { className: "studio-why", textContent: why }),
      controls,
    );
    item.dataset.key = key;
    // Focus anywhere in the item picks its mask, so that the keys act on what one hears.
    item.addEventListener("focusin", () => this.store.select(key));
    item.addEventListener("click", () => this.store.select(key));
    return item;
  }

  /**
   * @param {Mask} mask
   * @param {number} number
   */
  controls(mask, number) {
    const row = element("div", { className: "studio-item-controls" });
    const called = `${this.say(mask.kind)} ${number}`;
    /**
     * @param {string} role
     * @param {string} text
     * @param {string} kind the class of its colours
     * @param {() => unknown} act
     */
    const button = (role, text, kind, act) => {
      const node = element("button", { type: "button", className: `btn btn-sm ${kind}`, textContent: text });
      node.dataset.role = role;
      node.setAttribute("aria-label", `${text}: ${called}`);
      node.addEventListener("click", act);
      row.append(node);
    };
    const { actions } = this;
    const accept = () => actions.accept(mask.key);
    const dismiss = () => actions.dismiss(mask.key);
    const remove = () => actions.remove(mask.key);
    if (mask.state === "check") button("accept", this.say("accept"), "btn-primary", accept);
    if (mask.state === "suggested") button("accept", this.say("accept_done"), "btn-outline-primary", accept);
    if (mask.state === "dismissed") button("accept", this.say("restore"), "btn-outline-primary", accept);
    if (mask.detector && mask.state !== "dismissed") {
      const text = mask.kind === "eye" ? this.say("not_eye") : this.say("dismiss");
      button("dismiss", text, "btn-outline-secondary", dismiss);
    }
    if (mask.kind !== "window") {
      const { style, kind, key } = mask;
      const setStyle = (/** @type {MaskStyle} */ chosen) => actions.restyle(key, chosen);
      const setKind = (/** @type {MaskKind} */ chosen) => actions.setKind(key, chosen);
      if (COVERS.has(mask.state)) row.append(this.choice("style", STYLES, style, called, setStyle));
      if (!mask.detector) row.append(this.choice("kind", KINDS, kind, called, setKind));
    }
    if (!mask.detector) button("remove", this.say("remove"), "btn-outline-danger", remove);
    return row;
  }

  /**
   * @template {string} Value
   * @param {string} name
   * @param {Value[]} values
   * @param {Value} current
   * @param {string} called how the mask is called
   * @param {(value: Value) => unknown} act
   */
  choice(name, values, current, called, act) {
    const options = values.map((value) =>
      element("option", { value, textContent: this.say(value), selected: value === current }),
    );
    const select = element("select", { className: "form-select form-select-sm" }, ...options);
    select.dataset.role = name;
    select.setAttribute("aria-label", `${this.say(name)}: ${called}`);
    select.addEventListener("change", () => act(/** @type {Value} */ (select.value)));
    return select;
  }
}
