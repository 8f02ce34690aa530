// Second read: places drawn on pictures, by mouse, finger or keyboard, sent with the reason in [data-marks].
import { announce } from "../../core/announce.js";
import { words } from "../../core/words.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.02;
const FINE = 0.005;
const SMALLEST = 0.01; // a drag shorter than this is a tap
const MOST = 40;

const say = words("marks");
const percent = (share) => Math.round(100 * share);
const clamp = (value) => Math.max(0, Math.min(1, value));

function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/** The marks of all pictures, kept in the form's hidden field. */
class Marks {
  constructor(field) {
    this.field = field;
    this.all = JSON.parse(field.value || "[]");
    this.layers = [...document.querySelectorAll("[data-mark-on]")].map((frame) => new Layer(this, frame));
    this.show();
  }

  of(photo) {
    return this.all.filter((mark) => mark.photo === photo);
  }

  add(mark) {
    if (this.all.length >= MOST) return announce(say("full"));
    this.all.push(mark);
    this.show();
    const centre = { x: percent(mark.x + mark.width / 2), y: percent(mark.y + mark.height / 2) };
    announce(say("added", { number: this.of(mark.photo).length, ...centre }));
  }

  remove(mark) {
    const number = this.of(mark.photo).indexOf(mark) + 1;
    this.all = this.all.filter((other) => other !== mark);
    this.show();
    announce(say("removed", { number }));
  }

  show() {
    this.field.value = this.all.length ? JSON.stringify(this.all) : "";
    for (const layer of this.layers) layer.show();
    const count = this.all.length;
    document.querySelector("[data-mark-count]").textContent = count ? say(count === 1 ? "one" : "many", { count }) : "";
    if (count) document.querySelector("[data-mark-target]").open = true;
  }
}

/** One picture: its drawing, its list, and the tool that draws while it is on. */
class Layer {
  constructor(marks, frame) {
    this.marks = marks;
    this.photo = frame.dataset.markOn;
    const image = frame.querySelector("img");
    this.size = { width: Number(image.getAttribute("width")), height: Number(image.getAttribute("height")) };
    this.svg = shape("svg", {
      class: "mark-layer",
      viewBox: `0 0 ${this.size.width} ${this.size.height}`,
      "aria-hidden": "true",
    });
    this.drawn = shape("g", {});
    this.tool = shape("g", {});
    this.svg.append(this.drawn, this.tool);
    frame.append(this.svg);
    this.frame = frame;
    this.list = document.querySelector(`[data-mark-list="${this.photo}"]`);
    this.help = document.querySelector(`[data-mark-help="${this.photo}"]`);
    this.button = document.querySelector(`[data-mark-start="${this.photo}"]`);
    this.button.addEventListener("click", () => this.turn(!this.on));
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.cross = { x: 0.5, y: 0.5, width: 0, height: 0 };
  }

  turn(on) {
    this.on = on;
    this.button.setAttribute("aria-pressed", String(on));
    this.help.hidden = !on;
    this.frame.classList.toggle("is-marking", on);
    if (on) {
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

  at(event) {
    const box = this.svg.getBoundingClientRect();
    return { x: clamp((event.clientX - box.left) / box.width), y: clamp((event.clientY - box.top) / box.height) };
  }

  press(event) {
    if (!this.on || event.button) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    const from = this.at(event);
    const box = (to) => ({
      x: Math.min(from.x, to.x),
      y: Math.min(from.y, to.y),
      width: Math.abs(to.x - from.x),
      height: Math.abs(to.y - from.y),
    });
    const drag = (move) => {
      this.cross = box(this.at(move));
      this.showTool();
    };
    const end = (up) => {
      this.svg.removeEventListener("pointermove", drag);
      this.svg.removeEventListener("pointerup", end);
      this.svg.removeEventListener("pointercancel", end);
      if (up.type === "pointercancel") return;
      const drawn = box(this.at(up));
      this.place(drawn.width < SMALLEST && drawn.height < SMALLEST ? { ...from, width: 0, height: 0 } : drawn);
    };
    this.svg.addEventListener("pointermove", drag);
    this.svg.addEventListener("pointerup", end);
    this.svg.addEventListener("pointercancel", end);
  }

  key(event) {
    const step = event.altKey ? FINE : STEP;
    const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[
      event.key
    ] ?? [0, 0];
    const { cross } = this;
    if (dx || dy) {
      if (event.shiftKey) {
        cross.width = Math.max(0, Math.min(1 - cross.x, cross.width + dx));
        cross.height = Math.max(0, Math.min(1 - cross.y, cross.height + dy));
      } else {
        cross.x = Math.max(0, Math.min(1 - cross.width, cross.x + dx));
        cross.y = Math.max(0, Math.min(1 - cross.height, cross.y + dy));
      }
      const where = say("at", { x: percent(cross.x), y: percent(cross.y) });
      const size =
        cross.width || cross.height
          ? ` ${say("box", { width: percent(cross.width), height: percent(cross.height) })}`
          : "";
      announce(where + size);
      this.showTool();
    } else if (event.key === "Enter" || event.key === " ") {
      this.place({ ...cross });
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

  place(mark) {
    this.marks.add({ photo: this.photo, ...mark });
    this.cross = { x: mark.x, y: mark.y, width: 0, height: 0 };
    this.showTool();
  }

  /** A box, or a ring around a point, px of the rendition. */
  outline({ x, y, width, height }, name) {
    const { width: w, height: h } = this.size;
    if (!width || !height) return shape("circle", { class: name, cx: x * w, cy: y * h, r: Math.max(w, h) / 30 });
    return shape("rect", { class: name, x: x * w, y: y * h, width: width * w, height: height * h });
  }

  showTool() {
    this.tool.replaceChildren();
    if (!this.on) return;
    const { x, y } = this.cross;
    const { width: w, height: h } = this.size;
    const arm = Math.max(w, h) / 40;
    const lines = [
      [x * w - arm, y * h, x * w + arm, y * h],
      [x * w, y * h - arm, x * w, y * h + arm],
    ];
    this.tool.append(...lines.map(([x1, y1, x2, y2]) => shape("line", { class: "mark-cross", x1, y1, x2, y2 })));
    if (this.cross.width && this.cross.height) this.tool.append(this.outline(this.cross, "mark-cross"));
  }

  show() {
    const marks = this.marks.of(this.photo);
    this.drawn.replaceChildren(
      ...marks.flatMap((mark, index) => {
        const size = Math.max(this.size.width, this.size.height) / 30;
        const number = shape("text", {
          class: "mark-number",
          x: mark.x * this.size.width,
          y: mark.y * this.size.height,
          "font-size": size,
        });
        number.textContent = index + 1;
        return [this.outline(mark, "mark"), number];
      }),
    );
    const hadFocus = this.list.contains(document.activeElement);
    this.list.replaceChildren(...marks.map((mark, index) => this.line(mark, index + 1)));
    this.list.hidden = !marks.length;
    if (hadFocus) (this.list.querySelector("button") ?? this.button).focus();
  }

  line(mark, number) {
    const item = document.createElement("li");
    const where = { x: percent(mark.x + mark.width / 2), y: percent(mark.y + mark.height / 2) };
    const text = Object.assign(document.createElement("span"), { textContent: say("where", where) });
    const remove = Object.assign(document.createElement("button"), {
      type: "button",
      className: "btn btn-sm btn-outline-secondary",
      textContent: say("remove"),
    });
    remove.setAttribute("aria-label", say("remove_number", { number }));
    remove.addEventListener("click", () => this.marks.remove(mark));
    item.append(text, remove);
    return item;
  }
}

const field = document.querySelector("[data-marks]");
if (field) new Marks(field);
