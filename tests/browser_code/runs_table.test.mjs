import assert from "node:assert/strict";
import { test } from "node:test";

import { asText } from "../../app/components/browser/runs_table.js";

test("what a spreadsheet would compute is marked as text", () => {
  for (const cell of ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "＝1", "'=1"]) {
    assert.equal(asText(cell), `'${cell}`);
  }
});

test("numbers and words stay as they are", () => {
  for (const cell of ["-1", "+2.5", "-.5", "-1e-9", "+2.3 %", "scenes", "'a'", "", "1 min"]) assert.equal(asText(cell), cell);
});
