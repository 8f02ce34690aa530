import assert from "node:assert/strict";
import { test } from "node:test";
import { CROP, MAX_STEPS } from "../../static/consults/authoring/studio/store.js";
import { FOUND, makeMask, makeStore, VEIL } from "./masks.js";

const BOX = /** @type {const} */ ({ shape: "box", x: 10, y: 20, width: 100, height: 50 });

test("what is added is selected, and told", () => {
  const store = makeStore();
  let changes = 0;
  store.on("change", () => {
    changes += 1;
  });
  const mask = store.add(BOX);
  assert.equal(store.selected, mask.key);
  assert.equal(changes, 1);
  assert.deepEqual([mask.state, mask.style, mask.detector], ["drawn", "bar", ""]);
});

test("undo takes a step back and redo takes it again", () => {
  const store = makeStore();
  const { key } = store.add(BOX);
  store.update(key, { x: 300 });
  assert.equal(store.undo(), true);
  assert.equal(store.get(key)?.x, 10);
  assert.equal(store.redo(), true);
  assert.equal(store.get(key)?.x, 300);
  store.undo();
  store.undo();
  assert.deepEqual(store.masks, []);
  assert.equal(store.undo(), false);
});

test("undo selects nothing that is gone", () => {
  const store = makeStore();
  store.add(BOX);
  store.undo();
  assert.equal(store.selected, null);
});

test("a new change forgets what was undone", () => {
  const store = makeStore();
  store.add(BOX);
  store.undo();
  store.add({ ...BOX, x: 500 });
  assert.equal(store.redo(), false);
});

test("undo brings back a crop", () => {
  const store = makeStore();
  store.cut({ x: 0, y: 0, width: 900, height: 700 });
  store.cut(null);
  store.undo();
  assert.deepEqual(store.crop, { x: 0, y: 0, width: 900, height: 700 });
});

test("a held key is one step", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1000 });
  const store = makeStore();
  const { key } = store.add(BOX);
  for (const x of [11, 12, 13]) {
    store.update(key, { x }, { quick: true });
    context.mock.timers.tick(100);
  }
  store.undo();
  assert.equal(store.get(key)?.x, 10);
});

test("a key pressed again after a rest is another step", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1000 });
  const store = makeStore();
  const { key } = store.add(BOX);
  store.update(key, { x: 11 }, { quick: true });
  context.mock.timers.tick(2000);
  store.update(key, { x: 12 }, { quick: true });
  store.undo();
  assert.equal(store.get(key)?.x, 11);
});

test("no more steps are kept than the limit", () => {
  const store = makeStore();
  for (let count = 0; count < MAX_STEPS + 5; count += 1) store.add(BOX);
  let steps = 0;
  while (store.undo()) steps += 1;
  assert.equal(steps, MAX_STEPS);
  assert.equal(store.masks.length, 5);
});

test("a mask keeps its centre inside the picture", () => {
  const store = makeStore();
  const { key } = store.add(BOX);
  const moved = store.update(key, { x: 5000, y: -5000 });
  assert.deepEqual([moved?.x, moved?.y], [1600 - 50, -25]);
});

test("a mask is never too small to be seen, nor larger than one and a half pictures", () => {
  const store = makeStore();
  const { key } = store.add(BOX);
  assert.equal(store.update(key, { width: 0 })?.width, 6.4);
  assert.equal(store.update(key, { width: 9000 })?.width, 2400);
});

test("moving what waits for a decision covers it; naming it does not", () => {
  const store = makeStore([FOUND]);
  const [{ key }] = store.masks;
  assert.equal(store.update(key, { kind: "text" })?.state, "check");
  assert.equal(store.toCheck, 1);
  assert.equal(store.update(key, { x: 1 })?.state, "accepted");
  assert.equal(store.toCheck, 0);
});

test("a veil that was dismissed cannot be opened", () => {
  const store = makeStore([VEIL]);
  const [{ key }] = store.masks;
  assert.equal(store.veilAt(700, 600)?.key, key);
  assert.equal(store.veilAt(10, 10), null);
  store.update(key, { state: "dismissed" });
  assert.equal(store.veilAt(700, 600), null);
});

test("the crop is deselected when it is taken back", () => {
  const store = makeStore();
  store.cut({ x: 0, y: 0, width: 900, height: 700 });
  store.select(CROP);
  store.cut(null);
  assert.equal(store.selected, null);
});

test("the server gets a tenth of a px and no key", () => {
  const store = makeStore();
  store.add({ ...BOX, x: 10.26 });
  const [wire] = store.wire();
  assert.equal(wire.x, 10.3);
  assert.equal("key" in wire, false);
  assert.equal(wire.id, null);
});

test("a mask drawn here takes the server's id, and keeps it through undo", () => {
  const store = makeStore();
  const { key } = store.add(BOX);
  const sent = [{ key, mask: store.wire()[0] }];
  store.adopt({ masks: [makeMask({ ...BOX, id: 41 })], crop: null, revision: 2 }, sent, true);
  assert.equal(store.wire()[0].id, 41);
  assert.equal(store.revision, 2);
  store.update(key, { x: 300 });
  store.undo();
  assert.equal(store.wire()[0].id, 41);
});

test("an answer that comes late changes no place that was moved meanwhile", () => {
  const store = makeStore([FOUND]);
  const [{ key }] = store.masks;
  const sent = [{ key, mask: store.wire()[0] }];
  store.update(key, { x: 555 });
  store.adopt({ masks: [FOUND], crop: null, revision: 2 }, sent, false);
  assert.equal(store.get(key)?.x, 555);
});

test("what the server says is no change to save", () => {
  const store = makeStore([FOUND]);
  /** @type {boolean[]} */
  const told = [];
  store.on("change", ({ fromServer }) => told.push(fromServer));
  store.adopt({ masks: [FOUND], crop: null, revision: 2 }, [], true);
  assert.deepEqual(told, [true]);
});

test("after a conflict the server's masks stand, with what was drawn here on top", () => {
  const store = makeStore([FOUND]);
  const [{ key }] = store.masks;
  store.update(key, { x: 900 });
  store.add(BOX);
  store.rebase({ masks: [FOUND, makeMask({ id: 9, x: 700 })], crop: [0, 0, 900, 700], revision: 5 });
  assert.deepEqual(
    store.masks.map((mask) => mask.x),
    [FOUND.x, 700, BOX.x],
  );
  assert.deepEqual(store.crop, { x: 0, y: 0, width: 900, height: 700 });
  assert.equal(store.undo(), false);
});

test("after a conflict nothing stands twice", () => {
  const store = makeStore();
  store.add(BOX);
  store.rebase({ masks: [makeMask({ ...BOX, id: 9 })], crop: null, revision: 5 });
  assert.equal(store.masks.length, 1);
});
