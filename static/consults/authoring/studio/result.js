// The server's own rendering, with a slider over the picture before covering.
import { find } from "../../../core/dom.js";

/** @import { Say } from "../../../core/words.js" */
/** @import { Store } from "./store.js" */

const TRIES = 60; // a second apart, while the server answers that it is at work
const AT_WORK = 202;

export class Result {
  /**
   * @param {object} options
   * @param {HTMLDialogElement} options.dialog
   * @param {HTMLImageElement} options.picture the loaded preview
   * @param {Store} options.store for the crop, so that both pictures lie on each other
   * @param {string} options.url of the rendering
   * @param {Say} options.say
   * @param {() => void} options.goOn called when the person finds it right
   */
  constructor({ dialog, picture, store, url, say, goOn }) {
    this.dialog = dialog;
    this.picture = picture;
    this.store = store;
    this.url = url;
    this.say = say;
    this.after = find(dialog, "[data-result-after]", HTMLImageElement);
    this.before = find(dialog, "[data-result-before]", HTMLCanvasElement);
    this.work = find(dialog, "[data-result-work]");
    this.workText = find(this.work, "strong");
    this.spinner = find(this.work, ".spinner");
    this.range = find(dialog, "[data-result-range]", HTMLInputElement);
    this.goOnButton = find(dialog, "[data-do=go-on]", HTMLButtonElement);
    this.usualText = this.workText.textContent ?? "";
    this.range.addEventListener("input", () => this.slide());
    find(dialog, "[data-do=close-result]").addEventListener("click", () => dialog.close());
    this.goOnButton.addEventListener("click", () => {
      dialog.close();
      goOn();
    });
    this.asked = 0;
    dialog.addEventListener("close", () => {
      this.asked += 1;
      if (this.after.src.startsWith("blob:")) URL.revokeObjectURL(this.after.src);
      this.after.removeAttribute("src");
    });
  }

  slide() {
    const share = Number(this.range.value);
    this.range.setAttribute("aria-valuetext", this.say("compared", { share }));
    this.before.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
  }

  /** @param {number} revision of the masks that it must show */
  open(revision) {
    this.range.value = "0";
    this.range.disabled = true;
    this.goOnButton.disabled = true;
    this.before.hidden = true;
    this.work.hidden = false;
    this.workText.textContent = this.usualText;
    this.spinner.hidden = false;
    this.dialog.showModal();
    const url = new URL(this.url, window.location.href);
    url.searchParams.set("revision", String(revision));
    this.after.alt = this.say("result_alt");
    this.after.onload = () => {
      this.work.hidden = true;
      this.drawBefore();
      this.range.disabled = false;
      this.goOnButton.disabled = false;
      this.slide();
      this.range.focus();
    };
    this.after.onerror = () => {
      if (!this.after.getAttribute("src")) return;
      this.workText.textContent = this.say("result_failed");
      this.spinner.hidden = true;
    };
    this.asked += 1;
    void this.load(url, this.asked);
  }

  /**
   * Show the picture once the server has made it.
   * @param {URL} url of the rendering
   * @param {number} asked which opening of the dialog it is for
   */
  async load(url, asked) {
    let response = await ask(url);
    for (let tries = 1; response?.status === AT_WORK && tries < TRIES && asked === this.asked; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      response = await ask(url);
    }
    if (asked !== this.asked) return;
    if (response?.status === 200) {
      this.after.src = URL.createObjectURL(await response.blob());
    } else {
      this.workText.textContent =
        response && response.status >= 400 ? await words(response, this.say) : this.say("result_failed");
      this.spinner.hidden = true;
    }
  }

  /** Draw the same part of the uncovered preview, at the size of the result. */
  drawBefore() {
    const { before, picture, store } = this;
    const crop = store.crop ?? { x: 0, y: 0, width: store.width, height: store.height };
    const scale = picture.naturalWidth / store.width;
    before.width = this.after.naturalWidth;
    before.height = this.after.naturalHeight;
    const [x, y, width, height] = [crop.x, crop.y, crop.width, crop.height].map((number) => number * scale);
    before.getContext("2d")?.drawImage(picture, x, y, width, height, 0, 0, before.width, before.height);
    before.hidden = false;
  }
}

/**
 * Ask for the picture; null when the network is lost.
 * @param {URL} url
 */
function ask(url) {
  return fetch(url, { credentials: "same-origin", cache: "no-store" }).catch(() => null);
}

/**
 * The server's own sentence for a refusal, which is plain text.
 * @param {Response} response
 * @param {Say} say
 */
async function words(response, say) {
  const plain = response.headers.get("Content-Type")?.startsWith("text/plain");
  return plain ? await response.text() : say("result_failed");
}
