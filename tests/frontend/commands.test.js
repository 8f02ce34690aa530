import assert from "node:assert/strict";
import { test } from "node:test";
import * as commands from "../../static/consults/authoring/studio/commands.js";
import { draftCrop, draftMask } from "../../static/consults/authoring/studio/drafts.js";
import { CROP } from "../../static/consults/authoring/studio/store.js";
import { FOUND, makeMask, makeStore, VEIL } from "./masks.js";

const BOX = /** @type {const} */ ({ shape: "box", x: 160, y: 120, width: 320, height: 240 });
const VISIBLE = { x: 0, y: 0, width: 1600, height: 1200 };

/** A store with one mask drawn by hand, which is selected. */
function drawn() {
  const store = makeStore();
  commands.add(store, BOX);
  return { store, key: store.masks[0].key };
}

/** @param {Parameters<typeof makeMask>[0]} mask */
function found(mask) {
  const store = makeStore([makeMask(mask)]);
  return { store, key: store.masks[0].key };
}

test("adding tells the shape", () => {
  const outcome = commands.add(makeStore(), BOX);
  assert.deepEqual(outcome, { key: "added", values: {}, terms: { shape: "box" }, isRefused: false });
});

for (const [where, centre, isRefused, count] of /** @type {const} */ ([
  ["in a veil", { x: 700, y: 600 }, false, 2],
  ["beside it", { x: 50, y: 50 }, true, 1],
])) {
  test(`a lesion window ${where} is ${isRefused ? "refused" : "added"}`, () => {
    const store = makeStore([VEIL]);
    const draft = draftMask(store, "window", { visible: VISIBLE, thickness: 40, centre });
    assert.equal(commands.add(store, draft).isRefused, isRefused);
    assert.equal(store.masks.length, count);
  });
}

test("moving tells the place in percent", () => {
  const { store, key } = drawn();
  const outcome = commands.move(store, key, 160, -120);
  assert.deepEqual(outcome?.values, { left: 20, top: 0, width: 20, height: 20 });
  assert.deepEqual([store.masks[0].x, store.masks[0].y], [320, 0]);
});

test("resizing keeps the centre of a mask", () => {
  const { store, key } = drawn();
  commands.resize(store, key, 80, 40);
  const { x, y, width, height } = store.masks[0];
  assert.deepEqual({ x, y, width, height }, { x: 120, y: 100, width: 400, height: 280 });
});

test("resizing keeps the corner of a crop", () => {
  const store = makeStore();
  commands.crop(store, { x: 100, y: 100, width: 900, height: 700 });
  commands.resize(store, CROP, 50, 20);
  assert.deepEqual(store.crop, { x: 100, y: 100, width: 950, height: 720 });
  commands.move(store, CROP, 10, 0);
  assert.deepEqual(store.crop, { x: 110, y: 100, width: 950, height: 720 });
});

test("a mask turns through half a circle and on", () => {
  const { store, key } = drawn();
  assert.deepEqual(commands.rotate(store, key, 175)?.values, { angle: 175 });
  assert.deepEqual(commands.rotate(store, key, 10)?.values, { angle: -175 });
});

test("a style is told with its kind", () => {
  const { store, key } = drawn();
  assert.deepEqual(commands.restyle(store, key, "veil")?.terms, { kind: "other", style: "veil" });
  assert.equal(store.masks[0].style, "veil");
});

test("what a person drew can be deleted and brought back", () => {
  const { store, key } = drawn();
  assert.equal(commands.remove(store, key)?.key, "removed");
  assert.equal(store.masks.length, 0);
  assert.equal(commands.undo(store).key, "undone");
  assert.equal(store.masks.length, 1);
  assert.equal(commands.redo(store).key, "redone");
  assert.equal(store.masks.length, 0);
});

test("what a detector found cannot be deleted", () => {
  const { store, key } = found(FOUND);
  assert.equal(commands.remove(store, key), null);
  assert.equal(store.masks.length, 1);
  assert.equal(commands.undo(store).key, "not_undone");
});

test("a suggestion can be dismissed with a reason and accepted again", () => {
  const { store, key } = found(FOUND);
  commands.dismiss(store, key, "An object");
  assert.deepEqual([store.masks[0].state, store.masks[0].reason], ["dismissed", "An object"]);
  commands.accept(store, key);
  assert.deepEqual([store.masks[0].state, store.masks[0].reason], ["accepted", ""]);
});

for (const [kind, expected] of /** @type {const} */ ([
  ["eye", true],
  ["face", true],
  ["text", true],
  ["other", false],
])) {
  test(`dismissing "${kind}" needs a reason: ${expected}`, () => {
    assert.equal(commands.needsReason(makeMask({ kind })), expected);
  });
}

test("a command about a mask that is gone does nothing", () => {
  const { store } = drawn();
  const before = store.snapshot();
  const outcomes = [
    commands.move(store, "gone", 1, 1),
    commands.rotate(store, "gone", 5),
    commands.restyle(store, "gone", "veil"),
    commands.accept(store, "gone"),
    commands.remove(store, "gone"),
    commands.select(store, "gone"),
  ];
  assert.deepEqual(outcomes, [null, null, null, null, null, null]);
  assert.equal(store.snapshot(), before);
});

test("a crop is selected; what cuts nothing off is no crop", () => {
  const store = makeStore();
  assert.deepEqual(commands.crop(store, draftCrop(store)).values, { x: 80, y: 60, width: 1440, height: 1080 });
  assert.equal(store.selected, CROP);
  assert.equal(commands.crop(store, VISIBLE).key, "uncut_said");
  assert.equal(store.selected, null);
});

test("a picture of the smallest size cannot be cropped", () => {
  assert.equal(commands.cropRefusal(makeStore([], { width: 800, height: 600 }))?.isRefused, true);
  assert.equal(commands.cropRefusal(makeStore()), null);
});

test("Tab goes through the crop and the masks, and leaves at both ends", () => {
  const store = makeStore([FOUND, VEIL]);
  const [first, second] = store.masks;
  assert.equal(commands.neighbour(store, 1), first.key);
  assert.equal(commands.neighbour(store, -1), null);
  store.cut({ x: 0, y: 0, width: 900, height: 700 });
  assert.equal(commands.neighbour(store, 1), CROP);
  commands.select(store, CROP);
  assert.equal(commands.neighbour(store, 1), first.key);
  assert.equal(commands.neighbour(store, -1), null);
  const outcome = commands.select(store, second.key);
  assert.deepEqual([outcome?.values, outcome?.terms], [{ number: 2 }, { kind: "face", state: "suggested" }]);
  assert.equal(commands.neighbour(store, 1), null);
});

test("a mask that nobody points for stands in the middle of what is seen", () => {
  const visible = { x: 800, y: 600, width: 400, height: 200 };
  const draft = draftMask(makeStore(), "box", { visible, thickness: 40 });
  const { x = 0, y = 0, width = 0, height = 0 } = draft;
  assert.deepEqual([x, y, width, height].map(Math.round), [972, 672, 56, 56]);
  assert.equal(draftMask(makeStore(), "band", { visible, thickness: 40 }).kind, "eye");
});

test("a window that nobody points for goes into the veil, below its eyes", () => {
  const store = makeStore([VEIL]);
  const draft = draftMask(store, "window", { visible: { x: 0, y: 0, width: 100, height: 100 }, thickness: 40 });
  const { x = 0, y = 0, width = 0, height = 0 } = draft;
  assert.deepEqual([x + width / 2, y + height / 2].map(Math.round), [700, 776]);
  assert.equal(commands.add(store, draft).isRefused, false);
});
