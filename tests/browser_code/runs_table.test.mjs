import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { opened, page } from "./page.mjs";
import { asText, csvOf, nextOrder, nextSort } from "../../app/components/browser/runs_order.js";
import draw from "../../app/components/browser/runs_table.js";

const HTML = readFileSync(new URL("../../app/components/browser/runs_table.html", import.meta.url), "utf8");
const COLUMNS = ["state", "run", "progress", "loss", "study"].map((name) => ({ name, label: name.toUpperCase(), help: "" }));
const run = (key, values = {}) => ({
  key, label: `run ${key}`, state: "queued", run: key, seed: "0", progress: 0, loss: "", time: "", study: "s", meaning: "", ...values,
});
const listed = (runs, more = {}) => ({ order: [], known: new Map(runs.map((each) => [each.key, each])), sort: null, ...more });

test("what a spreadsheet would compute is marked as text", () => {
  for (const cell of ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "＝1", "'=1", "-INF"]) {
    assert.equal(asText(cell), `'${cell}`);
  }
});

test("numbers and words stay as they are", () => {
  for (const cell of ["-1", "+2.5", "-.5", "-1e-9", "+2.3 %", "scenes", "'a'", "", "1 min"]) assert.equal(asText(cell), cell);
});

test("rows come as the server lists them, or by a column as numbers or words", () => {
  const runs = [run("a", { loss: "10" }), run("b", { loss: "9" }), run("c", { loss: "0.5" })];
  const fresh = ["a", "b", "c"];
  assert.deepEqual(nextOrder(listed(runs), fresh, false), fresh);
  assert.deepEqual(nextOrder(listed(runs, { sort: { column: "loss", way: 1 } }), fresh, false), ["c", "b", "a"]);
  assert.deepEqual(nextOrder(listed(runs, { sort: { column: "run", way: -1 } }), fresh, false), ["c", "b", "a"]);
  assert.deepEqual(fresh, ["a", "b", "c"], "the server's own list is left alone");
});

test("while somebody is at the table no row moves or leaves, and new runs take free places only", () => {
  const at = listed(["a", "b", "c"].map((key) => run(key)), { order: ["a", "b"] });
  assert.deepEqual(nextOrder(at, ["c", "a"], true), ["a", "b"]);
  assert.deepEqual(nextOrder(at, ["c", "a", "b"], true), ["a", "b", "c"]);
  assert.deepEqual(nextOrder(at, ["c", "a"], false), ["c", "a"]);
  assert.deepEqual(nextOrder({ ...at, order: [] }, ["c", "a"], true), ["c", "a"], "an empty table fills");
});

test("a header sorts up, down, and not at all", () => {
  const once = nextSort(null, "loss");
  const twice = nextSort(once, "loss");
  assert.deepEqual([once, twice, nextSort(twice, "loss")], [{ column: "loss", way: 1 }, { column: "loss", way: -1 }, null]);
  assert.deepEqual(nextSort(twice, "run"), { column: "run", way: 1 });
});

test("the CSV has the rows as they stand, quoted", () => {
  const table = listed([run("a", { run: 'say "no"' }), run("b", { run: "=1" })], { order: ["b", "a"] });
  assert.equal(csvOf(table, COLUMNS.slice(0, 2)), '"STATE","RUN"\n"queued","\'=1"\n"queued","say ""no"""');
});

// The table itself ------------------------------------------------------------------------------------------

function table(keys, chosen = { keys: [], count: 0 }) {
  const parentElement = opened(HTML);
  const root = parentElement.children[0];
  const told = [];
  const words = { table: "Runs", all: "All", chosen: "Chosen", none: "None.", remove: "Remove", csv: "CSV", file: "runs.csv" };
  const refresh = (rows, now, more = {}) => draw({
    parentElement, setStateValue: (name, value) => told.push([name, value]), setTriggerValue: () => {},
    data: { view: "all", rows, more: [], columns: COLUMNS, chosen: now, words, ...more },
  });
  refresh(keys.map((key) => run(key)), chosen);
  const body = () => root.querySelector("tbody").children;
  const box = (key) => body().find((tr) => tr.querySelector("input").ariaLabel === `run ${key}, s`).querySelector("input");
  return { root, told, refresh, body, box, ticked: () => body().map((tr) => tr.querySelector("input").checked) };
}

test("a ticked run is told to the server, and a refresh that was on its way does not take it back", () => {
  const { told, refresh, box, ticked } = table(["a", "b"]);
  box("b").onchange();
  assert.deepEqual(told, [["chosen", { keys: ["b"], count: 1 }]]);
  refresh([run("a"), run("b")], { keys: [], count: 0 });
  assert.deepEqual(ticked(), [false, true]);
  refresh([run("a"), run("b")], { keys: ["a"], count: 1 });
  assert.deepEqual(ticked(), [true, false], "the server has seen the choice and dropped a run");
});

test("a choice is of runs, not of rows: it follows its run to another place", () => {
  const { root, refresh, ticked } = table(["a", "b"], { keys: ["a"], count: 3 });
  refresh([run("b"), run("a")], { keys: ["a"], count: 3 });
  assert.deepEqual(ticked(), [false, true]);
  assert.equal(root.querySelector(".chosen").querySelector("button").ariaLabel, "Remove run a");
});

test("a refresh writes into the cells that are there and leaves the focus where it is", () => {
  const { refresh, body, box } = table(["a", "b"]);
  const [first] = body();
  box("a").focus();
  refresh([run("b"), run("a", { state: "running", progress: 40 })], { keys: [], count: 0 });
  assert.equal(body()[0], first, "held while it has the focus");
  assert.match(first.textContent, /running.*40 %/);
  assert.equal(page.activeElement, box("a"));
});

test("a run says of which study it is, for windows in which that has no column", () => {
  const { refresh, body } = table(["a"]);
  assert.equal(body()[0].querySelector(".where").textContent, "s");
  refresh([run("a", { study: "other" })], { keys: [], count: 0 });
  assert.equal(body()[0].querySelector(".where").textContent, "other");
});

test("all runs of the page are chosen with one box, and the chosen ones of other pages stay", () => {
  const { root, told } = table(["a", "b"], { keys: ["z"], count: 1 });
  const all = root.querySelector("thead input");
  all.checked = true;
  all.onchange();
  assert.deepEqual(told.at(-1)[1].keys, ["z", "a", "b"]);
  all.checked = false;
  all.onchange();
  assert.deepEqual(told.at(-1)[1].keys, ["z"]);
});

test("runs that are gone leave the table, and another list starts afresh", () => {
  const { refresh, body, root } = table(["a", "b", "c"]);
  root.querySelector(".scroll").listeners.pointerenter();
  refresh([run("a")], { keys: [], count: 0 });
  assert.equal(body().length, 3, "held under the pointer");
  refresh([run("a")], { keys: [], count: 0 }, { view: "done" });
  assert.equal(body().length, 1);
});
