import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { openPage } from "./page.js";

openPage();
const { Typeahead } = await import("../../static/core/typeahead.js");

const OPTIONS = [
  { code: "L40", label: "Psoriasis", note: "plaque" },
  { code: "L41", label: "Parapsoriasis" },
  { code: "L42", label: "Pityriasis rosea" },
];

/** @type {{ url: URL, signal: AbortSignal, answer: (body: unknown, status?: number) => Promise<void> }[]} */
let requests = [];

const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  requests = [];
  Object.assign(globalThis, {
    fetch: (/** @type {string} */ url, /** @type {{ signal: AbortSignal }} */ { signal }) =>
      new Promise((resolve) => {
        const answer = async (/** @type {unknown} */ body, status = 200) => {
          resolve(Response.json(body, { status }));
          await settle();
          await settle();
        };
        requests.push({ url: new URL(url), signal, answer });
      }),
  });
});

/** A type-ahead on a fresh page, and the ways in which a person uses it. */
function open() {
  document.body.innerHTML = `
    <form><div class="typeahead">
      <input id="text" data-typeahead data-url="/search/?kind=diagnosis"><input type="hidden" data-typeahead-code>
    </div></form>`;
  const input = /** @type {HTMLInputElement} */ (document.getElementById("text"));
  const typeahead = new Typeahead(document, input);
  const { list, code } = typeahead;
  return {
    input,
    list,
    code,
    /** @param {string} text */
    type(text) {
      input.value = text;
      input.dispatchEvent(new Event("input"));
    },
    /**
     * Press a key; returns whether the page would still have acted on it.
     *
     * @param {string} key
     */
    press: (key) => input.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true })),
    async search(text = "ps", options = OPTIONS) {
      this.type(text);
      mock.timers.tick(200);
      await requests[0].answer(options);
    },
    leave() {
      input.dispatchEvent(new Event("blur"));
      mock.timers.tick(200);
    },
    active: () => list.querySelector("[aria-selected=true]")?.id ?? null,
  };
}

test("typing asks once, a moment later, and keeps the address's own parameters", () => {
  const page = open();
  page.type("p");
  page.type("ps ");
  assert.equal(requests.length, 0);
  mock.timers.tick(200);
  assert.deepEqual(
    requests.map(({ url }) => url.search),
    ["?kind=diagnosis&q=ps"],
  );
});

test("an answer opens the list with notes", async () => {
  const page = open();
  await page.search();
  assert.equal(page.list.hidden, false);
  assert.equal(page.input.getAttribute("aria-expanded"), "true");
  assert.deepEqual(
    [...page.list.children].map((item) => item.textContent),
    ["Psoriasisplaque", "Parapsoriasis", "Pityriasis rosea"],
  );
});

test("an older answer does not replace a newer one", async () => {
  const page = open();
  page.type("p");
  mock.timers.tick(200);
  page.type("pi");
  mock.timers.tick(200);
  assert.equal(requests[0].signal.aborted, true);
  await requests[1].answer([OPTIONS[2]]);
  await requests[0].answer(OPTIONS);
  assert.equal(page.list.children.length, 1);
});

test("arrow keys go round, and tell which one is active", async () => {
  const page = open();
  await page.search();
  const ids = [...page.list.children].map((item) => item.id);
  for (const expected of [ids[0], ids[1], ids[2], ids[0]]) {
    assert.equal(page.press("ArrowDown"), false);
    assert.equal(page.active(), expected);
    assert.equal(page.input.getAttribute("aria-activedescendant"), expected);
  }
  page.press("ArrowUp");
  assert.equal(page.active(), ids[2]);
});

test("up from nothing is the last one", async () => {
  const page = open();
  await page.search();
  page.press("ArrowUp");
  assert.equal(page.active(), page.list.lastElementChild?.id);
});

test("Enter takes the active one and does not send the form", async () => {
  const page = open();
  await page.search();
  page.press("ArrowDown");
  page.press("ArrowDown");
  assert.equal(page.press("Enter"), false);
  assert.deepEqual([page.input.value, page.code.value, page.list.hidden], ["Parapsoriasis", "L41", true]);
});

test("Enter without an active one takes the first", async () => {
  const page = open();
  await page.search();
  page.press("Enter");
  assert.equal(page.code.value, "L40");
});

test("Enter on a closed list sends the form", () => {
  const page = open();
  assert.equal(page.press("Enter"), true);
});

test("Escape closes and chooses nothing", async () => {
  const page = open();
  await page.search();
  page.press("ArrowDown");
  assert.equal(page.press("Escape"), false);
  assert.deepEqual([page.code.value, page.list.hidden], ["", true]);
  assert.equal(page.input.hasAttribute("aria-activedescendant"), false);
});

test("a choice is told to the form once", async () => {
  const page = open();
  let changes = 0;
  document.querySelector("form")?.addEventListener("change", () => {
    changes += 1;
  });
  await page.search();
  page.press("Enter");
  assert.equal(changes, 1);
});

test("typing on after a choice takes the code back", async () => {
  const page = open();
  await page.search();
  page.press("Enter");
  page.type("Psoriasi");
  assert.equal(page.code.value, "");
});

test("leaving with a label typed in full chooses it", async () => {
  const page = open();
  await page.search("pityriasis ROSEA");
  page.leave();
  assert.deepEqual([page.code.value, page.input.validationMessage], ["L42", ""]);
});

test("leaving with half a word is refused until something is chosen", async () => {
  const page = open();
  await page.search();
  page.leave();
  assert.equal(page.input.validationMessage, "choose");
  page.type("");
  assert.equal(page.input.validationMessage, "");
});

for (const [name, body, status, expected] of /** @type {const} */ ([
  ["no match", [], 200, "none"],
  ["a server in trouble", OPTIONS, 503, "lost"],
  ["an answer of another kind", { error: "?" }, 200, "lost"],
])) {
  test(`${name} is told in the list and cannot be chosen`, async () => {
    const page = open();
    page.type("zz");
    mock.timers.tick(200);
    await requests[0].answer(body, status);
    assert.equal(page.list.textContent, expected);
    assert.equal(page.press("Enter"), false);
    assert.equal(page.code.value, "");
  });
}

test("a click chooses", async () => {
  const page = open();
  await page.search();
  const label = page.list.children[1].firstElementChild;
  label?.dispatchEvent(new Event("click", { bubbles: true }));
  assert.equal(page.code.value, "L41");
});

test("an answer that comes after the choice does not open the list again", async () => {
  const page = open();
  await page.search();
  page.type("psor");
  mock.timers.tick(200);
  page.press("Enter");
  await requests[1].answer(OPTIONS);
  assert.deepEqual([page.code.value, page.list.hidden], ["L40", true]);
});

test("an answer that comes after the field was left does not open the list", async () => {
  const page = open();
  page.type("ps");
  mock.timers.tick(200);
  page.leave();
  await requests[0].answer(OPTIONS);
  await requests[1].answer(OPTIONS);
  assert.deepEqual([page.code.value, page.list.hidden, page.input.validationMessage], ["", true, "choose"]);
});

test("leaving before the list is there still chooses a label typed in full", async () => {
  const page = open();
  page.type("Pityriasis rosea");
  page.leave();
  assert.equal(page.input.validationMessage, "choose");
  await requests[0].answer(OPTIONS);
  assert.deepEqual([page.code.value, page.list.hidden, page.input.validationMessage], ["L42", true, ""]);
});

test("whoever types on after leaving is not overruled by the answer to the old text", async () => {
  const page = open();
  page.type("Psoriasis");
  page.leave();
  page.type("Psoriasis v");
  await requests[0].answer(OPTIONS);
  mock.timers.tick(200);
  await requests[1].answer([]);
  assert.deepEqual([page.code.value, page.list.textContent], ["", "none"]);
});
