import assert from "node:assert/strict";
import { test } from "node:test";
import { actionOf } from "../../static/consults/viewer/keys.js";
import { atScale, fillUp, follows, isAlike, longerSide, oneOfEach } from "../../static/consults/viewer/linking.js";
import { boxOf, closes, outlineOf, placed, pointAt } from "../../static/consults/viewer/places.js";
import { barOf, lengthOf } from "../../static/consults/viewer/scale.js";

for (const [umPerPx, most, um, label] of /** @type {const} */ ([
  [1, 100, 100, "100 µm"],
  [1, 199, 100, "100 µm"],
  [1, 200, 200, "200 µm"],
  [0.25, 120, 20, "20 µm"],
  [0.01, 60, 0.5, "500 nm"],
  [20, 120, 2000, "2 mm"],
])) {
  test(`at ${umPerPx} µm a px, a bar of at most ${most} px shows ${label}`, () => {
    const bar = barOf(umPerPx, most);
    assert.ok(bar);
    assert.ok(Math.abs(bar.um - um) < 1e-9);
    assert.ok(bar.px <= most + 1e-6);
    assert.equal(lengthOf(um), label);
  });
}

for (const umPerPx of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`${umPerPx} µm a px is no scale`, () => assert.equal(barOf(umPerPx, 100), null));
}

for (const [link, moved, other, expected] of /** @type {const} */ ([
  ["type", "clinical", "clinical", true],
  ["type", "clinical", "histology", false],
  ["all", "clinical", "histology", true],
  ["none", "clinical", "clinical", false],
])) {
  test(`${link}: ${other} ${expected ? "follows" : "does not follow"} ${moved}`, () => {
    assert.equal(follows(link, moved, other), expected);
  });
}

test("views are alike as far as anybody sees", () => {
  const view = { zoom: 2, x: 0.5, y: 0.25 };
  assert.ok(isAlike(view, { ...view, x: 0.50001 }));
  assert.ok(!isAlike(view, { ...view, x: 0.51 }));
  assert.ok(!isAlike(view, { ...view, zoom: 2.1 }));
});

test("the other one of a pair is zoomed by their ratio, and never shown smaller than whole", () => {
  const view = { zoom: 2, x: 0.5, y: 0.25 };
  assert.deepEqual(atScale(view, 1.5), { zoom: 3, x: 0.5, y: 0.25 });
  assert.deepEqual(atScale(view, 0.25), { zoom: 1, x: 0.5, y: 0.25 });
});

for (const [shape, width, height, px] of /** @type {const} */ ([
  [0.75, 400, 600, 400],
  [0.75, 800, 300, 400],
  [2, 400, 300, 300],
  [2, 100, 300, 200],
])) {
  test(`a picture of shape ${shape} in ${width} × ${height} px is ${px} px long`, () => {
    assert.equal(longerSide(shape, width, height), px);
  });
}

const [a, b, c, d] = ["clinical", "clinical", "histology", "dermoscopy"].map((type, id) => ({ type, id }));

test("one of each type, in their order", () => {
  assert.deepEqual(oneOfEach([c, a, b, d]), [a, d, c]);
  assert.deepEqual(oneOfEach([c]), [c]);
});

test("panes are filled with the pictures that come after", () => {
  assert.deepEqual(fillUp([a, b, c, d], [b], 2), [b, c]);
  assert.deepEqual(fillUp([a, b, c, d], [d], 3), [d, a, b]);
  assert.deepEqual(fillUp([a, b, c, d], [b, a, d], 1), [b]);
  assert.deepEqual(fillUp([a, b], [a], 4), [a, b]);
});

test("a point is rounded and stays on the picture", () => {
  assert.deepEqual(pointAt({ x: 0.123456, y: 1.2 }), { x: 0.1235, y: 1, outline: [] });
});

test("a box has four corners, whichever way it was drawn", () => {
  const corners = [
    [0.1, 0.2],
    [0.5, 0.2],
    [0.5, 0.6],
    [0.1, 0.6],
  ];
  assert.deepEqual(boxOf({ x: 0.5, y: 0.6 }, { x: 0.1, y: 0.2 }), { x: 0.1, y: 0.2, outline: corners });
  assert.deepEqual(boxOf({ x: 0.5, y: 0.6 }, { x: 0.501, y: 0.601 }), pointAt({ x: 0.5, y: 0.6 }));
});

test("an outline closes on its first corner, not before it has three", () => {
  const first = { x: 0.1, y: 0.1 };
  const more = [first, { x: 0.5, y: 0.1 }, { x: 0.5, y: 0.5 }];
  assert.ok(!closes(more.slice(0, 2), first));
  assert.ok(closes(more, { x: 0.11, y: 0.1 }));
  assert.ok(!closes(more, { x: 0.2, y: 0.1 }));
  assert.ok(closes(Array(40).fill(first), { x: 0.9, y: 0.9 }));
});

test("a place is set by one corner, two, or as many as close", () => {
  const next = { x: 0.5, y: 0.5 };
  const corners = [{ x: 0.1, y: 0.1 }, { x: 0.5, y: 0.1 }, next];
  assert.deepEqual(placed("point", [], next), pointAt(next));
  assert.equal(placed("box", [], next), null);
  assert.equal(placed("box", [{ x: 0.1, y: 0.1 }], next)?.outline.length, 4);
  assert.equal(placed("outline", corners.slice(0, 2), next), null);
  assert.deepEqual(placed("outline", corners, { x: 0.1, y: 0.1 }), outlineOf(corners));
});

const plain = { ctrlKey: false, altKey: false, metaKey: false };
for (const [key, action] of /** @type {const} */ ([
  ["n", "next"],
  ["N", "next"],
  ["b", "before"],
  ["0", "home"],
  ["1", "actual"],
  ["+", "zoom-in"],
  ["-", "zoom-out"],
  ["p", "pins"],
  ["f", "full"],
  ["?", "keys"],
  ["r", ""],
  ["R", ""],
  ["x", null],
  ["ArrowLeft", null],
  ["constructor", null],
])) {
  test(`${key} is ${action === null ? "no key of the viewer" : action || "without use"}`, () => {
    assert.equal(actionOf({ ...plain, key }), action);
    assert.equal(actionOf({ ...plain, key, ctrlKey: true }), null);
  });
}
