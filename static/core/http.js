/**
 * The answer to a request. `status` is 0 when there was no answer; `data` is null when the answer was not JSON
 * (a sign-in page, a proxy's page).
 *
 * @template [Data=any]
 * @typedef {{ status: number, data: Data | null }} Answer
 */

/** @typedef {"renewed" | "same" | "signed-out" | "somebody-else" | "lost"} Session */

const LOST = Object.freeze({ status: 0, data: null });
const SIGNED_OUT = Object.freeze({ status: 401, data: null });

const tokenMeta = () => /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="csrf-token"]'));

/** Return the CSRF token of this page. */
export function csrfToken() {
  return tokenMeta()?.content ?? "";
}

/** @type {Promise<Session> | null} */
let renewing = null;

/**
 * Ask for the session's present token and resolve to what became of the session.
 *
 * A member who signed in again in another tab has a new token: this page takes it over wherever it stands, so
 * that nothing typed here is lost. Dispatches "rete:token" on the document when there is a session.
 *
 * @returns {Promise<Session>}
 */
export function renewToken() {
  renewing ??= askForToken().finally(() => {
    renewing = null;
  });
  return renewing;
}

/** @returns {Promise<Session>} */
async function askForToken() {
  const { status, data } = await getJson(document.body.dataset.tokenUrl ?? "");
  if (status === 0 || status >= 500) return "lost";
  if (!data?.token) return "signed-out";
  // Another person's session on this device: their rights are not those of the page.
  if (data.member !== document.body.dataset.member) return "somebody-else";
  const isSame = data.token === csrfToken();
  if (!isSame) replaceToken(data.token);
  document.dispatchEvent(new CustomEvent("rete:token"));
  return isSame ? "same" : "renewed";
}

/** @param {string} token */
function replaceToken(token) {
  const meta = tokenMeta();
  if (meta) meta.content = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
    if (input instanceof HTMLInputElement) input.value = token;
  }
}

/** Return a random UUID, also where crypto.randomUUID is missing (plain http on a local network). */
export function uuid() {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return asUuid(crypto.getRandomValues(new Uint8Array(16)));
}

/**
 * Return the first sixteen bytes as a version 4 UUID.
 *
 * @param {Uint8Array} source
 */
export function asUuid(source) {
  const bytes = new Uint8Array(source.slice(0, 16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * POST a body. Sends it a second time when the token had to be renewed.
 *
 * @param {string} url
 * @param {BodyInit} body
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Answer>}
 */
export async function post(url, body, headers = {}) {
  const first = await postOnce(url, body, headers);
  if (first.status !== 403 || first.data || (await renewToken()) !== "renewed") return first;
  if (body instanceof FormData && body.has("csrfmiddlewaretoken")) body.set("csrfmiddlewaretoken", csrfToken());
  return postOnce(url, body, headers);
}

/**
 * @param {string} url
 * @param {BodyInit} body
 * @param {Record<string, string>} headers
 */
function postOnce(url, body, headers) {
  return request(url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken(), ...headers } });
}

/**
 * GET JSON.
 *
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @param {Record<string, string>} [headers]
 * @returns {Promise<Answer>}
 */
export function getJson(url, signal, headers = {}) {
  return request(url, { headers, signal });
}

/**
 * @param {string} url
 * @param {RequestInit & { headers: Record<string, string> }} options
 * @returns {Promise<Answer>}
 */
async function request(url, options) {
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      redirect: "manual",
      ...options,
      headers: { Accept: "application/json", ...options.headers },
    });
    if (response.type === "opaqueredirect") return SIGNED_OUT;
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, data: isJson ? await response.json() : null };
  } catch {
    return LOST;
  }
}

/**
 * Whether another attempt may help: no answer, too busy, or a fault of the server.
 *
 * @param {number} status
 */
export function worthRetrying(status) {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}

/**
 * Return the seconds to wait before attempt n (1, 2, 3 …): 1, 2, 4 … at most 30.
 *
 * @param {number} attempt
 */
export function backOff(attempt) {
  return Math.min(30, 2 ** (attempt - 1));
}
