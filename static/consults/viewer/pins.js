// Pins: numbered marks and outlines over the pictures of the viewer, and the tool that puts one there. They lie in a
// layer above the picture. Their text stands in [data-pins], from where they are read.
import { announce } from "../../core/announce.js";
import { element, find, findAll, findOptional } from "../../core/dom.js";
import { words } from "../../core/words.js";
import { clamp, FEWEST_CORNERS, percent, placed } from "./places.js";

/** @import { Pane } from "./pane.js" */
/** @import { Place, Point, Shape } from "./places.js" */

/**
 * What the pins need of the viewer.
 *
 * @typedef {object} Viewer
 * @property {HTMLElement} root
 * @property {HTMLElement} frames
 * @property {Pane[]} panes
 * @property {Pane} active
 * @property {(rendition: string) => Pane | null} showRendition
 * @property {(name: string, isPressed: boolean) => void} setPressed
 */

/** @typedef {Point & { number: number, rendition: string, outline: [number, number][], text: string, item: HTMLElement }} Pin */

const SVG = "http://www.w3.org/2000/svg";
const RADIUS = 13; // px of the screen
const STEP = 0.02; // of what the pane shows
const FINE_STEP = 0.005;
const DRAG_FROM = 6; // px; less is a tap
/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const HELP = /** @type {const} */ ({ point: "help_point", box: "help_box", outline: "help_outline" });

const say = words("pins");

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {string} [text]
 */
function svgElement(tag, attributes = {}, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text) node.textContent = text;
  return node;
}

/**
 * Corners as px of a pane, as SVG writes them.
 *
 * @param {Pane} pane
 * @param {Point[]} corners
 */
const pointsOf = (pane, corners) =>
  corners
    .map((corner) => pane.toPane(corner))
    .map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`)
    .join(" ");
const asPoints = (/** @type {[number, number][]} */ outline) => outline.map(([x, y]) => ({ x, y }));

export class Pins {
  /** @param {Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    /** @type {Pin[]} */
    this.all = [];
    this.isShown = true;
    /** @type {(Place & { rendition: string }) | null} a place whose words are still to be written */
    this.draft = null;
    /** @type {number | null} */
    this.chosen = null;
    /** @type {PlacingTool | null} */
    this.tool = null;
    /** @type {WeakMap<Pane, SVGSVGElement>} */
    this.layers = new WeakMap();
    document.addEventListener("click", (event) => this.onClick(event));
    const named = window.location.hash.match(/^#pin-(\d+)$/);
    this.wanted = named ? Number(named[1]) : null;
  }

  /**
   * Take over the pins of a section, which the server has just sent.
   *
   * @param {HTMLElement} section
   */
  read(section) {
    this.section = section;
    this.all = findAll(section, "[data-pin]").map((item) => ({
      item,
      number: Number(item.dataset.pin),
      rendition: item.dataset.rendition ?? "",
      x: Number(item.dataset.x),
      y: Number(item.dataset.y),
      outline: JSON.parse(item.dataset.outline || "[]"),
      text: findOptional(item, ".pin-words p")?.textContent ?? "",
    }));
    this.chosen = null;
    const form = findOptional(section, "[data-pin-form]", HTMLDetailsElement);
    if (!form?.open) this.draft = null;
    form?.addEventListener("input", (event) => this.onTyped(event));
    const fresh = findOptional(section, "[data-pin-new]");
    if (fresh) {
      this.chosen = Number(fresh.dataset.pin);
      fresh.focus({ preventScroll: true });
    }
    this.drawAll();
    if (this.wanted !== null) this.show(this.wanted);
    this.wanted = null;
  }

  get isPlacing() {
    return this.tool !== null;
  }

  toggle() {
    this.isShown = !this.isShown;
    this.viewer.setPressed("pins", this.isShown);
    announce(say(this.isShown ? "on" : "off"));
    this.drawAll();
  }

  /** @param {Event} event */
  onClick(event) {
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest('a[href^="#pin-"]');
    if (link) return this.follow(event, Number(link.getAttribute("href")?.slice("#pin-".length)));
    if (!target || !this.viewer.root.contains(target)) return;
    const start = target.closest("[data-pin-start]");
    if (start instanceof HTMLElement) return this.start(/** @type {Shape} */ (start.dataset.pinStart ?? "point"));
    const shown = target.closest("[data-pin-show]");
    if (shown instanceof HTMLElement) return this.show(Number(shown.dataset.pinShow));
    const disc = target.closest("[data-pin-disc]");
    if (disc) this.choose(Number(disc.getAttribute("data-pin-disc")));
  }

  /**
   * Follow a link to a pin, from a comment: the picture comes into view, and the focus goes to the pin's words.
   *
   * @param {Event} event
   * @param {number} number
   */
  follow(event, number) {
    const pin = this.all.find((one) => one.number === number);
    if (!pin) return;
    event.preventDefault();
    this.show(number);
    pin.item.focus({ preventScroll: true });
  }

  /**
   * Bring a pin and its picture into view.
   *
   * @param {number} number
   */
  show(number) {
    const pin = this.all.find((one) => one.number === number);
    if (!pin) return;
    if (!this.isShown) this.toggle();
    const pane = this.viewer.showRendition(pin.rendition);
    if (pane?.isOpen) pane.bringIntoView(pin);
    this.choose(number);
    this.viewer.frames.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} number */
  choose(number) {
    const pin = this.all.find((one) => one.number === number);
    if (!pin) return;
    this.chosen = number;
    for (const one of this.all) one.item.classList.toggle("is-chosen", one === pin);
    announce(say("chosen", { number, text: pin.text }));
    this.drawAll();
  }

  // --- Drawing

  drawAll() {
    for (const pane of this.viewer.panes) if (pane.isOpen) this.draw(pane);
  }

  /** @param {Pane} pane */
  draw(pane) {
    let layer = this.layers.get(pane);
    if (!layer) {
      layer = svgElement("svg", { class: "viewer-pins", "aria-hidden": "true" });
      pane.node.append(layer);
      this.layers.set(pane, layer);
    }
    const { rendition } = pane.picture;
    const shown = this.isShown ? this.all.filter((pin) => pin.rendition === rendition) : [];
    layer.replaceChildren(...shown.map((pin) => this.drawn(pane, pin)));
    if (this.draft?.rendition === rendition) layer.append(this.drawn(pane, { ...this.draft, number: 0, text: "" }));
    const chosen = shown.find((pin) => pin.number === this.chosen);
    if (chosen) layer.append(this.note(pane, chosen));
    if (this.tool?.pane === pane) this.tool.draw();
  }

  /**
   * @param {Pane} pane
   * @param {Point & { number: number, outline: [number, number][], text: string }} pin number 0 while it has none
   */
  drawn(pane, { number, x, y, outline, text }) {
    const isChosen = number === this.chosen;
    const group = svgElement("g", { class: `pin-drawn${isChosen ? " is-chosen" : ""}${number ? "" : " is-draft"}` });
    if (outline.length) {
      group.append(svgElement("polygon", { class: "pin-outline", points: pointsOf(pane, asPoints(outline)) }));
    }
    const at = pane.toPane({ x, y });
    group.append(
      svgElement("circle", { class: "pin-disc", cx: at.x, cy: at.y, r: RADIUS, "data-pin-disc": number }),
      svgElement("text", { class: "pin-digits", ...at, "font-size": RADIUS }, number ? String(number) : "+"),
    );
    if (text) group.append(svgElement("title", {}, `${number}: ${text}`));
    return group;
  }

  /**
   * The words of the chosen pin, at the foot of its picture.
   *
   * @param {Pane} pane
   * @param {Pin} pin
   */
  note(pane, { number, text }) {
    const { clientWidth, clientHeight } = pane.node;
    const height = 64;
    const box = { x: 8, y: clientHeight - height - 8, width: Math.max(0, clientWidth - 16), height };
    const frame = svgElement("foreignObject", box);
    const words = document.createElement("p");
    words.className = "pin-note";
    words.textContent = `${number}: ${text}`;
    frame.append(words);
    return frame;
  }

  // --- Putting one

  /** @param {Shape} shape */
  start(shape) {
    if (!this.section || !findOptional(this.section, "[data-pin-form]")) return;
    this.tool?.stop();
    const pane = this.viewer.active;
    if (!pane.isOpen) return;
    if (!this.isShown) this.toggle();
    this.draft = null;
    this.tool = new PlacingTool(this, pane, shape);
    announce(say(HELP[shape]));
    pane.node.scrollIntoView({ block: "nearest" });
  }

  /** Give up placing when its pane is gone. */
  keepUp() {
    if (this.tool && !this.viewer.panes.includes(this.tool.pane)) this.tool = null;
  }

  /**
   * A place is set: its words are asked for next. Without a place: it was given up.
   *
   * @param {Pane} pane
   * @param {Place | null} place
   */
  end(pane, place) {
    this.tool = null;
    this.draft = place && { ...place, rendition: pane.picture.rendition };
    this.draw(pane);
    if (!place) {
      announce(say("given_up"));
      pane.osd.canvas.focus();
      return;
    }
    const form = this.section && findOptional(this.section, "[data-pin-form]", HTMLDetailsElement);
    if (!form) return;
    form.open = true;
    find(form, "[name=rendition]", HTMLSelectElement).value = pane.picture.rendition;
    find(form, "[name=left]", HTMLInputElement).value = (100 * place.x).toFixed(2);
    find(form, "[name=top]", HTMLInputElement).value = (100 * place.y).toFixed(2);
    this.setOutline(form, place.outline);
    find(form, "[name=text]", HTMLInputElement).focus();
    announce(say("placed"));
  }

  /**
   * @param {HTMLElement} form
   * @param {[number, number][]} outline
   */
  setOutline(form, outline) {
    find(form, "[name=outline]", HTMLInputElement).value = outline.length ? JSON.stringify(outline) : "";
    find(form, "[data-pin-outlined]").hidden = !outline.length;
  }

  /**
   * Numbers that were typed say another place than the one that was set.
   *
   * @param {Event} event
   */
  onTyped(event) {
    const form = /** @type {HTMLElement} */ (event.currentTarget);
    const field = event.target instanceof HTMLElement ? event.target.getAttribute("name") : "";
    if (field !== "left" && field !== "top" && field !== "rendition") return;
    this.setOutline(form, []);
    const x = Number(find(form, "[name=left]", HTMLInputElement).value) / 100;
    const y = Number(find(form, "[name=top]", HTMLInputElement).value) / 100;
    const rendition = find(form, "[name=rendition]", HTMLSelectElement).value;
    this.draft = { x: clamp(x || 0), y: clamp(y || 0), outline: [], rendition };
    this.drawAll();
  }
}

/** A cross over one picture: moved by the arrow keys and set by Enter, or set by a tap; a box is dragged too. */
class PlacingTool {
  /**
   * @param {Pins} pins
   * @param {Pane} pane
   * @param {Shape} shape
   */
  constructor(pins, pane, shape) {
    this.pins = pins;
    this.pane = pane;
    this.shape = shape;
    /** @type {Point[]} */
    this.corners = [];
    const { x, y } = pane.view;
    /** @type {Point} */
    this.cross = { x, y };
    const attributes = { class: "viewer-placing", tabindex: 0, role: "application", "aria-label": say("layer") };
    this.svg = svgElement("svg", attributes);
    this.svg.addEventListener("keydown", (event) => this.onKey(event));
    this.svg.addEventListener("pointerdown", (event) => this.onPointerDown(event));
    this.hint = element("p", { className: "pin-note viewer-hint", textContent: say(HELP[shape]) });
    this.hint.setAttribute("aria-hidden", "true"); // it is announced
    pane.node.append(this.svg, this.hint);
    this.draw();
    this.svg.focus({ preventScroll: true });
  }

  stop() {
    this.hint.remove();
    this.svg.remove();
  }

  /** @param {Place | null} place */
  end(place) {
    this.stop();
    this.pins.end(this.pane, place);
  }

  /** @param {Point} next */
  set(next) {
    const place = placed(this.shape, this.corners, next);
    if (place) return this.end(place);
    this.corners.push(next);
    announce(say("corner", { count: this.corners.length, ...this.said(next) }));
    this.draw();
  }

  /** @param {Point} point */
  said({ x, y }) {
    return { x: percent(x), y: percent(y) };
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key in DIRECTIONS) {
      const [dx, dy] = DIRECTIONS[event.key];
      const step = (event.altKey || event.shiftKey ? FINE_STEP : STEP) / this.pane.view.zoom;
      this.cross = { x: clamp(this.cross.x + step * dx), y: clamp(this.cross.y + step * dy) };
      this.pane.bringIntoView(this.cross);
      announce(say("at", this.said(this.cross)));
      this.draw();
    } else if (event.key === "Enter" || event.key === " ") {
      this.set({ ...this.cross });
    } else if (event.key === "Escape") {
      this.end(null);
    } else if (event.key === "Backspace" || event.key === "Delete") {
      this.corners.pop();
      this.draw();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {{ clientX: number, clientY: number }} event */
  at({ clientX, clientY }) {
    const { x, y } = this.pane.toPicture(clientX, clientY);
    return { x: clamp(x), y: clamp(y) };
  }

  /** @param {PointerEvent} event */
  onPointerDown(event) {
    if (event.button || !event.isPrimary) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    const from = this.at(event);
    const isDrag = (/** @type {PointerEvent} */ to) =>
      Math.hypot(to.clientX - event.clientX, to.clientY - event.clientY) >= DRAG_FROM;
    const move = (/** @type {PointerEvent} */ to) => {
      if (this.shape === "box" && !this.corners.length && isDrag(to)) this.corners = [from];
      this.cross = this.at(to);
      this.draw();
    };
    const end = (/** @type {PointerEvent} */ to) => {
      this.svg.removeEventListener("pointermove", move);
      this.svg.removeEventListener("pointerup", end);
      this.svg.removeEventListener("pointercancel", end);
      if (to.type !== "pointercancel") this.set(this.at(to));
    };
    this.svg.addEventListener("pointermove", move);
    this.svg.addEventListener("pointerup", end);
    this.svg.addEventListener("pointercancel", end);
  }

  draw() {
    const { x, y } = this.pane.toPane(this.cross);
    const arm = 16;
    const lines = [
      svgElement("line", { class: "pin-cross", x1: x - arm, y1: y, x2: x + arm, y2: y }),
      svgElement("line", { class: "pin-cross", x1: x, y1: y - arm, x2: x, y2: y + arm }),
    ];
    this.svg.replaceChildren(...this.begun(), ...lines);
  }

  /** What is drawn already of a box or an outline. */
  begun() {
    const [first] = this.corners;
    if (!first) return [];
    if (this.shape === "box") {
      const { x, y } = this.cross;
      const box = [first, { x, y: first.y }, this.cross, { x: first.x, y }];
      return [svgElement("polygon", { class: "pin-outline", points: pointsOf(this.pane, box) })];
    }
    const at = this.pane.toPane(first);
    const isClosable = this.corners.length >= FEWEST_CORNERS;
    return [
      svgElement("polyline", { class: "pin-outline", points: pointsOf(this.pane, [...this.corners, this.cross]) }),
      svgElement("circle", {
        class: `pin-first${isClosable ? " is-closable" : ""}`,
        cx: at.x,
        cy: at.y,
        r: RADIUS / 2,
      }),
    ];
  }
}
