import assert from "node:assert/strict";
import { test } from "node:test";

import { cut, halves } from "../../app/components/browser/cut_game.js";

// Every tree is found by cuts from the one that shares everything, and nothing but trees (Theorem 3.1 of TreeMTL).
function found(tasks, blocks) {
  const whole = Array.from({ length: blocks }, () => [Array.from({ length: tasks }, (_, task) => task)]);
  const seen = new Map([[JSON.stringify(whole), whole]]);
  for (const layout of seen.values()) {
    layout.forEach((groups, block) => groups.forEach((group) => {
      if (group.length < 2) return;
      for (const half of halves(group)) {
        const next = cut(layout, block, half);
        seen.set(JSON.stringify(next), next);
      }
    }));
  }
  return seen.size;
}

test("cuts find as many trees as there are", () => {
  assert.deepEqual([[2, 3], [3, 2], [3, 3], [3, 5], [4, 5]].map(([t, b]) => found(t, b)), [4, 12, 22, 51, 561]);
});

test("a group has each division once", () => {
  assert.deepEqual(halves([0, 2, 3]).map(String).toSorted(), ["0", "2", "3"]);
  assert.equal(halves([0, 1, 2, 3]).length, 7);
});
