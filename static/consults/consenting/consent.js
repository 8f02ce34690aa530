// The consent pages: show what belongs to what was chosen, take a file's fingerprint here.
import { announce } from "../../core/announce.js";
import { attach } from "../../core/attach.js";

attach("[data-when]", (node) => {
  const [name, values] = node.dataset.when.split("=");
  const form = node.closest("form");
  const show = () => {
    const chosen = new FormData(form).getAll(name);
    node.hidden = !values.split("|").some((value) => chosen.includes(value));
  };
  form.addEventListener("change", show);
  show();
});

// Offer only those who may sign in the chosen situation; the first of them is chosen.
attach("[data-signers]", (node) => {
  const allowed = Object.fromEntries(node.dataset.signers.split(" ").map((row) => row.split(":")));
  const form = node.closest("form");
  const select = form.elements.relation;
  const narrow = () => {
    const signers = allowed[form.elements.capacity.value]?.split(",");
    if (!signers) return;
    for (const option of select.options) option.disabled = !signers.includes(option.value);
    if (!signers.includes(select.value)) [select.value] = signers;
  };
  form.addEventListener("change", narrow);
  narrow();
});

const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

attach("[data-file-hash]", (root) => {
  const picker = root.querySelector("[data-file-hash-input]");
  const value = root.querySelector("input[type=hidden]");
  const status = root.querySelector("[data-file-hash-status]");
  picker.addEventListener("change", async () => {
    value.value = "";
    const [file] = picker.files;
    if (!file) return;
    try {
      value.value = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      status.textContent = root.dataset.wordsDone;
    } catch {
      status.textContent = root.dataset.wordsFailed;
    }
    announce(status.textContent);
  });
});
