// Passkeys: makes one (data-passkey="create") or uses one ("get") when its button is pressed, puts the answer into the
// hidden field of the form as JSON, and sends the form. The browser's options stand in the page or are fetched.
import { find, findAll } from "../core/dom.js";
import { getJson } from "../core/http.js";
import { words } from "../core/words.js";

/** @typedef {Record<string, any>} Json */

/**
 * Return the bytes of a base64url text.
 *
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function decode(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/**
 * Return bytes as base64url text without padding.
 *
 * @param {ArrayBuffer} bytes
 */
export function encode(bytes) {
  const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Return options as `navigator.credentials` takes them: challenge and ids as bytes.
 *
 * @param {Json} options as the server sends them
 * @returns {any}
 */
export function asBytes(options) {
  const given = options.publicKey ?? options;
  const ids = (/** @type {Json[] | undefined} */ list) => list?.map((one) => ({ ...one, id: decode(one.id) }));
  return {
    publicKey: {
      ...given,
      challenge: decode(given.challenge),
      ...(given.user && { user: { ...given.user, id: decode(given.user.id) } }),
      ...(given.excludeCredentials && { excludeCredentials: ids(given.excludeCredentials) }),
      ...(given.allowCredentials && { allowCredentials: ids(given.allowCredentials) }),
    },
  };
}

/**
 * Return what the browser answered as the server reads it: bytes as base64url.
 *
 * @param {any} credential a PublicKeyCredential
 * @returns {Json}
 */
export function asJson(credential) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const { response } = credential;
  const parts = names.filter((name) => response[name]).map((name) => [name, encode(response[name])]);
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      ...Object.fromEntries(parts),
      ...(response.getTransports && { transports: response.getTransports() }),
    },
  };
}

/**
 * Return which sentence tells of an error of the browser.
 *
 * @param {unknown} error
 */
export function sentenceOf(error) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
  if (name === "InvalidStateError") return "known";
  if (name === "SecurityError") return "insecure";
  return "failed";
}

/**
 * Return the options for this form, or null when they could not be fetched.
 *
 * @param {HTMLFormElement} form
 * @returns {Promise<Json | null>}
 */
async function optionsOf(form) {
  const { options, optionsUrl } = form.dataset;
  if (options) return JSON.parse(document.getElementById(options)?.textContent ?? "null");
  const { status, data } = await getJson(optionsUrl ?? "");
  return status === 200 ? data : null;
}

/**
 * Let the button of a form make or use a passkey.
 *
 * @param {HTMLFormElement} form
 */
export function attachTo(form) {
  const say = words("passkeys");
  const trouble = find(form, "[data-passkey-trouble]");
  const button = find(form, "[data-passkey-start]", HTMLButtonElement);
  form.hidden = false;

  /** @param {string} key */
  function tell(key) {
    trouble.textContent = say(key);
    trouble.hidden = false;
    button.disabled = false;
  }

  async function start() {
    trouble.hidden = true;
    if (!window.isSecureContext) return tell("insecure");
    if (!navigator.credentials || !window.PublicKeyCredential) return tell("unsupported");
    button.disabled = true;
    const options = await optionsOf(form);
    if (!options) return tell("lost");
    try {
      const asked = asBytes(options);
      const isNew = form.dataset.passkey === "create";
      const answer = await (isNew ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
      find(form, "[name=credential]", HTMLInputElement).value = JSON.stringify(asJson(answer));
    } catch (error) {
      return tell(sentenceOf(error));
    }
    button.disabled = false;
    form.requestSubmit();
  }

  button.addEventListener("click", start);
  form.addEventListener("submit", (event) => {
    // Enter in the field for the name: the passkey first.
    if (find(form, "[name=credential]", HTMLInputElement).value) return;
    event.preventDefault();
    start();
  });
}

if (typeof document !== "undefined") {
  for (const form of findAll(document, "form[data-passkey]", HTMLFormElement)) attachTo(form);
}
