// The masks as a list beside the picture: the whole studio for those who do not use a pointer.
import { COVERS } from "./store.js";

const KINDS = ["face", "eye", "text", "other"];
const STYLES = ["bar", "veil"];

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

export class List {
  /** `actions`: accept(key), dismiss(key), remove(key), restyle(key, style), rename(key, kind). */
  constructor({ node, store, say, actions }) {
    Object.assign(this, { node, store, say, actions });
    store.addEventListener("change", () => this.render());
    store.addEventListener("select", () => this.mark());
    this.render();
  }

  render() {
    const focused = this.node.contains(document.activeElement) ? document.activeElement : null;
    const place = focused && { key: focused.closest("li")?.dataset.key, role: focused.dataset.role };
    const at = focused ? [...this.node.children].indexOf(focused.closest("li")) : -1;
    const items = this.store.masks.map((mask, index) => this.item(mask, index + 1));
    if (!items.length) items.push(element("li", { className: "studio-none", textContent: this.say("none") }));
    this.node.replaceChildren(...items);
    this.mark();
    if (!focused) return;
    const same = [...this.node.children].find((item) => item.dataset.key === place.key);
    const next = same ?? this.node.children[Math.min(at, this.node.children.length - 1)];
    const again = (place.role && next?.querySelector(`[data-role="${place.role}"]`)) || next?.querySelector("[data-role=select]");
    again?.focus({ preventScroll: true });
  }

  mark() {
    for (const item of this.node.children) {
      const chosen = item.dataset.key === this.store.selected;
      item.classList.toggle("is-selected", chosen);
      item.querySelector("[data-role=select]")?.setAttribute("aria-pressed", String(chosen));
    }
    this.reveal(this.node.querySelector(".is-selected"));
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
    if (mask.state === "dismissed" && mask.reason) return this.say("why_not", { reason: mask.reason });
    if (!mask.detector) return this.say("by_hand");
    if (mask.score === null || mask.score === undefined) return this.say("found_plain");
    return this.say("found", { detector: mask.detector, score: Math.round(100 * mask.score) });
  }

  item(mask, number) {
    const { say } = this;
    const kind = say(mask.kind);
    const tone = { check: "tag-warn", dismissed: "", suggested: "tag-accent", accepted: "tag-good", drawn: "tag-accent" }[mask.state];
    const select = element(
      "button",
      { type: "button", className: "studio-item-select" },
      element("span", { className: "studio-number", textContent: String(number) }),
      element("span", { className: "studio-kind", textContent: kind }),
      element("span", { className: `tag ${tone}`, textContent: say(mask.state) }),
    );
    select.dataset.role = "select";
    const item = element(
      "li",
      { className: `studio-item is-${mask.state}` },
      select,
      element("p", { className: "studio-why", textContent: this.why(mask) }),
      this.controls(mask, number),
    );
    item.dataset.key = mask.key;
    // Focus anywhere in the item picks its mask, so that the keys act on what one hears.
    item.addEventListener("focusin", () => this.store.select(mask.key));
    item.addEventListener("click", () => this.store.select(mask.key));
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
    const { accept, dismiss, remove } = this.actions;
    if (mask.state === "check") button("accept", this.say("accept"), "btn-primary", accept);
    if (mask.state === "suggested") button("accept", this.say("accept_done"), "btn-outline-primary", accept);
    if (mask.state === "dismissed") button("accept", this.say("restore"), "btn-outline-primary", accept);
    if (!mask.detector) button("remove", this.say("remove"), "btn-outline-danger", remove);
    else if (mask.state !== "dismissed") {
      const text = mask.kind === "eye" ? this.say("not_eye") : this.say("dismiss");
      button("dismiss", text, "btn-outline-secondary", dismiss);
    }
    if (COVERS.has(mask.state)) row.append(this.choice(mask, "style", STYLES, called, this.actions.restyle));
    if (!mask.detector) row.append(this.choice(mask, "kind", KINDS, called, this.actions.rename));
    return row;
  }

  choice(mask, name, values, called, act) {
    const select = element(
      "select",
      { className: "form-select form-select-sm" },
      ...values.map((value) => element("option", { value, textContent: this.say(value), selected: value === mask[name] })),
    );
    select.dataset.role = name;
    select.setAttribute("aria-label", `${this.say(name)}: ${called}`);
    select.addEventListener("change", () => act(mask.key, select.value));
    return select;
  }
}
