// The masks in words: the list beside the picture (the whole studio for those who do not use a pointer), and on
// small screens the selected one under it.
import { COVERS, CROP } from "./store.js";

const KINDS = ["face", "eye", "text", "other"];
const STYLES = ["bar", "veil"];
const TONES = { check: "tag-warn", dismissed: "", suggested: "tag-accent", accepted: "tag-good", drawn: "tag-accent" };

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** Draw `node`'s children anew by `draw()` and put the focus back where it was, or on what took its place. */
function redrawn(node, draw) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const item = focused?.closest("[data-key]");
  const place = focused && { key: item?.dataset.key, role: focused.dataset.role, at: [...node.children].indexOf(item) };
  node.replaceChildren(...draw());
  if (!focused) return;
  const same = [...node.children].find((other) => other.dataset.key === place.key);
  const next = same ?? node.children[Math.min(place.at, node.children.length - 1)];
  const again =
    (place.role && next?.querySelector(`[data-role="${place.role}"]`)) || next?.querySelector("[data-role]");
  again?.focus({ preventScroll: true });
}

export class List {
  /** `actions`: accept(key), dismiss(key), remove(key), restyle(key, style), rename(key, kind), uncut(). */
  constructor({ node, bar, store, say, actions }) {
    Object.assign(this, { node, bar, store, say, actions });
    store.addEventListener("change", () => this.render());
    store.addEventListener("select", () => this.mark());
    this.render();
  }

  render() {
    const { say, store } = this;
    // Where a cover lies is not told here: a hundred rows are not made anew for each step of an arrow key.
    const told = JSON.stringify([
      store.crop,
      store.masks.map(({ x, y, width, height, angle, points, ...mask }) => mask),
    ]);
    if (told === this.told) return;
    this.told = told;
    redrawn(this.node, () => {
      const items = store.masks.map((mask, index) => this.item(mask, index + 1));
      if (store.crop) items.unshift(this.cropItem());
      if (!items.length && !store.painted.length)
        items.push(element("li", { className: "studio-none", textContent: say("none") }));
      return [...items, ...store.painted.map((mask) => this.paintedItem(mask))];
    });
    this.mark();
  }

  mark() {
    for (const item of this.node.children) {
      const chosen = item.dataset.key !== undefined && item.dataset.key === this.store.selected;
      item.classList.toggle("is-selected", chosen);
      item.querySelector("[data-role=select]")?.setAttribute("aria-pressed", String(chosen));
    }
    this.reveal(this.node.querySelector(".is-selected"));
    redrawn(this.bar, () => this.selected());
  }

  /** The selected mask for the bar under the picture. */
  selected() {
    const { store } = this;
    if (store.selected === CROP && store.crop) return [this.cropItem("div")];
    const at = store.masks.findIndex((mask) => mask.key === store.selected);
    return at < 0 ? [] : [this.item(store.masks[at], at + 1, "div")];
  }

  /** Scroll the list, never the page: the picture under the finger must not move. */
  reveal(item) {
    const side = this.node.closest(".studio-side");
    if (!item || !side || side.scrollHeight <= side.clientHeight) return;
    const above = item.getBoundingClientRect().top - side.getBoundingClientRect().top;
    const below = item.getBoundingClientRect().bottom - side.getBoundingClientRect().bottom;
    if (above < 0) side.scrollTop += above - 8;
    else if (below > 0) side.scrollTop += below + 8;
  }

  why(mask) {
    if (mask.kind === "window") return this.say("window_why");
    if (mask.state === "dismissed" && mask.reason) return this.say("why_not", { reason: mask.reason });
    if (!mask.detector) return this.say("by_hand");
    if (mask.score === null || mask.score === undefined) return this.say("found_plain");
    return this.say("found", { detector: mask.detector, score: Math.round(100 * mask.score) });
  }

  /** One mask: in the list with a button that selects it, in the bar (a div) without. */
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

  cropItem(tag = "li") {
    const { say, store } = this;
    const { width, height } = store.crop;
    const remove = element("button", {
      type: "button",
      className: "btn btn-sm btn-outline-danger",
      textContent: say("uncut"),
    });
    remove.dataset.role = "remove";
    remove.addEventListener("click", () => this.actions.uncut());
    const head = [element("span", { className: "studio-kind", textContent: say("crop") })];
    const row = element("div", { className: "studio-item-controls" }, remove);
    return this.framed(CROP, "is-crop", head, say("crop_size", { width, height }), row, tag);
  }

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

  controls(mask, number) {
    const row = element("div", { className: "studio-item-controls" });
    const called = `${this.say(mask.kind)} ${number}`;
    const button = (role, text, kind, act) => {
      const node = element("button", { type: "button", className: `btn btn-sm ${kind}`, textContent: text });
      node.dataset.role = role;
      node.setAttribute("aria-label", `${text}: ${called}`);
      node.addEventListener("click", () => act(mask.key));
      row.append(node);
    };
    const { actions } = this;
    const accept = (key) => actions.accept(key);
    const dismiss = (key) => actions.dismiss(key);
    const remove = (key) => actions.remove(key);
    if (mask.state === "check") button("accept", this.say("accept"), "btn-primary", accept);
    if (mask.state === "suggested") button("accept", this.say("accept_done"), "btn-outline-primary", accept);
    if (mask.state === "dismissed") button("accept", this.say("restore"), "btn-outline-primary", accept);
    if (mask.detector && mask.state !== "dismissed") {
      const text = mask.kind === "eye" ? this.say("not_eye") : this.say("dismiss");
      button("dismiss", text, "btn-outline-secondary", dismiss);
    }
    if (mask.kind !== "window") {
      if (COVERS.has(mask.state))
        row.append(this.choice(mask, "style", STYLES, called, (key, style) => actions.restyle(key, style)));
      if (!mask.detector)
        row.append(this.choice(mask, "kind", KINDS, called, (key, kind) => actions.rename(key, kind)));
    }
    if (!mask.detector) button("remove", this.say("remove"), "btn-outline-danger", remove);
    return row;
  }

  choice(mask, name, values, called, act) {
    const select = element(
      "select",
      { className: "form-select form-select-sm" },
      ...values.map((value) =>
        element("option", { value, textContent: this.say(value), selected: value === mask[name] }),
      ),
    );
    select.dataset.role = name;
    select.setAttribute("aria-label", `${this.say(name)}: ${called}`);
    select.addEventListener("change", () => act(mask.key, select.value));
    return select;
  }
}
