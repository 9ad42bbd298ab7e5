import assert from "node:assert/strict";
import { test } from "node:test";

import { named, number, random } from "./dom.mjs";
import { bars } from "../../app/components/browser/drawings/bars.js";

const drawn = (values, more = {}) => bars({
  tasks: values.map((_, i) => `t${i}`), values, low: values, high: values, written: values.map((v) => `${v} %`),
  domain: [Math.min(...values), Math.max(...values)], label: "Δ", ...more,
});
const cases = Array.from({ length: 40 }, (_, seed) => {
  const next = random(seed + 7);
  return Array.from({ length: 1 + Math.floor(next() * 11) }, () => Math.round((next() - 0.5) * 1000) / 10);
});

test("bars leave zero to the side of their sign, in proportion", () => {
  for (const values of cases) {
    const picture = drawn(values);
    const zero = number(named(picture, "line")[0], "x1");
    const most = Math.max(...values.map(Math.abs));
    const rects = named(picture, "rect").map((node) => [number(node, "x"), number(node, "width")]);
    const longest = Math.max(...rects.map(([, width]) => width));
    rects.forEach(([x, width], task) => {
      assert.ok(Math.abs((values[task] >= 0 ? x : x + width) - zero) < 1);
      if (Math.abs(values[task]) > 0.1 * most) assert.ok(Math.abs(width / longest - Math.abs(values[task]) / most) < 0.02);
    });
  }
});

test("nothing leaves the drawing, even beyond the scale", () => {
  for (const values of cases) {
    const picture = drawn(values, { low: values.map((v) => v - 9), high: values.map((v) => v + 9), domain: [-1, 1] });
    const width = Number(picture.attributes.viewBox.split(" ")[2]);
    for (const node of named(picture, "line")) {
      assert.ok(number(node, "x1") >= 0 && number(node, "x2") <= width);
    }
    for (const node of named(picture, "rect")) assert.ok(number(node, "x") + number(node, "width") <= width);
  }
});

test("the longest interval ends before the longest number", () => {
  for (const written of ["+1.0 %", "−123.4 %", "−1234.5 %"]) {
    const picture = drawn([1, 2], { low: [0, 0], high: [9, 9], domain: [0, 9], written: [written, "–"], width: 300 });
    const end = Math.max(...named(picture, "line").map((node) => number(node, "x2")));
    assert.ok(end < 298 - 13 * 0.58 * written.length, written);
  }
});

test("names and values are written and spoken, and trained values are diamonds", () => {
  const picture = drawn([1.5, -3], { tasks: ["R&D", "$x$"], written: ["+1.5 %", "−3.0 %"], trained: [1, 2] });
  assert.deepEqual(named(picture, "text").map((node) => node.textContent), ["R&D", "+1.5 %", "$x$", "−3.0 %"]);
  assert.equal(picture.attributes["aria-label"], "Δ");
  assert.equal(named(picture, "path").length, 2);
  assert.equal(named(drawn([1.5, -3]), "path").length, 0);
});
