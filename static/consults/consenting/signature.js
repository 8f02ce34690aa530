// [data-signature]: a canvas to sign on; the drawing goes as a PNG data URL into the hidden input.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { words } from "../../core/words.js";

attach("[data-signature]", (root) => {
  const say = words("signature");
  const canvas = root.querySelector("canvas");
  const input = root.querySelector("[data-signature-value]");
  const note = root.querySelector("[data-signature-error]");
  const form = root.closest("form");
  // Black on white in both themes: the signature is printed on the receipt's form.
  const pad = new window.SignaturePad(canvas, {
    penColor: "#111",
    backgroundColor: "#fff",
    minWidth: 0.8,
    maxWidth: 2.6,
  });

  const resize = () => {
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    const { width, height } = canvas.getBoundingClientRect();
    if (!width || canvas.width === Math.round(width * ratio)) return;
    const drawn = pad.toData();
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    pad.fromData(drawn);
  };
  new ResizeObserver(resize).observe(canvas);
  resize();

  pad.addEventListener("endStroke", () => {
    note.textContent = "";
    input.value = pad.toDataURL("image/png");
    root.classList.add("is-signed");
  });
  root.querySelector("[data-signature-clear]").addEventListener("click", () => {
    pad.clear();
    input.value = "";
    root.classList.remove("is-signed");
    announce(say("cleared"));
  });
  form?.addEventListener("submit", (event) => {
    const needed = root.hasAttribute("data-required") && root.offsetParent !== null;
    if (pad.isEmpty()) {
      input.value = "";
      if (!needed) return;
      event.preventDefault();
      note.textContent = say("empty");
      root.scrollIntoView({ block: "center" });
    } else {
      input.value = pad.toDataURL("image/png");
    }
  });
});
