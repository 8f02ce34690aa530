import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openPage } from "./page.js";

openPage();
Object.assign(globalThis, {
  HTMLFormElement: Reflect.get(window, "HTMLFormElement"),
  HTMLButtonElement: Reflect.get(window, "HTMLButtonElement"),
});
const { asBytes, asJson, attachTo, decode, encode, sentenceOf } = await import("../../static/accounts/passkeys.js");

const WORDS = {
  cancelled: "It was stopped.",
  lost: "No connection.",
  unsupported: "No passkeys here.",
  insecure: "https",
};
const BYTES = new Uint8Array([0, 62, 63, 250, 255]);
const ANSWER = {
  id: "AD4_-v8",
  rawId: BYTES.buffer,
  type: "public-key",
  authenticatorAttachment: "platform",
  getClientExtensionResults: () => ({ credProps: { rk: true } }),
  response: { clientDataJSON: BYTES.buffer, signature: BYTES.buffer, userHandle: null },
};
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @type {{ answer: unknown, asked: any, sent: number }} */
let browser;

beforeEach(() => {
  browser = { answer: ANSWER, asked: null, sent: 0 };
  const give = async (/** @type {unknown} */ asked) => {
    browser.asked = asked;
    if (browser.answer instanceof Error) throw browser.answer;
    return browser.answer;
  };
  Object.defineProperty(globalThis, "navigator", {
    value: { credentials: { create: give, get: give } },
    configurable: true,
  });
  Object.assign(window, { PublicKeyCredential: class {}, isSecureContext: true });
});

/** A form for a passkey on a fresh page. */
function open(options = { publicKey: { challenge: "AD4_-v8" } }) {
  document.body.innerHTML = `
    <form data-passkey="get" data-options="options" hidden>
      <input type="hidden" name="credential"><button type="button" data-passkey-start>Use</button>
      <p data-passkey-trouble hidden></p>
    </form>
    <script type="application/json" id="options">${JSON.stringify(options)}</script>
    <script type="application/json" id="words-passkeys">${JSON.stringify(WORDS)}</script>`;
  const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
  form.requestSubmit = () => {
    browser.sent += 1;
  };
  attachTo(form);
  const part = (/** @type {string} */ selector) => /** @type {any} */ (form.querySelector(selector));
  return { form, button: part("button"), field: part("input"), trouble: part("[data-passkey-trouble]") };
}

/** @param {string} name */
const named = (name) => Object.assign(new Error(name), { name });

test("bytes go there and back as base64url without padding", () => {
  assert.equal(encode(BYTES.buffer), "AD4_-v8");
  assert.deepEqual(decode("AD4_-v8"), BYTES);
});

test("challenge and ids of options become bytes, the rest stays", () => {
  const { publicKey } = asBytes({
    publicKey: {
      challenge: "AD4_-v8",
      rp: { id: "localhost" },
      user: { id: "AD4_-v8", name: "ada" },
      excludeCredentials: [{ id: "AD4_-v8", type: "public-key" }],
      allowCredentials: [{ id: "AD4_-v8", type: "public-key" }],
    },
  });
  assert.deepEqual(publicKey.challenge, BYTES);
  assert.deepEqual(publicKey.user, { id: BYTES, name: "ada" });
  assert.deepEqual(publicKey.rp, { id: "localhost" });
  assert.deepEqual(publicKey.excludeCredentials, [{ id: BYTES, type: "public-key" }]);
  assert.deepEqual(publicKey.allowCredentials, [{ id: BYTES, type: "public-key" }]);
});

test("an answer has its bytes as text and leaves out what is missing", () => {
  const sent = asJson(ANSWER);
  assert.deepEqual(sent.response, { clientDataJSON: "AD4_-v8", signature: "AD4_-v8" });
  assert.deepEqual([sent.id, sent.rawId], ["AD4_-v8", "AD4_-v8"]);
  assert.deepEqual(sent.clientExtensionResults, { credProps: { rk: true } });
});

test("each error has its sentence", () => {
  const names = ["NotAllowedError", "AbortError", "InvalidStateError", "SecurityError", "UnknownError"];
  const found = [...names.map((name) => sentenceOf(named(name))), sentenceOf("odd")];
  assert.deepEqual(found, ["cancelled", "cancelled", "known", "insecure", "failed", "failed"]);
});

test("the form is hidden without scripts, and sends what the device answers", async () => {
  const page = open();
  assert.equal(page.form.hidden, false);
  page.button.click();
  await settle();
  assert.deepEqual(browser.asked.publicKey.challenge, BYTES);
  assert.equal(JSON.parse(page.field.value).id, "AD4_-v8");
  assert.equal(browser.sent, 1);
});

test("whoever stops it is told, and can try again", async () => {
  browser.answer = named("NotAllowedError");
  const page = open();
  page.button.click();
  await settle();
  assert.deepEqual([page.trouble.textContent, page.trouble.hidden], ["It was stopped.", false]);
  assert.deepEqual([page.button.disabled, page.field.value, browser.sent], [false, "", 0]);
  browser.answer = ANSWER;
  page.button.click();
  await settle();
  assert.deepEqual([page.trouble.hidden, browser.sent], [true, 1]);
});

test("a browser without passkeys says so", async () => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const page = open();
  page.button.click();
  await settle();
  assert.equal(page.trouble.textContent, "No passkeys here.");
});

test("options that cannot be fetched are a lost connection", async () => {
  const page = open();
  delete page.form.dataset.options;
  Object.assign(globalThis, { fetch: () => Promise.reject(new Error("away")) });
  page.button.click();
  await settle();
  assert.equal(page.trouble.textContent, "No connection.");
});

test("Enter asks for the passkey first", async () => {
  const page = open();
  const pressed = new Event("submit", { cancelable: true });
  page.form.dispatchEvent(pressed);
  await settle();
  assert.deepEqual([pressed.defaultPrevented, browser.sent], [true, 1]);
});
