// One pair: its affinity over depth, beside all other pairs, and whose features serve whom at the depth that is shown.

import { at, number } from "./affinity_cells.js";
import { part } from "./runtime/component.js";
import { element, svgNode, wrapped } from "./runtime/svg.js";

/** @typedef {import("./affinity_cells.js").State} State */

/**
 * Draw the pair that is open.
 * @param {HTMLElement} root
 * @param {State} state
 */
export function drawPair(root, state) {
  const { data } = state.component;
  const [i, j] = state.pair;
  const { words, tasks } = data;
  part(root, ".who").textContent = `${tasks[i]} ${words.and} ${tasks[j]}`;
  drawCurve(root, state);
  const [, ...rest] = said(state, i, j);
  part(root, ".said").textContent = `${data.names[state.depth]}: ${rest.join("; ")}.`;
  const table = part(root, ".wins");
  table.hidden = !state.fields.wins;
  if (state.fields.wins) {
    const head = document.createElement("tr");
    head.append(...words.columns.map((name, k) => Object.assign(element("th", k > 1 ? "number" : "", name), { scope: "col" })));
    table.replaceChildren(head, winsRow(state, i, j), winsRow(state, j, i));
  }
  const contrary = state.fields.wins ? [[i, j], [j, i]].map(([target, source]) => contrarySaid(state, target, source)) : [];
  part(root, ".contrary").textContent = contrary.filter(Boolean).join(" ");
  part(root, ".note").textContent = words.pairNote;
}

/**
 * @param {State} state
 * @param {number} target
 * @param {number} source
 */
function winsRow(state, target, source) {
  const { tasks, words } = state.component.data;
  const depth = state.depth;
  const win = at(state, "wins", depth, target, source);
  const [other, own] = [source, target].map((task) => at(state, "loss", depth, target, task));
  const row = document.createElement("tr");
  row.append(element("td", "", tasks[target]), element("td", "", tasks[source]),
    element("td", "number", Number.isNaN(win) ? "–" : `${Math.round(win * 100)} %`),
    element("td", "number", Number.isNaN(other) ? "–" : written(other)),
    element("td", "number", Number.isNaN(own) ? "–" : written(own)));
  row.title = Number.isNaN(win) ? words.hole : "";
  return row;
}

/**
 * Return a sentence where the mean loss speaks for the other task's features and most samples against them, or the reverse.
 * @param {State} state
 * @param {number} target
 * @param {number} source
 */
function contrarySaid(state, target, source) {
  const { words, tasks } = state.component.data;
  const [win, other, own] = [at(state, "wins", state.depth, target, source),
    ...[source, target].map((task) => at(state, "loss", state.depth, target, task))];
  const apart = win < 0.5 && other < own ? words.fewerWins : win > 0.5 && other > own ? words.moreWins : "";
  return apart.replaceAll("{target}", tasks[target]).replaceAll("{source}", tasks[source]).replace("{win}", `${Math.round(win * 100)}\u00a0%`);
}

/** @param {number} value */
function written(value) {
  if (value !== 0 && Math.abs(value) < 1e-5) return "< 0.00001";
  return (Math.abs(value) >= 100 || value === 0 ? value.toFixed(0) : value.toPrecision(3)).replace("-", "−");
}

const LETTER = 6.5, LINE = 17; // pixels of a letter and of a line below the curve
const HIGH = 248, LEFT = 40, TOP = 12, BOTTOM = HIGH - 44;

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function drawCurve(root, state) {
  const { data } = state.component;
  const [i, j] = state.pair;
  // As wide as its card, so that its text has the size of all other text.
  const WIDE = Math.max(260, part(root, ".curve").clientWidth), RIGHT = WIDE - 10;
  const key = [state.packed, i, j, state.depth, WIDE].join();
  if (state.curve === key) return;
  state.curve = key;
  const { scale } = data;
  const x = (/** @type {number} */ d) => (data.depths === 1 ? (LEFT + RIGHT) / 2 : LEFT + 14 + ((RIGHT - LEFT - 28) * d) / (data.depths - 1));
  const y = (/** @type {number} */ value) => BOTTOM - ((value - scale[0]) / (scale[1] - scale[0])) * (BOTTOM - TOP);
  const line = (/** @type {number} */ a, /** @type {number} */ b) => {
    let d = "", pen = false;
    for (let depth = 0; depth < data.depths; depth += 1) {
      const value = at(state, "normalised", depth, a, b);
      d += Number.isNaN(value) ? "" : `${pen ? "L" : "M"}${x(depth).toFixed(1)},${y(value).toFixed(1)}`;
      pen = !Number.isNaN(value);
    }
    return d;
  };
  const drawing = svgNode("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "font-size": 13, "aria-label": curveWords(state, i, j) });
  const add = (/** @type {string} */ name, /** @type {Record<string, string | number>} */ attributes, text = "") => drawing.append(svgNode(name, attributes, text));
  for (const tick of data.ticks) {
    add("line", { x1: LEFT, x2: RIGHT, y1: y(tick), y2: y(tick), stroke: "var(--bw-line)" });
    add("text", { x: LEFT - 7, y: y(tick) + 4, "text-anchor": "end", fill: "var(--bw-muted)" }, String(tick).replace("-", "−"));
  }
  add("line", { x1: x(state.depth), x2: x(state.depth), y1: TOP, y2: BOTTOM, stroke: "var(--bw-muted)", "stroke-dasharray": "2 3" });
  if (state.othersOf !== `${state.packed} ${WIDE}`) {
    state.othersOf = `${state.packed} ${WIDE}`;
    // Hundreds of lines each faint, so that where many run it grows dark.
    const many = data.tasks.length > 8;
    state.others = svgNode("g", { fill: "none", stroke: "var(--bw-muted)", "stroke-width": many ? 0.8 : 1, opacity: many ? 1 : 0.6 });
    for (let a = 0; a < data.tasks.length; a += 1) {
      for (let b = a + 1; b < data.tasks.length; b += 1) {
        state.others.append(svgNode("path", { d: line(a, b), opacity: many ? Math.max(0.08, 8 / data.tasks.length ** 1.5) : 1 }));
      }
    }
  }
  drawing.append(state.others);
  if (state.fields.low) {
    const there = [...Array(data.depths).keys()].filter((d) => !Number.isNaN(at(state, "low", d, i, j)));
    const edge = (/** @type {string} */ name, /** @type {number[]} */ depths) => depths.map((d) => `${x(d).toFixed(1)},${y(at(state, name, d, i, j)).toFixed(1)}`);
    if (there.length > 1) {
      add("path", { d: `M${[...edge("low", there), ...edge("high", [...there].reverse())].join("L")}Z`, fill: "var(--bw-primary)", opacity: 0.2 });
    } else {
      there.forEach((d) => add("line", { x1: x(d), x2: x(d), y1: y(at(state, "low", d, i, j)), y2: y(at(state, "high", d, i, j)), stroke: "var(--bw-primary)", "stroke-width": 6, opacity: 0.3 }));
    }
  }
  add("path", { d: line(i, j), fill: "none", stroke: "var(--bw-primary)", "stroke-width": 2.6, "stroke-linejoin": "round" });
  for (let d = 0; d < data.depths; d += 1) {
    const value = at(state, "normalised", d, i, j);
    if (Number.isNaN(value)) continue;
    add("circle", { cx: x(d), cy: y(value), r: d === state.depth ? 5 : 3, fill: "var(--bw-primary)" });
  }
  const every = data.depths <= 20 ? 1 : 10;
  for (let d = 0; d < data.depths; d += 1) {
    if (d % every && d !== state.depth) continue;
    add("text", { x: x(d), y: BOTTOM + 18, "text-anchor": "middle", fill: "var(--bw-text)", "font-weight": d === state.depth ? 700 : 400 }, String(d + 1));
  }
  const lines = wrapped(data.words.curve, Math.floor(WIDE / LETTER));
  lines.forEach((words, n) => add("text", { x: WIDE / 2, y: HIGH - 6 + LINE * n, "text-anchor": "middle", fill: "var(--bw-muted)" }, words));
  drawing.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH + LINE * (lines.length - 1)}`);
  part(root, ".curve").replaceChildren(drawing);
}

/**
 * @param {State} state
 * @param {number} i
 * @param {number} j
 */
function curveWords(state, i, j) {
  const { data } = state.component;
  const values = [...Array(data.depths).keys()].map((d) => `${d + 1}: ${number(at(state, "normalised", d, i, j))}`);
  return `${data.tasks[i]} ${data.words.and} ${data.tasks[j]}, ${data.words.affinity}, ${data.words.afterBlock} ${values.join(", ")}`;
}

/**
 * Return what a cell says, to the eye in the tip and to the ear.
 * @param {State} state
 * @param {number} i
 * @param {number} j
 */
export function said(state, i, j) {
  const { component: { data }, depth } = state;
  const { words, tasks } = data;
  const value = at(state, "normalised", depth, i, j), raw = at(state, "raw", depth, i, j);
  if (i === j) return [`${tasks[i]} ${words.itself}`, Number.isNaN(raw) ? words.hole : `${words.raw} ${number(raw, 3)}`];
  const lines = [`${tasks[i]} ${words.and} ${tasks[j]}`];
  if (Number.isNaN(value)) {
    lines.push(Number.isNaN(raw) ? words.hole : `${words.raw} ${number(raw, 3)}; ${words.noOwn}`);
    return lines;
  }
  const low = at(state, "low", depth, i, j), kept = Math.round(at(state, "order", depth, i, j));
  lines.push(`${words.affinity} ${number(value)}${Number.isNaN(low) ? "" : ` (${words.interval} ${number(low)} ${words.to} ${number(at(state, "high", depth, i, j))})`}`);
  if (!Number.isNaN(raw)) lines.push(`${words.raw} ${number(raw, 3)}`);
  if (!Number.isNaN(kept)) {
    lines.push(`${kept < data.sure ? words.unsure : words.surely} ${kept}\u00a0% ${words.resamples}`);
  }
  return lines;
}
