const pageUrl = () => document.body.dataset.tokenUrl ?? "";

/** The CSRF token of this page. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

let renewing = null;

/**
 * Ask for the session's present token; resolves to "renewed", "same", "signed-out", "somebody-else" or "lost".
 * A member who signed in again in another tab has a new one: this page takes it over wherever it stands, so
 * that nothing typed here is lost. Says "rete:token" on the document when there is a session again.
 */
export function renewToken() {
  renewing ??= askForToken().finally(() => {
    renewing = null;
  });
  return renewing;
}

async function askForToken() {
  const { status, data } = await getJson(pageUrl());
  if (status === 0 || status >= 500) return "lost";
  if (!data?.token) return "signed-out";
  // Another person's session on this device: their rights are not those of the page.
  if (data.member !== document.body.dataset.member) return "somebody-else";
  const same = data.token === csrfToken();
  if (!same) takeOver(data.token);
  document.dispatchEvent(new CustomEvent("rete:token"));
  return same ? "same" : "renewed";
}

function takeOver(token) {
  document.querySelector('meta[name="csrf-token"]').content = token;
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) input.value = token;
}

/** A random UUID, also where crypto.randomUUID is missing (plain http on a local network). */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return asUuid(crypto.getRandomValues(new Uint8Array(16)));
}

/** Sixteen bytes (more are ignored) as a version 4 UUID. */
export function asUuid(source) {
  const bytes = new Uint8Array(source.slice(0, 16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** POST; resolves to {status, data}. `status` 0: no answer; `data` null: not JSON (a sign-in page, a proxy). */
export async function post(url, body, headers = {}) {
  const first = await postOnce(url, body, headers);
  if (first.status !== 403 || first.data || (await renewToken()) !== "renewed") return first;
  if (body instanceof FormData && body.has("csrfmiddlewaretoken")) body.set("csrfmiddlewaretoken", csrfToken());
  return postOnce(url, body, headers);
}

async function postOnce(url, body, headers) {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json", ...headers },
    });
    if (response.type === "opaqueredirect") return { status: 401, data: null };
    return { status: response.status, data: await json(response) };
  } catch {
    return { status: 0, data: null };
  }
}

/** GET JSON; resolves to {status, data} as `post` does. */
export async function getJson(url, signal, headers = {}) {
  try {
    const response = await fetch(url, {
      credentials: "same-origin",
      redirect: "manual",
      headers: { Accept: "application/json", ...headers },
      signal,
    });
    if (response.type === "opaqueredirect") return { status: 401, data: null };
    return { status: response.status, data: await json(response) };
  } catch {
    return { status: 0, data: null };
  }
}

async function json(response) {
  return response.headers.get("content-type")?.includes("json") ? response.json() : null;
}

/** Whether trying again may help: no answer, too busy, or a fault of the server. */
export function worthRetrying(status) {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Seconds to wait before attempt n (1, 2, 3 …): 1, 2, 4 … at most 30. */
export function backOff(attempt) {
  return Math.min(30, 2 ** (attempt - 1));
}
