// The server's own rendering, with a slider over the picture before covering.

export class Result {
  /** `picture`: the loaded preview; `store`: for the crop, so that both lie on each other. */
  constructor({ dialog, picture, store, url, say, goOn }) {
    Object.assign(this, { dialog, picture, store, url, say });
    this.after = dialog.querySelector("[data-result-after]");
    this.before = dialog.querySelector("[data-result-before]");
    this.work = dialog.querySelector("[data-result-work]");
    this.range = dialog.querySelector("[data-result-range]");
    this.on = dialog.querySelector("[data-do=go-on]");
    this.range.addEventListener("input", () => this.slide());
    dialog.querySelector("[data-do=close-result]").addEventListener("click", () => dialog.close());
    this.on.addEventListener("click", () => {
      dialog.close();
      goOn();
    });
    dialog.addEventListener("close", () => this.after.removeAttribute("src"));
  }

  slide() {
    const share = Number(this.range.value);
    this.range.setAttribute("aria-valuetext", this.say("compared", { share }));
    this.before.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
  }

  open(revision) {
    this.range.value = 0;
    this.range.disabled = true;
    this.on.disabled = true;
    this.before.hidden = true;
    this.work.hidden = false;
    const text = this.work.querySelector("strong");
    text.dataset.usual ??= text.textContent;
    text.textContent = text.dataset.usual;
    this.work.querySelector(".spinner").hidden = false;
    this.dialog.showModal();
    const url = new URL(this.url, window.location.href);
    url.searchParams.set("revision", revision);
    this.after.alt = this.say("result_alt");
    this.after.onload = () => {
      this.work.hidden = true;
      this.draw();
      this.range.disabled = false;
      this.on.disabled = false;
      this.slide();
      this.range.focus();
    };
    this.after.onerror = () => {
      if (!this.after.getAttribute("src")) return;
      text.textContent = this.say("result_failed");
      this.work.querySelector(".spinner").hidden = true;
    };
    this.after.src = url;
  }

  /** The same part of the uncovered preview, at the size of the result. */
  draw() {
    const { before, picture, store } = this;
    const crop = store.crop ?? { x: 0, y: 0, width: store.width, height: store.height };
    const scale = picture.naturalWidth / store.width;
    before.width = this.after.naturalWidth;
    before.height = this.after.naturalHeight;
    const part = [crop.x, crop.y, crop.width, crop.height].map((number) => number * scale);
    before.getContext("2d").drawImage(picture, ...part, 0, 0, before.width, before.height);
    before.hidden = false;
  }
}
