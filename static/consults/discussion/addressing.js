// form[data-addresses]: suggestions after "@" in its textarea, over GET url?q= -> [{code, label, note}].
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { element, find, targetOf } from "../../core/dom.js";
import { getJson } from "../../core/http.js";
import { words } from "../../core/words.js";
import { insertion, typedName } from "./names.js";

/** @typedef {{ code: string, label: string, note: string }} Option */

const WAIT_MS = 180;
const LEAVE_MS = 120; // a click on an option comes after the field lost its focus
let serial = 0;

class Suggestions {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.url = form.dataset.addresses ?? "";
    this.field = find(form, "textarea[name=text]", HTMLTextAreaElement);
    this.chosen = find(form, "[data-chosen]", HTMLInputElement);
    this.say = words("addressing");
    /** @type {Option[]} */
    this.options = [];
    this.active = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | undefined} */
    this.request = undefined;
    serial += 1;
    this.list = element("ul", { id: `addresses-${serial}`, className: "typeahead-list", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.say("list"));
    const frame = element("div", { className: "typeahead" });
    this.field.before(frame);
    frame.append(this.field, this.list);
    this.field.setAttribute("aria-autocomplete", "list");
    this.field.setAttribute("aria-controls", this.list.id);
    this.field.addEventListener("input", () => this.onInput());
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.close(), LEAVE_MS));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = targetOf(event)?.closest("[role=option]");
      if (item instanceof HTMLElement) this.choose(Number(item.dataset.index));
    });
  }

  typed() {
    return typedName(this.field.value.slice(0, this.field.selectionStart));
  }

  onInput() {
    clearTimeout(this.timer);
    if (this.typed() === null) return this.close();
    this.timer = setTimeout(() => this.search(), WAIT_MS);
  }

  async search() {
    const typed = this.typed();
    this.request?.abort();
    if (typed === null) return this.close();
    this.request = new AbortController();
    const { signal } = this.request;
    const url = new URL(this.url, window.location.href);
    url.searchParams.set("q", typed);
    const { status, data } = await getJson(url.href, signal);
    if (signal.aborted || this.typed() !== typed) return;
    this.show(status === 200 && Array.isArray(data) ? data : [], typed);
  }

  /**
   * Open the list with these options; a name that goes on into the sentence closes it without a word.
   *
   * @param {Option[]} options
   * @param {string} typed
   */
  show(options, typed) {
    this.options = options;
    if (!options.length) {
      this.close();
      if (typed && !typed.includes(" ")) announce(this.say("none"));
      return;
    }
    this.list.replaceChildren(...options.map((option, index) => this.item(option, index)));
    this.list.hidden = false;
    this.activate(0);
    announce(this.say("count", { count: options.length }));
  }

  /**
   * @param {Option} option
   * @param {number} index
   */
  item(option, index) {
    const item = element("li", { id: `${this.list.id}-${index}` }, element("span", { textContent: option.label }));
    item.dataset.index = String(index);
    item.setAttribute("role", "option");
    item.append(element("small", { textContent: option.note }));
    return item;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (step) this.activate((this.active + step + this.options.length) % this.options.length);
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  /** @param {number} index */
  activate(index) {
    this.active = index;
    const items = [...this.list.children];
    for (const [at, item] of items.entries()) item.setAttribute("aria-selected", String(at === index));
    items[index].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", items[index].id);
  }

  /** @param {number} index */
  choose(index) {
    const option = this.options[index];
    if (!option) return;
    const { value, caret } = insertion(this.field.value, this.field.selectionStart, option.label);
    this.field.value = value;
    this.field.setSelectionRange(caret, caret);
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
    this.chosen.value = `${this.chosen.value} ${option.code}`.trim();
    this.close();
    announce(this.say("chosen", { name: option.label }));
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.list.hidden = true;
    this.field.removeAttribute("aria-activedescendant");
  }
}

attach("form[data-addresses]", (form) => new Suggestions(form), HTMLFormElement);
