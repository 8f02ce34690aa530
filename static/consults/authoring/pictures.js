// The list of a draft's pictures: fields that belong to a kind of picture, and the order, by drag, button or key.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { find, findAll, targetOf } from "../../core/dom.js";
import { post } from "../../core/http.js";
import { words } from "../../core/words.js";

/** @type {Record<string, number>} places that a key moves a picture by */
const KEYS = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
const POLL_MS = 2000;
const IN_WORK = ".picture-status:is([data-state=received], [data-state=confirmed]):not([data-parked])";
const DRAG_ENDS = ["pointerup", "pointercancel"];

attach("[data-picture-about]", (form) => {
  const kind = find(form, "select[name$=-kind]", HTMLSelectElement);
  const show = () => {
    for (const part of findAll(form, "[data-for-kind]")) part.hidden = part.dataset.forKind !== kind.value;
  };
  kind.addEventListener("change", show);
  show();
});

// An answer that was on its way when a picture was added knows nothing of it, and would be the last one asked for.
attach("#picture-poll", () => {
  if (!document.querySelector(IN_WORK)) return;
  setTimeout(() => document.body.dispatchEvent(new CustomEvent("rete:uploaded")), POLL_MS);
});

/** The order of the pictures, saved at the server after each change. */
class Order {
  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
    this.say = words("order");
    this.busy = false;
    this.saveAgain = false;
    list.addEventListener("click", (event) => this.onClick(event));
    list.addEventListener("keydown", (event) => this.onKey(event));
    list.addEventListener("pointerdown", (event) => this.onPointerDown(event));
    list.addEventListener(
      "submit",
      (event) => targetOf(event)?.closest(".picture-order") && event.preventDefault(),
      true,
    );
    list.addEventListener("rete:arrange", () => this.save());
    new MutationObserver(() => this.renumber()).observe(list, { childList: true });
    this.renumber();
    this.saved = this.ids().join();
  }

  cards() {
    return findAll(this.list, ":scope > *");
  }

  ids() {
    return this.cards().map((card) => card.dataset.picture ?? "");
  }

  renumber() {
    for (const [index, card] of this.cards().entries()) {
      find(card, "[data-picture-number]").textContent = String(index + 1);
    }
  }

  /** @param {Event} event */
  onClick(event) {
    const button = targetOf(event)?.closest(".picture-order button[name=to]");
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    this.shift(button, button.value === "up" ? -1 : 1);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const handle = targetOf(event);
    if (!(handle instanceof HTMLElement) || !handle.matches("[data-order-handle]")) return;
    const by = KEYS[event.key];
    if (!by) return;
    event.preventDefault();
    this.shift(handle, by);
  }

  /**
   * Move the card of a control by so many places, keep the focus, announce it, save it.
   *
   * @param {HTMLElement} control
   * @param {number} by
   */
  shift(control, by) {
    const cards = this.cards();
    const from = cards.findIndex((card) => card.contains(control));
    const to = Math.max(0, Math.min(cards.length - 1, from + by));
    if (to === from) return announce(this.say(to ? "last" : "first"));
    this.list.insertBefore(cards[from], to > from ? cards[to].nextSibling : cards[to]);
    control.focus();
    this.announcePlace(cards[from]);
    this.save();
  }

  /** @param {HTMLElement} card */
  announcePlace(card) {
    announce(this.say("moved", { place: this.cards().indexOf(card) + 1, count: this.cards().length }));
  }

  /**
   * Drag by the handle: the card follows the finger from place to place, without leaving the list.
   *
   * @param {PointerEvent} event
   */
  onPointerDown(event) {
    const handle = targetOf(event)?.closest("[data-order-handle]");
    if (!handle || event.button) return;
    const card = this.cards().find((each) => each.contains(handle));
    if (!card) return;
    const before = this.ids().join();
    // On the list, which stays where it is: a moved node would lose the pointer.
    this.list.setPointerCapture(event.pointerId);
    card.classList.add("is-lifted");
    const drag = (/** @type {PointerEvent} */ move) => {
      const others = this.cards().filter((other) => other !== card);
      const next = others.find((other) => {
        const box = other.getBoundingClientRect();
        return move.clientY < box.top + box.height / 2;
      });
      const after = next ? next.previousElementSibling : this.list.lastElementChild;
      if (after !== card && next !== card.nextElementSibling) this.list.insertBefore(card, next ?? null);
    };
    const drop = () => {
      card.classList.remove("is-lifted");
      for (const end of DRAG_ENDS) this.list.removeEventListener(end, drop);
      this.list.removeEventListener("pointermove", drag);
      if (this.ids().join() === before) return;
      this.announcePlace(card);
      this.save();
    };
    this.list.addEventListener("pointermove", drag);
    for (const end of DRAG_ENDS) this.list.addEventListener(end, drop);
  }

  /** @returns {Promise<void>} */
  async save() {
    const ids = this.ids();
    if (this.busy) {
      this.saveAgain = true;
      return;
    }
    if (ids.join() === this.saved) return;
    this.busy = true;
    const body = new URLSearchParams(ids.map((id) => ["picture", id]));
    const { status, data } = await post(this.list.dataset.orderUrl ?? "", body);
    this.busy = false;
    if (status === 200) this.saved = data.order.join();
    else announce(data?.error ?? this.say("failed"));
    if (!this.saveAgain) return;
    this.saveAgain = false;
    this.save();
  }
}

attach("[data-order-url]", (list) => new Order(list));
