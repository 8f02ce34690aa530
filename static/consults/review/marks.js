// Second read: places drawn on pictures, by mouse, finger or keyboard, sent with the reason in [data-marks].
import { announce } from "../../core/announce.js";
import { element, find, findAll, findOptional } from "../../core/dom.js";
import { words } from "../../core/words.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.02;
const FINE_STEP = 0.005;
const TAP_LIMIT = 0.01; // a drag shorter than this is a tap
const MAX_MARKS = 40;
/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @typedef {{ x: number, y: number }} Point shares of the picture's sides, 0 to 1 */
/** @typedef {Point & { width: number, height: number }} Area a point when it has no size */
/** @typedef {Area & { photo: string }} Mark */

const say = words("marks");
const percent = (/** @type {number} */ share) => Math.round(100 * share);
const clamp = (/** @type {number} */ value, most = 1) => Math.max(0, Math.min(most, value));
const centreOf = (/** @type {Area} */ { x, y, width, height }) => ({
  x: percent(x + width / 2),
  y: percent(y + height / 2),
});

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {string} [text]
 */
function svgElement(tag, attributes = {}, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.textContent = text;
  return node;
}

/** The marks of all pictures, kept in the form's hidden field. */
class Marks {
  /** @param {HTMLInputElement} field */
  constructor(field) {
    this.field = field;
    /** @type {Mark[]} */
    this.all = JSON.parse(field.value || "[]");
    this.count = find(document, "[data-mark-count]");
    this.target = find(document, "[data-mark-target]", HTMLDetailsElement);
    this.layers = findAll(document, "[data-mark-on]").map((frame) => new Layer(this, frame));
    this.show();
  }

  /** @param {string} photo */
  of(photo) {
    return this.all.filter((mark) => mark.photo === photo);
  }

  /** @param {Mark} mark */
  add(mark) {
    if (this.all.length >= MAX_MARKS) return announce(say("full"));
    this.all.push(mark);
    this.show();
    announce(say("added", { number: this.of(mark.photo).length, ...centreOf(mark) }));
  }

  /** @param {Mark} mark */
  remove(mark) {
    const number = this.of(mark.photo).indexOf(mark) + 1;
    this.all = this.all.filter((other) => other !== mark);
    this.show();
    announce(say("removed", { number }));
  }

  show() {
    const count = this.all.length;
    this.field.value = count ? JSON.stringify(this.all) : "";
    for (const layer of this.layers) layer.show();
    this.count.textContent = count ? say(count === 1 ? "one" : "many", { count }) : "";
    if (count) this.target.open = true;
  }
}

/** One picture: its drawing, its list, and the tool that draws while it is on. */
class Layer {
  /**
   * @param {Marks} marks
   * @param {HTMLElement} frame
   */
  constructor(marks, frame) {
    this.marks = marks;
    this.frame = frame;
    this.photo = frame.dataset.markOn ?? "";
    const image = find(frame, "img");
    this.width = Number(image.getAttribute("width")); // px of the rendition
    this.height = Number(image.getAttribute("height"));
    const viewBox = `0 0 ${this.width} ${this.height}`;
    this.svg = svgElement("svg", { class: "mark-layer", viewBox, "aria-hidden": "true" });
    this.drawn = svgElement("g");
    this.tool = svgElement("g");
    this.svg.append(this.drawn, this.tool);
    frame.append(this.svg);
    this.list = find(document, `[data-mark-list="${this.photo}"]`);
    this.help = find(document, `[data-mark-help="${this.photo}"]`);
    this.button = find(document, `[data-mark-start="${this.photo}"]`);
    this.isOn = false;
    /** @type {Area} */
    this.cross = { x: 0.5, y: 0.5, width: 0, height: 0 };
    this.button.addEventListener("click", () => this.turn(!this.isOn));
    this.svg.addEventListener("pointerdown", (event) => this.onPointerDown(event));
    this.svg.addEventListener("keydown", (event) => this.onKey(event));
  }

  /** @param {boolean} isOn */
  turn(isOn) {
    this.isOn = isOn;
    this.button.setAttribute("aria-pressed", String(isOn));
    this.help.hidden = !isOn;
    this.frame.classList.toggle("is-marking", isOn);
    if (isOn) {
      this.svg.removeAttribute("aria-hidden");
      this.svg.setAttribute("tabindex", "0");
      this.svg.setAttribute("role", "application");
      this.svg.setAttribute("aria-label", say("layer"));
      this.svg.focus();
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) this.svg.removeAttribute(name);
      this.svg.setAttribute("aria-hidden", "true");
      this.button.focus();
    }
    this.showTool();
  }

  /**
   * @param {PointerEvent} event
   * @returns {Point}
   */
  at(event) {
    const box = this.svg.getBoundingClientRect();
    return { x: clamp((event.clientX - box.left) / box.width), y: clamp((event.clientY - box.top) / box.height) };
  }

  /** @param {PointerEvent} event */
  onPointerDown(event) {
    if (!this.isOn || event.button) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    const from = this.at(event);
    const areaTo = (/** @type {Point} */ to) => ({
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      width: Math.abs(to.x - from.x),
      height: Math.abs(to.y - from.y),
    });
    const drag = (/** @type {PointerEvent} */ move) => {
      this.cross = areaTo(this.at(move));
      this.showTool();
    };
    const end = (/** @type {PointerEvent} */ up) => {
      this.svg.removeEventListener("pointermove", drag);
      this.svg.removeEventListener("pointerup", end);
      this.svg.removeEventListener("pointercancel", end);
      if (up.type === "pointercancel") return;
      const area = areaTo(this.at(up));
      const isTap = area.width < TAP_LIMIT && area.height < TAP_LIMIT;
      this.place(isTap ? { ...from, width: 0, height: 0 } : area);
    };
    this.svg.addEventListener("pointermove", drag);
    this.svg.addEventListener("pointerup", end);
    this.svg.addEventListener("pointercancel", end);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key in DIRECTIONS) {
      const [dx, dy] = DIRECTIONS[event.key];
      const step = event.altKey ? FINE_STEP : STEP;
      this.moveCross(step * dx, step * dy, event.shiftKey);
    } else if (event.key === "Enter" || event.key === " ") {
      this.place({ ...this.cross });
    } else if (event.key === "Escape") {
      this.turn(false);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      const last = this.marks.of(this.photo).at(-1);
      if (last) this.marks.remove(last);
    } else {
      return;
    }
    event.preventDefault();
  }

  /**
   * Move the cross, or resize the box at it, and announce where it is.
   *
   * @param {number} dx
   * @param {number} dy
   * @param {boolean} isResize
   */
  moveCross(dx, dy, isResize) {
    const { cross } = this;
    if (isResize) {
      cross.width = clamp(cross.width + dx, 1 - cross.x);
      cross.height = clamp(cross.height + dy, 1 - cross.y);
    } else {
      cross.x = clamp(cross.x + dx, 1 - cross.width);
      cross.y = clamp(cross.y + dy, 1 - cross.height);
    }
    const where = say("at", { x: percent(cross.x), y: percent(cross.y) });
    const size = { width: percent(cross.width), height: percent(cross.height) };
    announce(cross.width || cross.height ? `${where} ${say("box", size)}` : where);
    this.showTool();
  }

  /** @param {Area} area */
  place(area) {
    this.marks.add({ photo: this.photo, ...area });
    this.cross = { x: area.x, y: area.y, width: 0, height: 0 };
    this.showTool();
  }

  /**
   * Return a box, or a ring around a point, in px of the rendition.
   *
   * @param {Area} area
   * @param {string} name its class
   */
  outline({ x, y, width, height }, name) {
    const { width: w, height: h } = this;
    if (!width || !height) {
      return svgElement("circle", { class: name, cx: x * w, cy: y * h, r: Math.max(w, h) / 30 });
    }
    return svgElement("rect", { class: name, x: x * w, y: y * h, width: width * w, height: height * h });
  }

  showTool() {
    this.tool.replaceChildren();
    if (!this.isOn) return;
    const { cross, width, height } = this;
    const x = cross.x * width;
    const y = cross.y * height;
    const arm = Math.max(width, height) / 40;
    this.tool.append(
      svgElement("line", { class: "mark-cross", x1: x - arm, y1: y, x2: x + arm, y2: y }),
      svgElement("line", { class: "mark-cross", x1: x, y1: y - arm, x2: x, y2: y + arm }),
    );
    if (cross.width && cross.height) this.tool.append(this.outline(cross, "mark-cross"));
  }

  show() {
    const marks = this.marks.of(this.photo);
    const fontSize = Math.max(this.width, this.height) / 30;
    this.drawn.replaceChildren(
      ...marks.flatMap((mark, index) => {
        const place = { x: mark.x * this.width, y: mark.y * this.height };
        const look = { class: "mark-number", "font-size": fontSize, ...place };
        return [this.outline(mark, "mark"), svgElement("text", look, String(index + 1))];
      }),
    );
    const hadFocus = this.list.contains(document.activeElement);
    this.list.replaceChildren(...marks.map((mark, index) => this.item(mark, index + 1)));
    this.list.hidden = !marks.length;
    if (hadFocus) (findOptional(this.list, "button") ?? this.button).focus();
  }

  /**
   * @param {Mark} mark
   * @param {number} number
   */
  item(mark, number) {
    const text = element("span", { textContent: say("where", centreOf(mark)) });
    const className = "btn btn-sm btn-outline-secondary";
    const remove = element("button", { type: "button", className, textContent: say("remove") });
    remove.setAttribute("aria-label", say("remove_number", { number }));
    remove.addEventListener("click", () => this.marks.remove(mark));
    return element("li", {}, text, remove);
  }
}

const field = findOptional(document, "[data-marks]", HTMLInputElement);
if (field) new Marks(field);
