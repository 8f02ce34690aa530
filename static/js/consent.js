// The consent page: show what belongs to the chosen kind of signature, take a file's fingerprint here.
import { announce } from "./announce.js";
import { attach } from "./attach.js";

attach("[data-when]", (node) => {
  const [name, value] = node.dataset.when.split("=");
  const form = node.closest("form");
  const show = () => {
    const chosen = form.elements[name].value === value;
    node.hidden = !chosen;
  };
  form.addEventListener("change", show);
  show();
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
