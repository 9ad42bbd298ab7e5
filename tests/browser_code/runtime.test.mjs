import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import "./dom.mjs";
import { advised, bestWithin, budgetWords, costWords, percentOf, wholePercent } from "../../app/components/browser/runtime/budget.js";
import { adopt, tell } from "../../app/components/browser/runtime/component.js";
import { unpackedJson, unpackedNumbers } from "../../app/components/browser/runtime/packed.js";
import { keyed, placeClear } from "../../app/components/browser/runtime/slider.js";
import { shortened } from "../../app/components/browser/runtime/svg.js";

// The same cases are put to Python in tests/core/plane/test_point.py.
const cases = JSON.parse(readFileSync(new URL("best_within.json", import.meta.url), "utf8"));

test("the best within a budget is the one that Python finds", () => {
  assert.ok(cases.length > 5);
  for (const { costs, budget, best } of cases) {
    assert.equal(bestWithin(costs.map((cost) => ({ cost })), budget), best, JSON.stringify({ costs, budget }));
  }
});

test("what is recommended within so many percent is what Python recommends", () => {
  const advice = JSON.parse(readFileSync(new URL("advised.json", import.meta.url), "utf8"));
  assert.ok(advice.length > 20);
  for (const { costs, recommends, percent, best, place } of advice) {
    const front = costs.map((cost, i) => ({ cost, recommends: recommends[i] }));
    assert.deepEqual(advised(front, percent / 100), { best, place }, JSON.stringify({ costs, percent }));
  }
});

test("the budget of a point is the one that Python finds, and it finds the point", () => {
  const found = JSON.parse(readFileSync(new URL("percent_of.json", import.meta.url), "utf8"));
  assert.ok(found.length > 20);
  for (const { costs, place, percent } of found) assert.equal(percentOf(costs, place), percent, JSON.stringify({ costs, place }));
});

test("a budget is written with the decimals that it has", () => {
  const found = JSON.parse(readFileSync(new URL("budget_words.json", import.meta.url), "utf8"));
  assert.ok(found.length > 5);
  for (const { budget, words } of found) assert.equal(budgetWords(budget), words, String(budget));
  assert.deepEqual([0.6, 0.57, 0.494].map(wholePercent), [60, 57, null]);
});

test("a cost over the budget is written as Python writes it", () => {
  const found = JSON.parse(readFileSync(new URL("cost_words.json", import.meta.url), "utf8"));
  assert.ok(found.length > 5);
  for (const { cost, budget, words } of found) assert.equal(costWords(cost, budget), words, JSON.stringify({ cost, budget }));
});

test("what Python packs comes out again, holes as NaN", async () => {
  const value = { ü: [1, null, "…"] };
  assert.deepEqual(await unpackedJson(deflateSync(JSON.stringify(value)).toString("base64")), value);
  const whole = Buffer.from(new Int16Array([1, -32768, 3, 4]).buffer);
  const fields = await unpackedNumbers(deflateSync(whole).toString("base64"), [["a", 2], ["b", 0.5]], 2);
  assert.deepEqual([...fields.a], [2, NaN]);
  assert.deepEqual([...fields.b], [1.5, 2]);
});

test("the keys of a slider move within its range, and other keys are left alone", () => {
  const range = { low: 0, high: 10 };
  const pressed = (key, value) => {
    let taken = false;
    const next = keyed({ key, preventDefault: () => { taken = true; } }, value, range);
    assert.equal(taken, next !== null);
    return next;
  };
  assert.deepEqual(["ArrowLeft", "ArrowDown", "ArrowRight", "ArrowUp"].map((key) => pressed(key, 4)), [3, 3, 5, 5]);
  assert.deepEqual(["PageDown", "PageUp", "Home", "End"].map((key) => pressed(key, 4)), [0, 9, 0, 10]);
  assert.equal(pressed("ArrowRight", 10), 10);
  assert.equal(pressed("Tab", 4), null);
});

test("the server's word counts only where it is news", () => {
  const state = {};
  adopt(state, "cut", 3);
  assert.equal(state.cut, 3);
  state.cut = 5; // dragged
  adopt(state, "cut", 3);
  assert.equal(state.cut, 5, "a rerun for another reason does not take the drag back");
  adopt(state, "cut", 7);
  assert.equal(state.cut, 7, "a change by another control does");
});

test("an answer on its way does not undo a later step", async () => {
  const told = [];
  const state = { component: { setStateValue: (name, value) => told.push([name, value]) } };
  adopt(state, "pair", [0, 1]);
  state.pair = [0, 2];
  await new Promise((done) => { tell(state, ["pair"]); setTimeout(done, 5); });
  assert.deepEqual(told, [["pair", [0, 2]]]);
  adopt(state, "pair", [0, 1]);
  assert.deepEqual(state.pair, [0, 2]);
  adopt(state, "pair", [0, 2]);
  adopt(state, "pair", [1, 2]);
  assert.deepEqual(state.pair, [1, 2]);
});

test("words that are too long end in an ellipsis", () => {
  assert.equal(shortened("segmentation", 12), "segmentation");
  assert.equal(shortened("segmentation", 6), "segme…");
});

test("a grip moves to the upper end of its line where it would cover the mark that it selects", () => {
  const box = (left, top) => ({ left, right: left + 20, top, bottom: top + 20 });
  const grip = { style: { top: "" }, offsetHeight: 20, getBoundingClientRect: () => box(100, 100) };
  const mark = (left, top) => ({ getBoundingClientRect: () => box(left, top) });
  const ends = { low: "90%", high: "10%" };
  const [low, high] = ["calc(90% - 12px)", "calc(10% + 12px)"]; // clear of the words beyond both ends
  for (const [covered, top] of [[mark(110, 95), high], [mark(150, 100), low], [mark(100, 20), low], [undefined, low]]) {
    placeClear(grip, covered, ends);
    assert.equal(grip.style.top, top);
  }
});
