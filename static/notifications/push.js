// [data-push]: turns push on in this browser. data-push-key is the site's public key, data-push-url takes the address.
import { announce } from "../core/announce.js";
import { attach } from "../core/attach.js";
import { find } from "../core/dom.js";
import { post } from "../core/http.js";
import { words } from "../core/words.js";

const WORKER = "/notices/worker.js"; // the one address that trusted_types.js lets through

/**
 * Return base64url as bytes.
 *
 * @param {string} text
 */
function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/**
 * Wait until the worker runs: a browser is subscribed for one that does.
 *
 * @param {ServiceWorkerRegistration} registration
 */
async function activated(registration) {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return;
  await new Promise((resolve) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve(true);
    });
  });
}

/**
 * Ask the browser for the address at which its vendor takes pushes; null if its user or the browser refuses.
 *
 * @param {string} key
 * @returns {Promise<string | null>}
 */
async function ask(key) {
  if ((await Notification.requestPermission()) !== "granted") return null;
  const registration = await navigator.serviceWorker.register(WORKER);
  await activated(registration);
  const options = { userVisibleOnly: true, applicationServerKey: bytesOf(key) };
  const subscription = await registration.pushManager.subscribe(options);
  return subscription.endpoint;
}

attach("[data-push]", (part) => {
  const say = words("push");
  const button = find(part, "[data-push-on]", HTMLButtonElement);
  const status = find(part, "[data-push-status]");
  /** @param {string} text */
  const tell = (text) => {
    status.textContent = text;
    announce(text);
  };
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    button.disabled = true;
    status.textContent = say("missing");
    return;
  }
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const endpoint = await ask(part.dataset.pushKey ?? "");
      if (!endpoint) {
        tell(say("refused"));
        return;
      }
      const body = new FormData();
      body.set("endpoint", endpoint);
      const { status: code, data } = await post(part.dataset.pushUrl ?? "", body);
      if (code === 200) location.reload();
      else tell(data?.error ?? say("failed"));
    } catch {
      tell(say("failed"));
    } finally {
      button.disabled = false;
    }
  });
});
