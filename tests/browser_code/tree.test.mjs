import assert from "node:assert/strict";
import { test } from "node:test";

import { classed, named, number, random, randomLayout } from "./dom.mjs";
import { smallTree } from "../../app/components/browser/drawings/small_tree.js";
import { placesOf, tree } from "../../app/components/browser/drawings/tree.js";

const layouts = Array.from({ length: 60 }, (_, seed) => {
  const next = random(seed + 1);
  for (let i = 0; i < 5; i += 1) next();
  return randomLayout(next, 2 + Math.floor(next() * 8), 1 + Math.floor(next() * 8));
});
const drawn = (layout, more = {}) => {
  const tasks = placesOf(layout).map((_, i) => `t${i}`);
  return tree({ layout, tasks, costs: layout.map(() => 1), label: "a tree", ...more });
};

test("every name is written as it is", () => {
  const hostile = ["<b>bold</b>", "R&D"];
  const texts = named(drawn([[[0, 1]]], { tasks: hostile }), "text").map((node) => node.textContent);
  assert.deepEqual(texts.slice(0, 2), hostile);
});

test("every copy of a block is one button that can be reached by keyboard", () => {
  for (const layout of layouts) {
    const buttons = classed(drawn(layout, { selectable: true }), "block");
    const copies = layout.flatMap((groups, block) => groups.map((group) => `${block}:${group}`));
    assert.deepEqual(buttons.map((node) => `${node.attributes["data-block"]}:${node.attributes["data-group"]}`), copies);
    assert.ok(buttons.every((node) => node.attributes.role === "button" && node.attributes.tabindex === "0"));
  }
});

test("a picture alone has no buttons and is described", () => {
  for (const layout of layouts) {
    const picture = drawn(layout);
    assert.deepEqual([picture.attributes.role, picture.attributes["aria-label"]], ["img", "a tree"]);
    assert.equal(classed(picture, "block").length, 0);
  }
});

test("the tasks of a group stand side by side, so branches never cross", () => {
  for (const layout of layouts) {
    const places = placesOf(layout);
    assert.deepEqual(places.toSorted((a, b) => a - b), places.map((_, i) => i));
    for (const group of layout.flat()) {
      const own = group.map((task) => places[task]);
      assert.equal(Math.max(...own) - Math.min(...own), group.length - 1);
    }
  }
});

test("everything stays inside the drawing", () => {
  for (const layout of layouts) {
    const picture = drawn(layout);
    const [, , width, height] = picture.attributes.viewBox.split(" ").map(Number);
    for (const path of named(picture, "path")) {
      for (const [x, y] of path.attributes.d.match(/[\d.-]+,[\d.-]+/g).map((point) => point.split(",").map(Number))) {
        assert.ok(x >= 0 && x <= width && y >= 0 && y <= height, path.attributes.d);
      }
    }
  }
});

test("blocks that cost more are drawn wider, and blocks without cost are drawn all the same", () => {
  const widths = named(drawn([[[0], [1]], [[0], [1]], [[0], [1]]], { costs: [1, 5, 10] }), "path").map((node) => number(node, "stroke-width"));
  assert.ok(widths[0] < widths[2] && widths[2] < widths[4]);
  assert.ok(named(drawn([[[0], [1]]], { costs: [0] }), "path").every((node) => number(node, "stroke-width") > 0));
});

test("tasks of a part keep the colours of the study, and marked blocks are underlined", () => {
  const picture = drawn([[[0, 1]], [[0], [1]]], { hues: [2, 3], marked: [1] });
  const colours = named(picture, "path").map((node) => node.attributes.stroke);
  assert.deepEqual(new Set(colours), new Set(["var(--bw-task-2)", "var(--bw-task-3)"]));
  assert.equal(classed(picture, "mark").length, 1);
});

test("a small tree draws each group once and tells shared lines by their thickness", () => {
  for (const layout of layouts) {
    const picture = smallTree({ layout, width: 100, height: 60 });
    assert.equal(named(picture, "path").length, layout.flat().length);
    assert.equal(picture.attributes["aria-hidden"], "true");
  }
  const [shared, , alone] = named(smallTree({ layout: [[[0, 1, 2]], [[0], [1, 2]]] }), "path").map((node) => number(node, "stroke-width"))
    .toSorted((a, b) => b - a);
  assert.ok(shared > alone);
});

test("forty tasks need no colours in a small tree", () => {
  const alone = [[...Array(40).keys()].map((task) => [task])];
  assert.equal(named(smallTree({ layout: alone }), "circle").length, 0);
});
