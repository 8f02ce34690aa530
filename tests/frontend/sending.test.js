import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { keyOf, Sending } from "../../static/consults/authoring/sending.js";

const PIECE = 10;
const FILE = new Blob(["abcdefghijklmnopqrstuvwxy"]); // 25 bytes: three pieces

/** What a server does with pieces: it takes one that begins where it is, and says with 409 where it is otherwise. */
class FakeServer {
  constructor() {
    this.kept = "";
    /** @type {number[]} */
    this.offsets = []; // of the pieces that arrived
    /** @type {Set<number>} */
    this.lostAnswers = new Set(); // counted pieces whose answer gets lost
    /** @type {Set<number>} */
    this.lostPieces = new Set(); // counted pieces that never arrive
    /** @type {string[]} */
    this.methods = [];
    /** @type {{ status: number, text: string } | null} */
    this.always = null;
  }

  /**
   * @param {number} offset
   * @param {number} total
   * @param {string} piece
   */
  take(offset, total, piece) {
    this.offsets.push(offset);
    const count = this.offsets.length;
    if (this.lostPieces.has(count)) return null;
    if (this.always) return this.always;
    if (offset !== this.kept.length) return { status: 409, text: JSON.stringify({ offset: this.kept.length }) };
    this.kept += piece;
    if (this.lostAnswers.has(count)) return null;
    const isWhole = this.kept.length === total;
    const answer = isWhole ? { id: "p1", html: "<li></li>" } : { offset: this.kept.length };
    return { status: isWhole ? 201 : 200, text: JSON.stringify(answer) };
  }
}

let server = new FakeServer();

class FakeRequest extends EventTarget {
  upload = new EventTarget();
  /** @type {Record<string, string>} */
  headers = {};
  status = 0;
  responseText = "";
  timeout = 0;
  isAborted = false;

  open() {}

  /**
   * @param {string} name
   * @param {string} value
   */
  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  /** @param {Blob} piece */
  async send(piece) {
    const text = await piece.text();
    if (this.isAborted) return;
    this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: piece.size }));
    const answer = server.take(Number(this.headers["Upload-Offset"]), Number(this.headers["Upload-Length"]), text);
    if (!answer) return this.dispatchEvent(new Event("error"));
    this.status = answer.status;
    this.responseText = answer.text;
    this.dispatchEvent(new Event("load"));
  }

  abort() {
    this.isAborted = true;
    this.dispatchEvent(new Event("abort"));
  }
}

beforeEach(() => {
  server = new FakeServer();
  Object.assign(globalThis, {
    document: { querySelector: () => ({ content: "token" }) },
    XMLHttpRequest: FakeRequest,
    fetch: async (/** @type {string} */ _url, { method = "GET" } = {}) => {
      server.methods.push(method);
      return Response.json({ offset: server.kept.length });
    },
  });
});

/** @param {Partial<ConstructorParameters<typeof Sending>[0]>} [options] */
function makeSending(options = {}) {
  return new Sending({ url: "/pieces/", key: "k", file: FILE, pieceBytes: PIECE, onProgress: () => {}, ...options });
}

test("a file goes in pieces, each where the last one ended", async () => {
  const { status, data } = await makeSending().run();
  assert.equal(status, 201);
  assert.equal(data.id, "p1");
  assert.deepEqual(server.offsets, [0, 10, 20]);
  assert.equal(server.kept, await FILE.text());
});

test("a small file goes at once, without a question", async () => {
  await makeSending({ pieceBytes: 100 }).run();
  assert.deepEqual(server.offsets, [0]);
  assert.deepEqual(server.methods, []);
});

test("progress grows over all pieces to the whole", async () => {
  /** @type {number[]} */
  const shares = [];
  await makeSending({ onProgress: (share) => shares.push(share) }).run();
  assert.deepEqual(shares, [0.4, 0.8, 1]);
});

test("a lost piece is sent again, what was kept is not", async () => {
  server.lostPieces.add(2);
  const sending = makeSending();
  assert.deepEqual(await sending.run(), { status: 0, data: null });
  assert.equal((await sending.run()).status, 201);
  assert.deepEqual(server.offsets, [0, 10, 10, 20]);
  assert.equal(server.kept, await FILE.text());
});

test("a piece whose answer was lost is not sent twice", async () => {
  server.lostAnswers.add(2);
  const sending = makeSending();
  assert.equal((await sending.run()).status, 0);
  assert.equal((await sending.run()).status, 201);
  assert.deepEqual(server.offsets, [0, 10, 20]);
  assert.equal(server.kept, await FILE.text());
});

test("another tab goes on where this one stopped", async () => {
  server.lostPieces.add(2);
  await makeSending().run();
  assert.equal((await makeSending().run()).status, 201);
  assert.deepEqual(server.offsets, [0, 10, 10, 20]);
});

test("a server that is elsewhere says where to go on", async () => {
  Object.assign(globalThis, { fetch: async () => Response.json({ offset: 0 }) });
  server.kept = "abcdefghij";
  assert.equal((await makeSending().run()).status, 201);
  assert.deepEqual(server.offsets, [0, 10, 20]);
});

test("a server that never agrees is not asked for ever", async () => {
  server.always = { status: 409, text: JSON.stringify({ offset: 3 }) };
  assert.deepEqual(await makeSending().run(), { status: 0, data: null });
  assert.equal(server.offsets.length, 5);
});

test("a refusal ends it and is handed on", async () => {
  server.always = { status: 422, text: JSON.stringify({ error: "Not a picture." }) };
  assert.deepEqual(await makeSending().run(), { status: 422, data: { error: "Not a picture." } });
  assert.deepEqual(server.offsets, [0]);
});

test("a page instead of an answer has no data", async () => {
  server.always = { status: 403, text: "<!doctype html>" };
  assert.deepEqual(await makeSending({ pieceBytes: 100 }).run(), { status: 403, data: null });
});

test("stopping ends between pieces; it can be run again", async () => {
  const sending = makeSending({ onProgress: () => sending.stop() });
  assert.equal((await sending.run()).status, 0);
  assert.deepEqual(server.offsets, [0]);
  sending.onProgress = () => {};
  assert.equal((await sending.run()).status, 201);
});

test("cancelling tells the server to destroy what it has", async () => {
  const sending = makeSending({ onProgress: () => sending.cancel() });
  await sending.run();
  assert.equal(server.methods.at(-1), "DELETE");
});

test("the same bytes have the same key, other bytes another", async () => {
  const key = await keyOf(FILE);
  assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(await keyOf(new Blob([FILE])), key);
  assert.notEqual(await keyOf(new Blob(["abc"])), key);
});
