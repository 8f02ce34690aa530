// [data-viewer]: the pictures of a case, one to four at a time, or two under a slider; [data-viewer-picture] name them.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { element, find, findAll, findOptional, targetOf } from "../../core/dom.js";
import { words } from "../../core/words.js";
import { actionOf } from "./keys.js";
import { atScale, fillUp, follows, isAlike, longerSide, oneOfEach } from "./linking.js";
import { Pane } from "./pane.js";
import { Pins } from "./pins.js";
import { readPicture } from "./sources.js";

/** @import { Link } from "./linking.js" */
/** @import { Picture } from "./sources.js" */
/**
 * Two pictures of one place by their renditions; `scale` > 1: the later one shows it larger, as a part of the frame.
 *
 * @typedef {{ before: string, after: string, scale: number }} Pair
 */

const say = words("viewer");
const STEP = 1.5;
const MOST_PANES = 4;
const SURROUND = "rete-viewer-surround";

/**
 * Close the menu that holds a button which was pressed: open, it would cover the pictures that change.
 *
 * @param {HTMLElement} button
 */
function closeMenuOf(button) {
  const menu = button.closest("details[data-menu]");
  if (!(menu instanceof HTMLDetailsElement)) return;
  menu.open = false;
  find(menu, "summary").focus({ preventScroll: true });
}

/** The pictures of a case: one at a time, up to four side by side, or two under a slider. */
class Viewer {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.frames = find(root, "[data-viewer-frames]");
    this.label = find(root, "[data-viewer-label]");
    this.pictures = findAll(root, "[data-viewer-picture]").map(readPicture);
    this.share = find(root, "[data-viewer-share]", HTMLInputElement);
    this.divider = element("div", { className: "viewer-divider", hidden: true });
    /** @type {Pane[]} */
    this.panes = [];
    /** @type {Link} */
    this.link = "type";
    this.isComparing = false;
    this.isFollowing = false;
    /** @type {Pair | null} */
    this.pair = null; // compared at equal scale
    this.pins = findOptional(root, "[data-pins]") ? new Pins(this) : null;
    this.active = this.addPane(this.pictures[0]);
    this.listen();
    this.readSurround();
    this.lay();
  }

  listen() {
    const { root } = this;
    for (const picture of this.pictures) picture.button.addEventListener("click", () => this.show(picture));
    root.addEventListener("click", (event) => {
      const button = targetOf(event)?.closest("[data-do]");
      if (!(button instanceof HTMLElement)) return;
      closeMenuOf(button);
      this.act(button.dataset.do ?? "");
    });
    document.addEventListener("fullscreenchange", () => !document.fullscreenElement && this.setFull(false));
    document.addEventListener("keydown", (event) => this.onKey(event), true);
    this.share.addEventListener("input", () => this.slide());
    this.divider.addEventListener("pointerdown", (event) => this.drag(event));
    const link = findOptional(root, "[data-viewer-link]", HTMLSelectElement);
    link?.addEventListener("change", () => {
      this.link = /** @type {Link} */ (link.value);
      this.moved(this.active);
    });
    const surround = find(root, "[data-viewer-surround]", HTMLSelectElement);
    surround.addEventListener("change", () => this.setSurround(surround.value));
    const types = findOptional(root, "[data-viewer-types]");
    if (types) types.hidden = oneOfEach(this.pictures).length < 2;
  }

  get isFull() {
    return this.root.classList.contains("is-full");
  }

  // --- Panes

  /** @param {Picture} picture */
  addPane(picture) {
    const pane = new Pane(this, picture);
    this.panes.push(pane);
    return pane;
  }

  /**
   * Show these pictures, each in a pane.
   *
   * @param {Picture[]} pictures
   */
  setPictures(pictures) {
    while (this.panes.length > pictures.length) this.panes.pop()?.destroy();
    for (const [at, picture] of pictures.entries()) {
      if (!this.panes[at]) this.addPane(picture);
      else if (this.panes[at].picture !== picture) this.panes[at].show(picture);
    }
    if (!this.panes.includes(this.active)) this.active = this.panes[this.panes.length - 1];
    this.lay();
  }

  /** Lay the panes out as many as there are, and show every picture whole. */
  lay() {
    const count = this.panes.length;
    this.frames.dataset.panes = String(count);
    this.frames.classList.toggle("is-compared", this.isComparing);
    find(this.root, "[data-viewer-compare]").hidden = !this.isComparing;
    this.divider.hidden = !this.isComparing;
    if (this.isComparing) this.frames.append(this.divider);
    const swap = findOptional(this.root, "[data-viewer-swap]");
    if (swap) swap.hidden = !this.isComparing;
    this.setPressed("side", count > 1 && !this.isComparing);
    this.setPressed("compare", this.isComparing);
    this.pins?.keepUp();
    this.slide();
    this.fit();
    this.markShown();
  }

  /** @param {Pane} pane */
  activate(pane) {
    if (this.active === pane) return;
    this.active = pane;
    this.markShown();
  }

  /** @param {Picture} picture */
  show(picture) {
    if (this.active.picture !== picture || this.active.failed) this.active.show(picture);
    this.markShown();
    const number = this.pictures.indexOf(picture) + 1;
    announce(say("shown", { label: picture.label, number, count: this.pictures.length }));
  }

  /**
   * Show the picture that a pin lies on, and return its pane; null when it is none of these.
   *
   * @param {string} rendition
   */
  showRendition(rendition) {
    const there = this.panes.find((pane) => pane.picture.rendition === rendition);
    if (there) {
      this.activate(there);
      return there;
    }
    const picture = this.pictures.find((one) => one.rendition === rendition);
    if (!picture) return null;
    this.show(picture);
    return this.active;
  }

  /** @param {number} by */
  step(by) {
    const count = this.pictures.length;
    const at = this.pictures.indexOf(this.active.picture);
    this.show(this.pictures[(at + by + count) % count]);
  }

  /** Mark the buttons of the pictures that are shown, and name them under the frames. */
  markShown() {
    const shown = this.panes.map((pane) => pane.picture);
    for (const picture of this.pictures) {
      picture.button.classList.toggle("is-shown", shown.includes(picture));
      if (picture === this.active.picture) picture.button.setAttribute("aria-current", "true");
      else picture.button.removeAttribute("aria-current");
    }
    for (const pane of this.panes)
      pane.node.classList.toggle("is-active", this.panes.length > 1 && pane === this.active);
    this.label.textContent = shown.map((picture) => picture.label).join(" | ");
  }

  // --- Moving together

  /** @param {Pane} pane the one that somebody moved */
  moved(pane) {
    if (this.isFollowing || this.panes.length < 2 || !pane.isOpen) return;
    this.isFollowing = true;
    const { view } = pane;
    for (const other of this.panes) {
      if (other === pane || !other.isOpen || !this.isLinked(pane, other)) continue;
      const wanted = atScale(view, this.ratio(pane, other));
      if (!isAlike(other.view, wanted)) other.setView(wanted);
    }
    this.isFollowing = false;
  }

  /**
   * A picture has come: it is shown whole, or what the pictures beside it show that move together with it.
   *
   * @param {Pane} pane
   */
  opened(pane) {
    this.isFollowing = true;
    pane.fit(true); // the pane may have become narrower while the picture was on its way
    const leads = (/** @type {Pane} */ other) => other !== pane && other.isOpen && this.isLinked(other, pane);
    const leader = this.panes.find(leads);
    if (leader && !leader.isWhole) pane.setView(atScale(leader.view, this.ratio(leader, pane)));
    this.isFollowing = false;
    this.showAtEqualScale();
  }

  /**
   * The zoom of one picture by that of another at which both show a place as large; 1 unless they are a measured pair.
   *
   * @param {Pane} from
   * @param {Pane} to
   * @returns {number}
   */
  ratio(from, to) {
    const { pair } = this;
    if (!pair || !this.isComparing) return 1;
    const [one, other] = [from.picture.rendition, to.picture.rendition];
    if (one === pair.after && other === pair.before) return 1 / this.ratio(to, from);
    if (one !== pair.before || other !== pair.after) return 1;
    const [before, after] = [from, to].map(({ shape, node }) => longerSide(shape, node.clientWidth, node.clientHeight));
    return before && after ? before / (pair.scale * after) : 1;
  }

  /** Zoom into that one of a measured pair which shows its place smaller, once both are there. */
  showAtEqualScale() {
    const [one, other] = this.panes;
    if (!this.pair || !this.isComparing || !one?.isOpen || !other?.isOpen) return;
    const ratio = this.ratio(one, other);
    this.isFollowing = true;
    if (one.isWhole && other.isWhole) {
      const whole = { zoom: 1, x: 0.5, y: 0.5 };
      if (ratio > 1) other.setView(atScale(whole, ratio));
      else if (ratio < 1) one.setView(atScale(whole, 1 / ratio));
    }
    this.isFollowing = false;
  }

  /**
   * @param {Pane} one
   * @param {Pane} other
   */
  isLinked(one, other) {
    return follows(this.isComparing ? "all" : this.link, one.picture.type, other.picture.type);
  }

  /** @param {Pane} pane */
  drawn(pane) {
    this.pins?.draw(pane);
  }

  // --- Actions

  /** @param {string} name */
  act(name) {
    /** @type {Record<string, () => void>} */
    const actions = {
      "zoom-in": () => this.active.zoom(STEP),
      "zoom-out": () => this.active.zoom(1 / STEP),
      home: () => {
        for (const pane of this.panes) pane.home();
      },
      actual: () => this.active.actual(),
      next: () => this.step(1),
      before: () => this.step(-1),
      side: () => this.setCount(this.panes.length > 1 && !this.isComparing ? 1 : 2),
      types: () => this.showTypes(),
      compare: () => this.setComparing(!this.isComparing),
      swap: () => this.swap(),
      pins: () => this.pins?.toggle(),
      pin: () => this.pins?.start("point"),
      full: () => (this.isFull ? this.leaveFull() : this.enterFull()),
      keys: () => find(this.root, "[data-viewer-keys]", HTMLDialogElement).showModal(),
    };
    for (let count = 1; count <= MOST_PANES; count += 1) actions[`panes-${count}`] = () => this.setCount(count);
    actions[name]?.();
  }

  /**
   * Show so many pictures side by side.
   *
   * @param {number} wanted
   */
  setCount(wanted) {
    const count = Math.min(wanted, this.pictures.length);
    const shown = this.panes.map((pane) => pane.picture);
    this.isComparing = false;
    this.pair = null;
    this.setPictures(fillUp(this.pictures, shown, count));
    this.active = this.panes[this.panes.length - 1];
    this.markShown();
    this.frames.scrollIntoView({ block: "nearest" });
    announce(say(count > 1 ? "side_on" : "side_off", { count }));
  }

  showTypes() {
    this.isComparing = false;
    this.pair = null;
    this.setPictures(oneOfEach(this.pictures));
    announce(say("side_on", { count: this.panes.length }));
  }

  /** @param {boolean} isOn */
  setComparing(isOn) {
    if (this.pictures.length < 2) return;
    const shown = this.panes.map((pane) => pane.picture);
    this.isComparing = isOn;
    this.pair = null;
    this.setPictures(isOn ? fillUp(this.pictures, shown, 2) : shown.slice(0, 1));
    announce(say(isOn ? "compare_on" : "side_off"));
  }

  /**
   * Compare two pictures of one place under the slider, at equal scale where it was measured.
   *
   * @param {Pair} pair
   */
  compare(pair) {
    const named = (/** @type {string} */ rendition) => this.pictures.find((one) => one.rendition === rendition);
    const [before, after] = [named(pair.before), named(pair.after)];
    if (!before || !after) return;
    this.isComparing = true;
    this.pair = pair;
    this.setPictures([before, after]);
    this.frames.scrollIntoView({ block: "nearest" });
    announce(say("compare_on"));
  }

  swap() {
    if (this.isComparing) this.setPictures(this.panes.map((pane) => pane.picture).reverse());
  }

  /** Cut the upper picture where the slider stands. */
  slide() {
    const share = Number(this.share.value);
    const [under, over] = this.panes;
    for (const pane of this.panes) pane.node.style.clipPath = "";
    if (!this.isComparing || !over) return;
    under.node.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
    over.node.style.clipPath = `inset(0 0 0 ${share}%)`;
    this.divider.style.left = `${share}%`;
    const names = { first: under.picture.label, second: over.picture.label };
    this.share.setAttribute("aria-valuetext", say("share", { share, ...names }));
  }

  /**
   * Move the slider by its handle on the picture.
   *
   * @param {PointerEvent} event
   */
  drag(event) {
    event.preventDefault();
    this.divider.setPointerCapture(event.pointerId);
    const move = (/** @type {PointerEvent} */ to) => {
      const box = this.frames.getBoundingClientRect();
      this.share.value = String(Math.round((100 * (to.clientX - box.left)) / box.width));
      this.slide();
    };
    const end = () => this.divider.removeEventListener("pointermove", move);
    this.divider.addEventListener("pointermove", move);
    this.divider.addEventListener("lostpointercapture", end, { once: true });
  }

  /**
   * @param {string} name
   * @param {boolean} isPressed
   */
  setPressed(name, isPressed) {
    this.root.querySelector(`[data-do="${name}"]`)?.setAttribute("aria-pressed", String(isPressed));
  }

  /** Show every picture whole in the size that its pane has now. */
  fit() {
    for (const pane of this.panes) pane.fit(true);
    this.showAtEqualScale();
  }

  // --- Surround

  readSurround() {
    try {
      const kept = localStorage.getItem(SURROUND);
      if (kept) this.setSurround(kept);
    } catch {
      // Storage may be switched off; the grey then holds.
    }
  }

  /** @param {string} name */
  setSurround(name) {
    const choice = find(this.root, "[data-viewer-surround]", HTMLSelectElement);
    choice.value = name;
    this.root.dataset.surround = choice.value;
    try {
      localStorage.setItem(SURROUND, choice.value);
    } catch {
      // Not remembered, still applied to this page.
    }
  }

  // --- Full screen

  /** @param {boolean} isFull */
  setFull(isFull) {
    this.root.classList.toggle("is-full", isFull);
    document.documentElement.classList.toggle("has-full-viewer", isFull);
    this.setPressed("full", isFull);
    this.fit();
  }

  enterFull() {
    this.setFull(true);
    // Phones that cannot make an element full screen still get the whole window.
    this.root.requestFullscreen?.().catch(() => {});
  }

  leaveFull() {
    this.setFull(false);
    if (document.fullscreenElement) document.exitFullscreen();
  }

  // --- Keys

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const target = targetOf(event);
    const isHere = target && this.root.contains(target);
    if (event.defaultPrevented || !(isHere || this.isFull)) return;
    if (target?.closest("dialog, select, textarea, input:not([type=range])")) return;
    if (event.key === "Escape") {
      const isBusy = this.pins?.isPlacing || findOptional(this.root, "details[data-menu][open]");
      if (this.isFull && !isBusy) this.leaveFull();
      return;
    }
    const action = actionOf(event);
    if (action === null) return;
    event.stopPropagation(); // OpenSeadragon has keys of its own
    event.preventDefault();
    this.act(action);
  }
}

/** @type {WeakMap<Element, Viewer>} */
const viewers = new WeakMap();
attach("[data-viewer]", (root) => {
  if (root.querySelector("[data-viewer-picture]")) viewers.set(root, new Viewer(root));
});
attach("[data-pins]", (section) => {
  const root = section.closest("[data-viewer]");
  if (root) viewers.get(root)?.pins?.read(section);
});
attach("[data-compare-before]", (button) => {
  const { compareBefore: before = "", compareAfter: after = "", compareScale } = button.dataset;
  button.addEventListener("click", () => {
    const root = findOptional(document, "[data-viewer]");
    if (root) viewers.get(root)?.compare({ before, after, scale: Number(compareScale) || 1 });
  });
});
