// [data-typeahead][data-url]: ARIA combobox over GET url?q= -> [{code, label, note}].
import { announce } from "./announce.js";
import { attach } from "./attach.js";
import { getJson } from "./http.js";
import { words } from "./words.js";

const WAIT_MS = 180;
let serial = 0;

class Typeahead {
  constructor(root, input) {
    this.root = root;
    this.input = input;
    this.value = root.querySelector("[data-typeahead-code]");
    this.say = words("typeahead");
    this.options = [];
    this.active = -1;
    this.chosen = input.value;
    this.build();
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("focus", () => this.input.value && !this.value.value && this.look());
    input.addEventListener("blur", () => setTimeout(() => this.leave(), 120));
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) this.choose(Number(item.dataset.index));
    });
  }

  build() {
    serial += 1;
    this.list = document.createElement("ul");
    Object.assign(this.list, { id: `typeahead-${serial}`, className: "typeahead-list", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.say("list"));
    this.input.after(this.list);
    const attributes = {
      role: "combobox",
      "aria-expanded": "false",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
    };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
    this.input.autocomplete = "off";
  }

  typed() {
    if (this.input.value !== this.chosen) this.set("");
    this.input.setCustomValidity("");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), WAIT_MS);
  }

  async look() {
    const query = this.input.value.trim();
    this.request?.abort();
    if (!query) return this.close();
    this.request = new AbortController();
    const { signal } = this.request;
    const url = new URL(this.input.dataset.url, window.location.href);
    url.searchParams.set("q", query);
    const { status, data } = await getJson(url, signal);
    if (signal.aborted) return;
    const failed = status !== 200 || !Array.isArray(data);
    this.show(failed ? [] : data, failed ? this.say("lost") : this.say("none"));
  }

  show(options, otherwise) {
    this.options = options;
    this.active = -1;
    this.list.replaceChildren(
      ...options.map((option, index) => {
        const item = document.createElement("li");
        item.id = `${this.list.id}-${index}`;
        item.dataset.index = index;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.append(Object.assign(document.createElement("span"), { textContent: option.label }));
        if (option.note) item.append(Object.assign(document.createElement("small"), { textContent: option.note }));
        return item;
      }),
    );
    if (!options.length) {
      const item = Object.assign(document.createElement("li"), { className: "typeahead-none", textContent: otherwise });
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

  key(event) {
    const open = !this.list.hidden && this.options.length > 0;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return this.look();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = this.active === -1 && step === -1 ? 0 : this.active;
      this.point((from + step + this.options.length) % this.options.length);
    } else if (event.key === "Enter" && !this.list.hidden) {
      // Enter takes the first match; it must not send the form with half a word.
      event.preventDefault();
      if (open) this.choose(Math.max(this.active, 0));
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
    }
  }

  point(index) {
    this.active = index;
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    this.list.children[index].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", this.list.children[index].id);
  }

  choose(index) {
    const option = this.options[index];
    if (!option) return;
    this.input.value = option.label;
    this.chosen = option.label;
    this.set(option.code);
    this.close();
    announce(this.say("chosen", { label: option.label }));
  }

  set(code) {
    if (this.value.value === code) return;
    this.value.value = code;
    this.value.dispatchEvent(new Event("change", { bubbles: true }));
  }

  leave() {
    this.close();
    const typed = this.input.value.trim();
    const exact = this.options.findIndex((option) => option.label.toLowerCase() === typed.toLowerCase());
    if (typed && !this.value.value && exact >= 0) this.choose(exact);
    this.input.setCustomValidity(typed && !this.value.value ? this.say("choose") : "");
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

attach("[data-typeahead]", (input) => new Typeahead(input.closest(".typeahead") ?? input.parentElement, input));
