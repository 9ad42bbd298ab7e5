import assert from "node:assert/strict";
import { test } from "node:test";

import { moved, nearest, toggled } from "../../app/components/browser/block_cuts.js";

test("a point is added in its place, and removed again", () => {
  assert.deepEqual(toggled([2, 10], 5), [2, 5, 10]);
  assert.deepEqual(toggled([2, 5, 10], 5), [2, 10]);
});

test("a point moves past others, comes off, and never lands on another", () => {
  assert.deepEqual(moved([2, 5], 2, 7), [5, 7]);
  assert.deepEqual(moved([2, 5], 2, null), [5]);
  assert.deepEqual(moved([2, 5], 2, 5), [2, 5]);
});

test("the nearest point is never an end of the backbone", () => {
  assert.deepEqual([0, 0.24, 0.26, 0.5, 1].map((share) => nearest(share, 4)), [1, 1, 1, 2, 3]);
});
