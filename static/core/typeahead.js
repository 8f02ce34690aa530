// [data-typeahead][data-url]: an ARIA combobox over GET url?q= -> [{code, label, note}].
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { element, find, targetOf } from "./dom.js";
import { getJson } from "./http.js";
import { words } from "./words.js";

const WAIT_MS = 180;
const LEAVE_MS = 120; // a click on an option comes after the field lost its focus
let serial = 0;

/** @typedef {{ code: string, label: string, note?: string }} Option */

/** A text field that offers matches, and the hidden field that keeps the code of the chosen one. */
export class Typeahead {
  /**
   * @param {ParentNode} root holds both fields
   * @param {HTMLInputElement} input
   */
  constructor(root, input) {
    this.input = input;
    this.code = find(root, "[data-typeahead-code]", HTMLInputElement);
    this.say = words("typeahead");
    /** @type {Option[]} */
    this.options = [];
    /** @type {string | null} the text that the options answer */
    this.asked = null;
    this.active = -1;
    this.chosen = input.value;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | undefined} */
    this.request = undefined;
    this.list = this.build();
    input.addEventListener("input", () => this.onInput());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("focus", () => this.input.value && !this.code.value && this.search());
    input.addEventListener("blur", () => setTimeout(() => this.leave(), LEAVE_MS));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = targetOf(event)?.closest("[role=option]");
      if (item instanceof HTMLElement) this.choose(Number(item.dataset.index));
    });
    // Whoever was quicker than this script has typed already, and no event of it will come.
    if (document.activeElement === input && input.value && !this.code.value) this.search();
  }

  build() {
    serial += 1;
    const list = element("ul", { id: `typeahead-${serial}`, className: "typeahead-list", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", this.say("list"));
    this.input.after(list);
    const attributes = {
      role: "combobox",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      "aria-controls": list.id,
    };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
    this.input.autocomplete = "off";
    return list;
  }

  onInput() {
    if (this.input.value !== this.chosen) this.setCode("");
    this.input.setCustomValidity("");
    clearTimeout(this.timer);
    this.request?.abort();
    this.timer = setTimeout(() => this.search(), WAIT_MS);
  }

  async search() {
    const query = this.input.value.trim();
    if (!query) return this.close();
    const found = await this.ask(query);
    if (found !== "overtaken") this.show(found ?? [], found ? this.say("none") : this.say("lost"));
  }

  /**
   * Ask for the matches of a text, in place of any earlier question.
   *
   * @param {string} query
   * @returns {Promise<Option[] | null | "overtaken">} null when there was no answer
   */
  async ask(query) {
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    const url = new URL(this.input.dataset.url ?? "", window.location.href);
    url.searchParams.set("q", query);
    const { status, data } = await getJson(url.href, signal);
    if (signal.aborted) return "overtaken";
    const found = status === 200 && Array.isArray(data) ? data : null;
    this.asked = found && query;
    this.options = found ?? [];
    return found;
  }

  /**
   * Open the list with these options.
   *
   * @param {Option[]} options
   * @param {string} otherwise the sentence that stands there when there are none
   */
  show(options, otherwise) {
    this.active = -1;
    this.list.replaceChildren(...options.map((option, index) => this.item(option, index)));
    if (!options.length) {
      const item = element("li", { className: "typeahead-none", textContent: otherwise });
      item.setAttribute("role", "option");
      item.setAttribute("aria-disabled", "true");
      item.setAttribute("aria-selected", "false");
      this.list.append(item);
    }
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.input.removeAttribute("aria-activedescendant");
    announce(options.length ? this.say("count", { count: options.length }) : otherwise);
  }

  /**
   * @param {Option} option
   * @param {number} index
   */
  item(option, index) {
    const item = element("li", { id: `${this.list.id}-${index}` }, element("span", { textContent: option.label }));
    item.dataset.index = String(index);
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    if (option.note) item.append(element("small", { textContent: option.note }));
    return item;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const hasChoice = !this.list.hidden && this.options.length > 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!hasChoice) return this.search();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = this.active === -1 && step === -1 ? 0 : this.active;
      this.activate((from + step + this.options.length) % this.options.length);
    } else if (event.key === "Enter" && !this.list.hidden) {
      // Enter takes the first match; it must not send the form with half a word.
      event.preventDefault();
      if (hasChoice) this.choose(Math.max(this.active, 0));
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  /** @param {number} index */
  activate(index) {
    this.active = index;
    const items = [...this.list.children];
    for (const [at, item] of items.entries()) item.setAttribute("aria-selected", String(at === index));
    items[index].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", items[index].id);
  }

  /** @param {number} index */
  choose(index) {
    const option = this.options[index];
    if (!option) return;
    this.input.value = option.label;
    this.chosen = option.label;
    this.setCode(option.code);
    this.close();
    announce(this.say("chosen", { label: option.label }));
  }

  /** @param {string} code */
  setCode(code) {
    if (this.code.value === code) return;
    this.code.value = code;
    this.code.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Close the list; choose the option whose label was typed in full, and refuse a text that chooses none. */
  async leave() {
    this.close();
    const typed = this.input.value.trim();
    this.input.setCustomValidity(typed && !this.code.value ? this.say("choose") : "");
    if (!typed || this.code.value) return;
    // Who types and leaves at once was quicker than the list.
    if (this.asked !== typed && (await this.ask(typed)) === "overtaken") return;
    const exact = this.options.findIndex((option) => option.label.toLowerCase() === typed.toLowerCase());
    if (exact < 0) return;
    this.choose(exact);
    this.input.setCustomValidity("");
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort(); // its answer would open the list over what is being done by now
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

attach(
  "[data-typeahead]",
  (input) => new Typeahead(input.closest(".typeahead") ?? input.parentElement ?? document, input),
  HTMLInputElement,
);
