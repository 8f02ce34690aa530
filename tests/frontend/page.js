// A page without a browser: happy-dom's window, with what our modules take from it as globals.
import { Window } from "happy-dom";

const NAMES = ["document", "Element", "Event", "HTMLElement", "HTMLInputElement", "KeyboardEvent", "Node"];

/** Open an empty page. Modules that look at the page when they are loaded are imported after this. */
export function openPage() {
  const window = new Window({ url: "http://127.0.0.1/" });
  const globals = NAMES.map((name) => [name, Reflect.get(window, name)]);
  Object.assign(globalThis, { window }, Object.fromEntries(globals));
}
