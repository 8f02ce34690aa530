// One file to the server in pieces. A lost connection costs one piece: the server says how much it has.
import { asUuid, csrfToken, getJson, uuid } from "../../core/http.js";

/** @import { Answer } from "../../core/http.js" */

const MAX_CONFLICTS = 5;
const PIECE_TIMEOUT_MS = 2 * 60 * 1000;

/**
 * Return the key of a file: its own digest, so that the same file goes on where it stopped, in another tab too.
 * Rejects when the file is gone or may not be read.
 *
 * @param {Blob} file
 */
export async function keyOf(file) {
  const bytes = await file.arrayBuffer();
  return crypto.subtle ? asUuid(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))) : uuid();
}

/**
 * @typedef {object} SendingOptions
 * @property {string} url
 * @property {string} key of the file, as `keyOf` gives it
 * @property {Blob} file
 * @property {number} pieceBytes a larger file goes in pieces of this size
 * @property {(share: number) => void} onProgress told the share that has been sent, 0 to 1
 */

/** One file on its way to the server. */
export class Sending {
  /** @param {SendingOptions} options */
  constructor({ url, key, file, pieceBytes, onProgress }) {
    this.url = url;
    this.key = key;
    this.file = file;
    this.pieceBytes = pieceBytes;
    this.onProgress = onProgress;
    this.stopped = false;
    /** @type {XMLHttpRequest | null} */
    this.request = null;
  }

  /**
   * Send what the server does not have yet and resolve to its last answer. Status 0: no answer, run it again.
   *
   * @returns {Promise<Answer>}
   */
  async run() {
    this.stopped = false;
    let offset = 0;
    if (this.file.size > this.pieceBytes) {
      const kept = await getJson(this.url, undefined, { "Idempotency-Key": this.key });
      if (this.stopped || typeof kept.data?.offset !== "number") return kept;
      offset = kept.data.offset;
    }
    for (let conflicts = 0; !this.stopped && conflicts < MAX_CONFLICTS; ) {
      const answer = await this.put(offset);
      if (typeof answer.data?.offset !== "number") return answer;
      if (answer.status === 409) conflicts += 1;
      offset = answer.data.offset;
    }
    return { status: 0, data: null };
  }

  /**
   * Send the piece that begins at an offset in bytes.
   *
   * @param {number} offset
   * @returns {Promise<Answer>}
   */
  put(offset) {
    const piece = this.file.slice(offset, offset + this.pieceBytes);
    const request = new XMLHttpRequest(); // fetch reports no progress
    this.request = request;
    request.open("PUT", this.url);
    request.timeout = PIECE_TIMEOUT_MS;
    const headers = {
      "Idempotency-Key": this.key,
      "Upload-Length": String(this.file.size),
      "Upload-Offset": String(offset),
      "X-CSRFToken": csrfToken(),
      "Content-Type": "application/octet-stream",
      Accept: "application/json",
    };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => this.onProgress((offset + event.loaded) / this.file.size));
    return new Promise((resolve) => {
      const onLost = () => resolve({ status: 0, data: null });
      for (const end of ["error", "timeout", "abort"]) request.addEventListener(end, onLost);
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
  cancel() {
    this.stop();
    const headers = { "Idempotency-Key": this.key, "X-CSRFToken": csrfToken() };
    fetch(this.url, { method: "DELETE", credentials: "same-origin", redirect: "manual", headers }).catch(() => {
      // Out of reach: it is destroyed there by itself after some hours.
    });
  }
}
