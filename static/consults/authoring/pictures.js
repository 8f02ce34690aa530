// The list of a draft's pictures: fields that belong to a kind of picture, and the order, by drag, button or key.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { post } from "../../core/http.js";
import { words } from "../../core/words.js";

attach("[data-picture-about]", (form) => {
  const kind = form.querySelector("select[name$=-kind]");
  const show = () => {
    for (const part of form.querySelectorAll("[data-for-kind]")) part.hidden = part.dataset.forKind !== kind.value;
  };
  kind.addEventListener("change", show);
  show();
});

class Order {
  constructor(list) {
    this.list = list;
    this.say = words("order");
    list.addEventListener("click", (event) => this.pressed(event));
    list.addEventListener("keydown", (event) => this.keyed(event));
    list.addEventListener("pointerdown", (event) => this.lift(event));
    list.addEventListener("submit", (event) => event.target.closest(".picture-order") && event.preventDefault(), true);
    list.addEventListener("rete:arrange", () => this.save());
    new MutationObserver(() => this.number()).observe(list, { childList: true });
    this.number();
    this.saved = this.ids().join();
  }

  cards() {
    return [...this.list.children];
  }

  ids() {
    return this.cards().map((card) => card.dataset.picture);
  }

  number() {
    this.cards().forEach((card, index) => {
      card.querySelector("[data-picture-number]").textContent = index + 1;
    });
  }

  pressed(event) {
    const pressed = event.target.closest(".picture-order button[name=to]");
    if (!pressed) return;
    event.preventDefault();
    this.shift(pressed, pressed.value === "up" ? -1 : 1);
  }

  keyed(event) {
    if (!event.target.matches("[data-order-handle]")) return;
    const by = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!by) return;
    event.preventDefault();
    this.shift(event.target, by);
  }

  /** Move the card of a control by so many places, keep the focus, say it, save it. */
  shift(control, by) {
    const cards = this.cards();
    const card = control.closest("[data-picture]");
    const from = cards.indexOf(card);
    const to = Math.max(0, Math.min(cards.length - 1, from + by));
    if (to === from) return announce(this.say(to ? "last" : "first"));
    this.list.insertBefore(card, to > from ? cards[to].nextSibling : cards[to]);
    control.focus();
    this.tell(card);
    this.save();
  }

  tell(card) {
    announce(this.say("moved", { place: this.cards().indexOf(card) + 1, count: this.cards().length }));
  }

  /** Drag by the handle: the card follows the finger from place to place, without leaving the list. */
  lift(event) {
    const handle = event.target.closest("[data-order-handle]");
    if (!handle || event.button) return;
    const card = handle.closest("[data-picture]");
    const before = this.ids().join();
    // On the list, which stays where it is: a moved node would lose the pointer.
    this.list.setPointerCapture(event.pointerId);
    card.classList.add("is-lifted");
    const over = (move) => {
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
      for (const end of ["pointerup", "pointercancel"]) this.list.removeEventListener(end, drop);
      this.list.removeEventListener("pointermove", over);
      if (this.ids().join() === before) return;
      this.tell(card);
      this.save();
    };
    this.list.addEventListener("pointermove", over);
    for (const end of ["pointerup", "pointercancel"]) this.list.addEventListener(end, drop);
  }

  async save() {
    const ids = this.ids();
    if (this.busy) {
      this.again = true;
      return;
    }
    if (ids.join() === this.saved) return;
    this.busy = true;
    const body = new URLSearchParams(ids.map((id) => ["picture", id]));
    const { status, data } = await post(this.list.dataset.orderUrl, body);
    this.busy = false;
    if (status === 200) this.saved = data.order.join();
    else announce(data?.error ?? this.say("failed"));
    if (!this.again) return;
    this.again = false;
    this.save();
  }
}

attach("[data-order-url]", (list) => new Order(list));
