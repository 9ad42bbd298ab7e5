import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { gradientTotals, imbalance, meanShared, meritOf, movedTo, renamed } from "../../app/components/browser/orders.js";

// The same cases are put to Python in tests/app/components/test_order_game.py.
const cases = JSON.parse(readFileSync(new URL("orders.json", import.meta.url), "utf8"));

const close = (one, other) => assert.ok(Math.abs(one - other) < 1e-9, `${one} is not ${other}`);

test("totals, overlap and merit of orders are those of Python", () => {
  assert.ok(cases.length > 4);
  for (const { orders, weights, balance, totals, shared, agreement, imbalance: uneven, value, renamed: names } of cases) {
    assert.deepEqual(gradientTotals(orders), totals);
    close(imbalance(orders), uneven);
    close(meanShared(orders), shared);
    const merit = meritOf(orders, weights, balance);
    close(merit.agreement, agreement);
    close(merit.value, value);
    assert.deepEqual(renamed(orders), names);
  }
});

test("totals of the paper's orders are those of the design", () => {
  const totals = gradientTotals([[0, 1, 2, 3], [1, 0, 2, 3], [2, 1, 3, 0], [3, 2, 1, 0]]);
  assert.deepEqual(totals.map((row, unit) => row[unit]), [9, 12, 11, 8]);
});

test("a unit that moves takes its place, and the others keep their order", () => {
  assert.deepEqual(movedTo([0, 1, 2, 3], 0, 3), [1, 2, 3, 0]);
  assert.deepEqual(movedTo([0, 1, 2, 3], 3, 1), [0, 3, 1, 2]);
  assert.deepEqual(movedTo([0, 1, 2, 3], 2, 2), [0, 1, 2, 3]);
});
