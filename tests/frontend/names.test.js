import assert from "node:assert/strict";
import { test } from "node:test";
import { insertion, typedName } from "../../static/consults/discussion/names.js";

const TYPED = /** @type {[string, string | null][]} */ ([
  ["@", ""],
  ["Ask @ley", "ley"],
  ["(@Leyla So", "Leyla So"],
  ["@Şule", "Şule"],
  ["@O'Bri", "O'Bri"],
  ["line\n@a", "a"],
  ["a@b", null],
  ["no sign", null],
  ["@Leyla, and", null],
  ["@5 mg", null],
  ["@Leyla Soydan is right about this", null],
]);

for (const [before, expected] of TYPED) {
  test(`typed in "${before.replaceAll("\n", "⏎")}"`, () => assert.equal(typedName(before), expected));
}

test("a chosen name takes the place of what was typed", () => {
  assert.deepEqual(insertion("Ask @ley", 8, "Leyla Soydan"), { value: "Ask @Leyla Soydan ", caret: 18 });
  assert.deepEqual(insertion("Ask @ley, now", 8, "Leyla Soydan"), { value: "Ask @Leyla Soydan, now", caret: 17 });
});
