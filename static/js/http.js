/** The CSRF token of this page. */
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** A random UUID, also where crypto.randomUUID is missing (plain http on a local network). */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** POST; resolves to {status, data}. `status` 0: no answer; `data` null: not JSON (a sign-in page, a proxy). */
export async function post(url, body, headers = {}) {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRFToken": csrfToken(), Accept: "application/json", ...headers },
    });
    if (response.type === "opaqueredirect") return { status: 401, data: null };
    const json = response.headers.get("content-type")?.includes("json");
    return { status: response.status, data: json ? await response.json() : null };
  } catch {
    return { status: 0, data: null };
  }
}

/** GET JSON; resolves to {status, data} as `post` does. */
export async function getJson(url, signal) {
  try {
    const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" }, signal });
    const json = response.headers.get("content-type")?.includes("json");
    return { status: response.status, data: json ? await response.json() : null };
  } catch {
    return { status: 0, data: null };
  }
}

/** Whether trying again may help: no answer, too busy, or a fault of the server. */
export function worthRetrying(status) {
  return status === 0 || status === 408 || status === 425 || status === 429 || status >= 500;
}

/** Seconds to wait before attempt n (1, 2, 3 …): 1, 2, 4 … at most 30. */
export function backOff(attempt) {
  return Math.min(30, 2 ** (attempt - 1));
}
