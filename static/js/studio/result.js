// The server's own rendering, with a slider over the picture before covering.

export class Result {
  constructor({ dialog, picture, url, say }) {
    Object.assign(this, { dialog, picture, url, say });
    this.after = dialog.querySelector("[data-result-after]");
    this.before = dialog.querySelector("[data-result-before]");
    this.work = dialog.querySelector("[data-result-work]");
    this.range = dialog.querySelector("[data-result-range]");
    this.range.addEventListener("input", () => this.slide());
    dialog.querySelector("[data-do=close-result]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      this.before.removeAttribute("src");
      this.after.removeAttribute("src");
    });
  }

  slide() {
    const share = Number(this.range.value);
    this.range.setAttribute("aria-valuetext", `${share} %`);
    this.before.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
  }

  open(revision) {
    this.range.value = 0;
    this.range.disabled = true;
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
      this.before.src = this.picture;
      this.before.hidden = false;
      this.range.disabled = false;
      this.slide();
    };
    this.after.onerror = () => {
      if (!this.after.getAttribute("src")) return;
      text.textContent = this.say("result_failed");
      this.work.querySelector(".spinner").hidden = true;
    };
    this.after.src = url;
  }
}
