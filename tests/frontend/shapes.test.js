import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fittedCrop,
  holds,
  hull,
  MAX_POINTS,
  mayCrop,
  reshaped,
  simplified,
} from "../../static/consults/authoring/studio/shapes.js";
import { makeMask } from "./masks.js";

/** @import { Point } from "../../static/consults/authoring/studio/shapes.js" */

/** @type {Point[]} */
const LINE = [
  [100, 100],
  [200, 100],
];

test("the hull of a stroke holds its line at full thickness", () => {
  assert.deepEqual(hull(LINE, 20), { x: 90, y: 90, width: 120, height: 20 });
});

test("a stroke that is moved moves its points", () => {
  const stroke = makeMask({ shape: "brush", points: LINE, thickness: 20, ...hull(LINE, 20) });
  const moved = reshaped(stroke, { x: 100, y: 95, width: 120, height: 20, angle: 0 });
  assert.deepEqual(moved.points, [
    [110, 105],
    [210, 105],
  ]);
});

test("a stroke that is resized keeps its thickness", () => {
  const stroke = makeMask({ shape: "brush", points: LINE, thickness: 20, ...hull(LINE, 20) });
  const wider = reshaped(stroke, { x: 40, y: 90, width: 220, height: 20, angle: 0 });
  assert.equal(wider.thickness, 20);
  assert.deepEqual(wider.points, [
    [50, 100],
    [250, 100],
  ]);
});

test("a stroke that is turned needs no angle", () => {
  const stroke = makeMask({ shape: "brush", points: LINE, thickness: 20, ...hull(LINE, 20) });
  const turned = reshaped(stroke, { x: 90, y: 90, width: 120, height: 20, angle: 90 });
  assert.equal(turned.angle, 0);
  assert.deepEqual(
    turned.points.map((point) => point.map(Math.round)),
    [
      [150, 50],
      [150, 150],
    ],
  );
  assert.equal(Math.round(turned.height), 120);
});

test("simplifying leaves out what lies within the tolerance and nothing else", () => {
  /** @type {Point[]} */
  const points = [
    [0, 0],
    [50, 0.5],
    [100, 0],
    [100, 40],
  ];
  assert.deepEqual(simplified(points, 1), [
    [0, 0],
    [100, 0],
    [100, 40],
  ]);
  assert.deepEqual(simplified(points, 0.1), points);
});

test("a stroke never has more points than the server takes", () => {
  const zigzag = Array.from({ length: 3000 }, (_, index) => /** @type {Point} */ ([index, index % 2 ? 5 : 0]));
  const kept = simplified(zigzag, 0.1);
  assert.ok(kept.length <= MAX_POINTS);
  assert.deepEqual([kept[0], kept.at(-1)], [zigzag[0], zigzag.at(-1)]);
});

test("a point in the corner of a box lies outside the ellipse of the same box", () => {
  const box = makeMask({ shape: "box", x: 0, y: 0, width: 100, height: 50 });
  assert.equal(holds(box, 95, 5), true);
  assert.equal(holds({ ...box, shape: "ellipse" }, 95, 5), false);
  assert.equal(holds({ ...box, shape: "ellipse" }, 50, 25), true);
});

test("a turned box holds what it was turned over", () => {
  const box = makeMask({ shape: "box", x: 0, y: 40, width: 100, height: 20 });
  assert.equal(holds(box, 50, 90), false);
  assert.equal(holds({ ...box, angle: 90 }, 50, 90), true);
});

const PICTURE = { width: 1600, height: 1200 };
for (const [name, box, expected] of /** @type {const} */ ([
  ["whole px", { x: 10.4, y: 20.6, width: 900.2, height: 700 }, { x: 10, y: 21, width: 900, height: 700 }],
  ["the smallest that is allowed", { x: 0, y: 0, width: 5, height: 5 }, { x: 0, y: 0, width: 800, height: 600 }],
  ["inside the picture", { x: 1500, y: 1100, width: 800, height: 600 }, { x: 800, y: 600, width: 800, height: 600 }],
  ["no crop where nothing is cut off", { x: 0, y: 0, width: 1600, height: 1200 }, null],
])) {
  test(`a crop is ${name}`, () => {
    assert.deepEqual(fittedCrop(box, PICTURE), expected);
  });
}

test("a picture of the smallest size cannot be cropped", () => {
  assert.equal(mayCrop({ width: 800, height: 600 }), false);
  assert.equal(mayCrop({ width: 801, height: 600 }), true);
  assert.equal(mayCrop({ width: 600, height: 800 }), false);
});
