// The budget follows the pointer here, in the browser; Python hears of it on release only.
// Python writes every number and sentence, for each best assignment; this file draws and chooses.

import { bestWithin, fits } from "./runtime/budget.js";
import { adopt, entryPoint, part, REST, tell } from "./runtime/component.js";
import { offerPictures, resolved, written } from "./runtime/downloads.js";
import { drawingScale } from "./runtime/presenting.js";
import { unpackedJson } from "./runtime/packed.js";
import { followPointer, keyed, placeClear } from "./runtime/slider.js";
import { element, svgNode } from "./runtime/svg.js";
import { LIGHT } from "./runtime/theme.js";

const TOLD = ["budget"];
const HEIGHT = 284;
const [TOP, FLOOR, LEFT, BEYOND] = [12, 44, 52, 12]; // around the plane
const MOST = 104; // percent, at the right edge
const MOST_MARKS = 80; // more would hide each other

export default entryPoint({ name: "assignment_front", follow: TOLD, unpack, render, resized: (root, state) => { if (state.ready) draw(root, state); } });

/** @typedef {import("./runtime/component.js").Component} Component */

/**
 * @typedef {object} Entry One assignment, as Python sends it.
 * @property {number} cost Share of the cost with the whole backbone for every task.
 * @property {number} score Mean Δ, percent.
 * @property {string} sentence
 * @property {string} short
 * @property {string[][]} rows Of each task.
 */

/**
 * @typedef {object} State
 * @property {string} packed
 * @property {Entry[]} entries By rising cost.
 * @property {number} budget In percent.
 * @property {number} width
 * @property {SVGElement[]} marks
 * @property {SVGElement} over
 * @property {boolean} ready
 * @property {Component} component
 */

/**
 * The assignments: unpacked once, however often the page runs again.
 * @param {any} data
 * @param {State} state
 */
async function unpack(data, state) {
  if (state.packed === data.packed) return;
  state.entries = await unpackedJson(data.packed);
  state.packed = data.packed;
}

/**
 * @param {Component} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(component, root, state) {
  const { data } = component;
  state.component = component;
  adopt(state, "budget", data.budget);
  part(root, ".caption .grow").textContent = data.words.use;
  part(root, ".exits thead tr").replaceChildren(...data.columns.map((/** @type {string} */ name) => element("th", "", name)));
  listen(root, state);
  offerPictures(root, () => picture(root, state), () => data.filename);
  state.ready = true;
  draw(root, state);
}

/**
 * @param {State} state
 * @param {number} percent
 */
function xOf(state, percent) {
  return LEFT + (Math.min(MOST, percent) / MOST) * (state.width - BEYOND - LEFT);
}

/**
 * @param {State} state
 * @param {number} score
 */
function yOf(state, score) {
  const { ticks } = state.component.data;
  const [low, high] = [ticks[0][0], ticks[ticks.length - 1][0]];
  return HEIGHT - FLOOR - ((score - low) / (high - low || 1)) * (HEIGHT - FLOOR - TOP);
}

/**
 * Draw all anew, as wide as there is room; text keeps its size.
 * @param {HTMLElement} root
 * @param {State} state
 */
function draw(root, state) {
  const { data } = state.component;
  const box = part(root, ".drawing");
  state.width = Math.max(240, box.clientWidth);
  const { width, entries } = state;
  const [right, floor] = [xOf(state, MOST), HEIGHT - FLOOR];
  const svg = svgNode("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": data.spoken });
  const word = (/** @type {Record<string, string | number>} */ at, /** @type {string} */ words) =>
    svg.append(svgNode("text", { "font-size": 12.5, fill: "var(--bw-muted)", ...at }, words));
  for (const [value, words] of data.ticks) {
    svg.append(svgNode("line", { x1: LEFT, x2: right, y1: yOf(state, value), y2: yOf(state, value), stroke: "var(--bw-line)" }));
    word({ x: LEFT - 7, y: yOf(state, value) + 4, "text-anchor": "end" }, words);
  }
  for (let percent = 0; percent <= 100; percent += 20) word({ x: xOf(state, percent), y: floor + 17, "text-anchor": "middle" }, `${percent} %`);
  word({ x: right, y: HEIGHT - 4, "text-anchor": "end" }, data.cost);
  word({ x: -(TOP + floor) / 2, y: 12, "text-anchor": "middle", transform: "rotate(-90)" }, data.words.gain);
  if (data.ticks[0][0] < 0 && data.ticks[data.ticks.length - 1][0] > 0) {
    svg.append(svgNode("line", { x1: LEFT, x2: right, y1: yOf(state, 0), y2: yOf(state, 0), stroke: "var(--bw-muted)", "stroke-dasharray": "2 4" }));
  }
  state.over = svgNode("rect", { y: TOP, height: floor - TOP, fill: "var(--bw-over)", "fill-opacity": 0.35 });
  svg.append(state.over);
  const steps = entries.map(({ cost, score }, i) => `${i ? "H" : "M"}${xOf(state, 100 * cost)}${i ? "V" : ","}${yOf(state, score)}`);
  svg.append(svgNode("path", { d: `${steps.join("")}H${right}`, fill: "none", stroke: "var(--bw-primary)", "stroke-width": 2 }));
  state.marks = entries.map(({ cost, score, short }) => {
    const mark = svgNode("circle", { class: "mark", cx: xOf(state, 100 * cost), cy: yOf(state, score), r: 4.5 });
    mark.append(svgNode("title", {}, short));
    svg.append(mark);
    return mark;
  });
  box.replaceChildren(svg);
  Object.assign(part(root, ".line").style, { top: `${TOP}px`, height: `${floor - TOP}px` });
  follow(root, state);
}

/**
 * Return what the grip says: a percent, or what it comes to.
 * @param {State} state
 */
function budgetWords(state) {
  return state.component.data.written[state.budget] ?? `${state.budget} %`;
}

/**
 * Return the place of the best assignment within the budget, or −1.
 * @param {State} state
 */
function chosen(state) {
  return bestWithin(state.entries, state.budget / 100);
}

/**
 * Show everything that changes with the budget; nothing is made anew, so the focus stays.
 * @param {HTMLElement} root
 * @param {State} state
 */
function follow(root, state) {
  const { data } = state.component;
  const place = chosen(state);
  const x = xOf(state, state.budget);
  state.over.setAttribute("x", String(x));
  state.over.setAttribute("width", String(Math.max(0, xOf(state, MOST) - x)));
  state.marks.forEach((mark, i) => {
    const dim = !fits(state.entries[i].cost, state.budget / 100);
    mark.setAttribute("class", `mark${dim ? " dim" : ""}${i === place ? " chosen" : ""}`);
    mark.setAttribute("r", String(i === place ? 7 : state.marks.length > MOST_MARKS ? 0 : 4.5));
  });
  const sentence = place < 0 ? data.nothing : state.entries[place].sentence;
  part(root, ".sentence").textContent = sentence;
  part(root, ".exits").hidden = place < 0;
  part(root, ".exits tbody").replaceChildren(...(place < 0 ? [] : state.entries[place].rows).map((words) => {
    const row = element("tr");
    row.append(...words.map((each) => element("td", "", each)));
    return row;
  }));
  part(root, ".line").style.left = `${x}px`;
  const grip = part(root, ".grip");
  grip.textContent = `◂ ${budgetWords(state)} ▸`;
  const half = grip.offsetWidth / 2;
  grip.style.left = `${Math.min(Math.max(x, half), state.width - half)}px`;
  placeClear(grip, state.marks[place], { low: `${HEIGHT - FLOOR}px`, high: `${TOP}px` });
  grip.setAttribute("aria-valuenow", String(state.budget));
  grip.setAttribute("aria-valuetext", `${budgetWords(state)}: ${sentence}`);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function listen(root, state) {
  const { words } = state.component.data;
  const [figure, grip] = [part(root, ".figure"), part(root, ".grip")];
  grip.setAttribute("aria-label", words.budget);
  const move = (/** @type {PointerEvent} */ event) => {
    const { left } = part(root, ".drawing").getBoundingClientRect();
    const percent = Math.round((((event.clientX - left) / drawingScale() - LEFT) / (xOf(state, MOST) - LEFT)) * MOST);
    const next = Math.min(100, Math.max(1, percent));
    if (next === state.budget) return;
    state.budget = next;
    follow(root, state);
  };
  figure.onpointerdown = (event) => followPointer(event, grip, move, () => tell(state, TOLD));
  grip.onkeydown = (event) => {
    const next = keyed(event, state.budget, { low: 1, high: 100, page: 10 });
    if (next === null) return;
    state.budget = next;
    follow(root, state);
    tell(state, TOLD, REST);
  };
}

/**
 * Return the drawing with its budget and what it allows.
 * @param {HTMLElement} root
 * @param {State} state
 */
function picture(root, state) {
  const copy = resolved(root.querySelector(".drawing svg"));
  const x = xOf(state, state.budget);
  copy.append(svgNode("line", { x1: x, x2: x, y1: TOP, y2: HEIGHT - FLOOR, stroke: LIGHT.text, "stroke-width": 2 }));
  const place = chosen(state);
  const words = `${budgetWords(state)}: ${place < 0 ? "–" : state.entries[place].short}`;
  copy.append(svgNode("text", { x: LEFT, y: -6, "font-size": 13, "font-weight": 600, fill: LIGHT.text }, words));
  const [wide, tall] = [state.width + 32, HEIGHT + 44];
  copy.setAttribute("viewBox", `-16 -28 ${wide} ${tall}`);
  return written(copy, wide, tall);
}
