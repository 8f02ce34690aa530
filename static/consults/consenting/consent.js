// The consent pages: show what belongs to the chosen answers, compute the SHA-256 of a file that stays on the device.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";
import { find } from "../../core/dom.js";

// data-when="name=value|value": shown while one of these values is chosen.
attach("[data-when]", (node) => {
  const form = node.closest("form");
  if (!form) return;
  const [name, values] = (node.dataset.when ?? "").split("=");
  const show = () => {
    const chosen = new FormData(form).getAll(name);
    node.hidden = !values.split("|").some((value) => chosen.includes(value));
  };
  form.addEventListener("change", show);
  show();
});

// data-signers="capacity:relation,relation …": offer only the relations that may sign for the chosen capacity, and
// select the first of them when the selected one may not.
attach("[data-signers]", (node) => {
  const form = node.closest("form");
  if (!form) return;
  /** @type {Record<string, string>} */
  const allowed = Object.fromEntries((node.dataset.signers ?? "").split(" ").map((row) => row.split(":")));
  const select = find(form, "select[name=relation]", HTMLSelectElement);
  const narrow = () => {
    const signers = allowed[String(new FormData(form).get("capacity"))]?.split(",");
    if (!signers) return;
    for (const option of select.options) option.disabled = !signers.includes(option.value);
    if (!signers.includes(select.value)) [select.value] = signers;
  };
  form.addEventListener("change", narrow);
  narrow();
});

// data-signed-by="capacity:relation …": the text for whoever signs, shown while that is the chosen pair.
attach("[data-signed-by]", (node) => {
  const form = node.closest("form");
  if (!form) return;
  const show = () => {
    const chosen = new FormData(form);
    const pair = `${chosen.get("capacity")}:${chosen.get("relation")}`;
    node.hidden = !(node.dataset.signedBy ?? "").split(" ").includes(pair);
  };
  form.addEventListener("change", show);
  show();
});

/** @param {ArrayBuffer} buffer */
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

attach("[data-file-hash]", (root) => {
  const picker = find(root, "[data-file-hash-input]", HTMLInputElement);
  const digest = find(root, "input[type=hidden]", HTMLInputElement);
  const status = find(root, "[data-file-hash-status]");
  const digestFile = async () => {
    digest.value = "";
    const file = picker.files?.[0];
    if (!file) return;
    try {
      digest.value = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      status.textContent = root.dataset.wordsDone ?? "";
    } catch {
      status.textContent = root.dataset.wordsFailed ?? "";
    }
    announce(status.textContent);
  };
  picker.addEventListener("change", digestFile);
  if (picker.files?.length) digestFile(); // chosen before this script came
});
