import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom.mjs";
import { fitting } from "../../app/components/browser/runtime/text_size.js";

test("the picture that is shown shrinks by a few percent at most, and the narrowest is there for narrow rooms", () => {
  const widths = [560, 840, 1300];
  for (let room = 300; room < 2000; room += 7) {
    const shown = widths[fitting(widths, room)];
    assert.ok(shown <= room * 1.08 || shown === 560);
    assert.ok(!widths.some((width) => width > shown && width <= room));
  }
  assert.equal(fitting([700], 200), 0);
});
