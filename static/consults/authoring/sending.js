// One file to the server in pieces. A lost connection costs one piece: the server says how far it came.
import { asUuid, csrfToken, getJson, uuid } from "../../core/http.js";

const MOST_OUT_OF_STEP = 5;
const PIECE_TIMEOUT_MS = 2 * 60 * 1000;

/** The key of a file: its own digest, so that the same file goes on where it stopped, in another tab too. */
export async function keyOf(file) {
  const bytes = await file.arrayBuffer(); // rejects when the file is gone or may not be read
  return crypto.subtle ? asUuid(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))) : uuid();
}

/** `run()` resolves to {status, data} of the answer that ended it; status 0: no answer, run it again. */
export class Sending {
  constructor({ url, key, file, pieceBytes, onProgress }) {
    Object.assign(this, { url, key, file, pieceBytes, onProgress });
  }

  async run() {
    this.stopped = false;
    let offset = 0;
    if (this.file.size > this.pieceBytes) {
      const kept = await getJson(this.url, undefined, { "Idempotency-Key": this.key });
      if (this.stopped || typeof kept.data?.offset !== "number") return kept;
      offset = kept.data.offset;
    }
    for (let outOfStep = 0; !this.stopped && outOfStep < MOST_OUT_OF_STEP; ) {
      const answer = await this.put(offset);
      if (typeof answer.data?.offset !== "number") return answer;
      if (answer.status === 409) outOfStep += 1;
      offset = answer.data.offset;
    }
    return { status: 0, data: null };
  }

  put(offset) {
    const piece = this.file.slice(offset, offset + this.pieceBytes);
    const request = new XMLHttpRequest(); // fetch tells no progress
    this.request = request;
    request.open("PUT", this.url);
    request.timeout = PIECE_TIMEOUT_MS;
    const headers = {
      "Idempotency-Key": this.key,
      "Upload-Length": this.file.size,
      "Upload-Offset": offset,
      "X-CSRFToken": csrfToken(),
      "Content-Type": "application/octet-stream",
      Accept: "application/json",
    };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => this.onProgress((offset + event.loaded) / this.file.size));
    return new Promise((resolve) => {
      const lost = () => resolve({ status: 0, data: null });
      for (const end of ["error", "timeout", "abort"]) request.addEventListener(end, lost);
      request.addEventListener("load", () => {
        let data = null;
        try {
          data = JSON.parse(request.responseText);
        } catch {
          data = null; // a page, not an answer: the server's own words are missing
        }
        resolve({ status: request.status, data });
      });
      request.send(piece);
    });
  }

  stop() {
    this.stopped = true;
    this.request?.abort();
  }

  /** Stop, and let the server destroy what it has. */
  callOff() {
    this.stop();
    const headers = { "Idempotency-Key": this.key, "X-CSRFToken": csrfToken() };
    fetch(this.url, { method: "DELETE", credentials: "same-origin", redirect: "manual", headers }).catch(() => {
      // Out of reach: it is destroyed there by itself after some hours.
    });
  }
}
