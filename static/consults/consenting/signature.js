// [data-signature]: a canvas to sign on; the drawing goes as a PNG data URL into the hidden input.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { find } from "../../core/dom.js";
import { words } from "../../core/words.js";

attach("[data-signature]", (root) => {
  const say = words("signature");
  const canvas = find(root, "canvas", HTMLCanvasElement);
  const input = find(root, "[data-signature-value]", HTMLInputElement);
  const note = find(root, "[data-signature-error]");
  const form = root.closest("form");
  // Black on white in both themes: the signature is printed on the receipt's form.
  const pad = new window.SignaturePad(canvas, {
    penColor: "#111",
    backgroundColor: "#fff",
    minWidth: 0.8,
    maxWidth: 2.6,
  });

  // Drawn before a change of language, or before a sentence about something else that was missing.
  let drawn = input.value;
  const redraw = () => {
    if (!drawn) return;
    const { width, height } = canvas.getBoundingClientRect();
    pad.fromDataURL(drawn, { ratio: 1, width, height }).catch(clear);
    root.classList.add("is-signed");
  };
  const clear = () => {
    pad.clear();
    drawn = "";
    input.value = "";
    root.classList.remove("is-signed");
  };

  const resize = () => {
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    const { width, height } = canvas.getBoundingClientRect();
    if (!width || canvas.width === Math.round(width * ratio)) return;
    const strokes = pad.toData();
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.getContext("2d")?.scale(ratio, ratio);
    pad.clear();
    pad.fromData(strokes);
    redraw();
  };
  new ResizeObserver(resize).observe(canvas);
  resize();

  pad.addEventListener("endStroke", () => {
    note.textContent = "";
    input.value = pad.toDataURL("image/png");
    root.classList.add("is-signed");
  });
  find(root, "[data-signature-clear]").addEventListener("click", () => {
    clear();
    announce(say("cleared"));
  });
  form?.addEventListener("submit", (event) => {
    const isSigning = !(event.submitter instanceof HTMLButtonElement && event.submitter.formNoValidate);
    const isNeeded = isSigning && root.hasAttribute("data-required") && root.offsetParent !== null;
    if (pad.isEmpty()) {
      input.value = "";
      if (!isNeeded) return;
      event.preventDefault();
      note.textContent = say("empty");
      root.scrollIntoView({ block: "center" });
    } else {
      input.value = pad.toDataURL("image/png");
    }
  });
});
