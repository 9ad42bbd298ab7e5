// The level follows the pointer here, in the browser; Python hears of it on release only.
// Python writes every number and sentence, for each task and level; this file draws and lights.

import { adopt, entryPoint, part, REST, tell } from "./runtime/component.js";
import { offerPictures, resolved, written } from "./runtime/downloads.js";
import { drawingScale } from "./runtime/presenting.js";
import { followPointer, keyed } from "./runtime/slider.js";
import { element, shortened, svgNode } from "./runtime/svg.js";
import { LIGHT } from "./runtime/theme.js";

const TOLD = ["shown"];
const [TOP, ROW, BARS, FOOT] = [36, 30, 74, 22]; // pixels: the grip's room, a task, the bars, the words below them
const [LEAST_NAME, MOST_NAME] = [90, 190]; // the words of the bars need the least
const MOST_CELL = 46;
const READABLE = 17; // pixels of a box that a number fits in

export default entryPoint({ name: "unit_grid", follow: TOLD, render, resized: (root, state) => { if (state.ready) draw(root, state); } });

/** @typedef {import("./runtime/component.js").Component} Component */

/**
 * @typedef {object} State
 * @property {[number, number]} shown Task and level, from 0.
 * @property {number} left Where the first unit of an order begins.
 * @property {number} cell Width of a unit of an order.
 * @property {number} height Of the orders.
 * @property {SVGElement[][]} units Of each task, in its order.
 * @property {SVGElement[]} rows Of the tasks.
 * @property {SVGElement[][]} pieces
 * @property {SVGElement[]} bars
 * @property {SVGElement} line
 * @property {boolean} ready
 * @property {Component} component
 */

/**
 * @param {Component} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(component, root, state) {
  const { data } = component;
  state.component = component;
  adopt(state, "shown", data.shown);
  // Another network may have fewer of them.
  state.shown = [Math.min(state.shown[0], data.orders.length - 1), Math.min(state.shown[1], data.orders[0].length - 1)];
  part(root, ".caption .grow").textContent = data.words.use;
  listen(root, state);
  offerPictures(root, () => picture(root, state), () => data.filename);
  state.ready = true;
  draw(root, state);
}

/**
 * Draw all anew, as wide as there is room; text keeps its size.
 * @param {HTMLElement} root
 * @param {State} state
 */
function draw(root, state) {
  drawOrders(root, state);
  drawPieces(root, state);
  makeTasks(root, state);
  follow(root, state);
}

/**
 * Draw the order of each task, and below it what share of the weights each level has.
 * @param {HTMLElement} root
 * @param {State} state
 */
function drawOrders(root, state) {
  const { data } = state.component;
  const box = part(root, ".strips");
  const width = Math.max(260, box.clientWidth);
  const n = data.densities.length;
  const longest = Math.max(...data.tasks.map((/** @type {string} */ name) => [...name].length));
  state.left = Math.min(MOST_NAME, Math.max(LEAST_NAME, 16 + 7.6 * longest), width * 0.36);
  state.cell = (width - state.left - 6) / n;
  const floor = TOP + ROW * data.orders.length + 14 + BARS;
  state.height = floor + FOOT + 18;
  const svg = svgNode("svg", { width, height: state.height, viewBox: `0 0 ${width} ${state.height}`, role: "img" });
  state.rows = data.orders.map(() => svgNode("g"));
  state.units = data.orders.map((/** @type {number[]} */ order, /** @type {number} */ task) => order.map((unit, place) => {
    const [x, y] = [state.left + place * state.cell, TOP + task * ROW];
    const node = svgNode("rect", { x: x + 1, y: y + 2, width: Math.max(0, state.cell - 2), height: ROW - 5, rx: 4 });
    node.append(svgNode("title", {}, `${data.tasks[task]}: ${data.words.unit} ${unit + 1}`));
    state.rows[task].append(node, svgNode("text", {
      class: "number", x: x + state.cell / 2, y: y + ROW / 2 + 4.5, "font-size": 13.5, "text-anchor": "middle",
    }, state.cell < READABLE ? "" : String(unit + 1)));
    return node;
  }));
  svg.append(...state.rows);
  const word = (/** @type {Record<string, string | number>} */ at, /** @type {string} */ words) =>
    svg.append(svgNode("text", { "font-size": 12.5, fill: "var(--bw-muted)", ...at }, words));
  data.words.axis.forEach((/** @type {string} */ words, /** @type {number} */ line) =>
    word({ x: 6, y: floor - BARS / 2 + 15 * line }, shortened(words, state.left / 5.6)));
  state.bars = data.densities.map((/** @type {number} */ density, /** @type {number} */ level) => {
    const x = state.left + level * state.cell;
    const bar = svgNode("rect", { class: "bar", x: x + 0.22 * state.cell, width: 0.56 * state.cell, y: floor - BARS * density, height: BARS * density });
    bar.append(svgNode("title", {}, data.bars[level].join(", ")));
    svg.append(bar);
    const y = floor - BARS * data.widths[level];
    svg.append(svgNode("path", { class: "width", d: `M${x + 0.14 * state.cell},${y}H${x + 0.86 * state.cell}` }));
    if (state.cell > 38) {
      word({ x: x + state.cell / 2, y: floor + 16, "text-anchor": "middle" }, data.bars[level][0]);
      word({ x: x + state.cell / 2, y: floor + 32, "text-anchor": "middle" }, data.bars[level][1] ?? "");
    }
    return bar;
  });
  svg.append(svgNode("path", { d: `M${state.left},${floor}H${width - 6}`, stroke: "var(--bw-line)" }));
  state.line = svgNode("path", { stroke: "var(--bw-text)", "stroke-width": 2, fill: "none" });
  svg.append(state.line);
  box.replaceChildren(svg);
}

/**
 * Draw the pieces between units, each with the number of networks that learn it.
 * @param {HTMLElement} root
 * @param {State} state
 */
function drawPieces(root, state) {
  const { data } = state.component;
  const box = part(root, ".grid");
  const n = data.densities.length;
  const cell = Math.min(MOST_CELL, (Math.max(200, box.clientWidth) - 30) / n);
  const side = 26 + cell * n;
  const svg = svgNode("svg", { width: side, height: side, viewBox: `0 0 ${side} ${side}`, role: "img" });
  state.pieces = data.totals.map((/** @type {number[]} */ row, /** @type {number} */ i) => row.map((total, j) => {
    const [x, y] = [26 + j * cell, 26 + i * cell];
    const piece = svgNode("rect", { x: x + 0.75, y: y + 0.75, width: Math.max(0, cell - 1.5), height: Math.max(0, cell - 1.5), rx: Math.min(4, cell / 5) });
    piece.append(svgNode("title", {}, data.words.piece.replace("{from}", String(j + 1)).replace("{to}", String(i + 1)).replace("{n}", String(total))));
    svg.append(piece, svgNode("text", {
      class: "number", x: x + cell / 2, y: y + cell / 2 + 4.5, "font-size": 13, "text-anchor": "middle",
    }, cell < READABLE ? "" : String(total)));
    return piece;
  }));
  if (cell >= READABLE) {
    for (let unit = 0; unit < n; unit += 1) {
      const at = 26 + (unit + 0.5) * cell;
      for (const place of [{ x: at, y: 17 }, { x: 11, y: at + 4.5 }]) {
        svg.append(svgNode("text", { ...place, "font-size": 12.5, "text-anchor": "middle", fill: "var(--bw-muted)" }, String(unit + 1)));
      }
    }
  }
  box.replaceChildren(svg);
}

/**
 * Make a button for each task; those that are there stay, and with them the focus.
 * @param {HTMLElement} root
 * @param {State} state
 */
function makeTasks(root, state) {
  const { data } = state.component;
  const box = part(root, ".tasks");
  box.setAttribute("aria-label", data.words.task);
  while (box.children.length > data.tasks.length) box.lastElementChild?.remove();
  while (box.children.length < data.tasks.length) box.append(element("button", "task"));
  [...box.children].forEach((node, task) => {
    const button = /** @type {HTMLButtonElement} */ (node);
    button.type = "button";
    button.setAttribute("role", "radio");
    button.textContent = data.tasks[task];
    button.title = data.tasks[task];
    Object.assign(button.style, { top: `${TOP + task * ROW + 2}px`, height: `${ROW - 5}px`, width: `${state.left - 6}px` });
    button.onclick = () => choose(root, state, task);
    button.onkeydown = (event) => {
      const last = data.tasks.length - 1;
      /** @type {Record<string, number>} */
      const next = { ArrowDown: task + 1, ArrowRight: task + 1, ArrowUp: task - 1, ArrowLeft: task - 1, Home: 0, End: last };
      if (!(event.key in next)) return;
      event.preventDefault();
      const chosen = Math.min(last, Math.max(0, next[event.key]));
      choose(root, state, chosen);
      /** @type {HTMLElement} */ (box.children[chosen]).focus();
    };
  });
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number} task
 */
function choose(root, state, task) {
  state.shown = [task, state.shown[1]];
  follow(root, state);
  tell(state, TOLD, REST);
}

/**
 * Show everything that changes with task and level; nothing is made anew, so the focus stays.
 * @param {HTMLElement} root
 * @param {State} state
 */
function follow(root, state) {
  const { data } = state.component;
  const [task, level] = state.shown;
  const n = data.densities.length;
  state.units.forEach((row, t) => {
    state.rows[t].setAttribute("class", t === task ? "shown" : "");
    row.forEach((unit, place) => unit.setAttribute("class", `unit${place <= level ? " on" : ""}`));
  });
  const active = data.orders[task].slice(0, level + 1);
  state.pieces.forEach((row, i) => row.forEach((piece, j) =>
    piece.setAttribute("class", `piece${active.includes(i) && active.includes(j) ? " on" : ""}`)));
  state.bars.forEach((bar, place) => bar.setAttribute("class", `bar${place === level ? " on" : ""}`));
  const x = state.left + (level + 1) * state.cell;
  state.line.setAttribute("d", `M${x},${TOP - 6}V${TOP + ROW * data.orders.length + 2}`);
  const sentence = data.sentences[task][level];
  part(root, ".sentence").textContent = sentence;
  part(root, ".title").textContent = data.words.pieces.replace("{task}", data.tasks[task]).replace("{level}", String(level + 1));
  [...part(root, ".tasks").children].forEach((node, t) => {
    node.setAttribute("aria-checked", String(t === task));
    /** @type {HTMLElement} */ (node).tabIndex = t === task ? 0 : -1;
  });
  const grip = part(root, ".grip");
  grip.textContent = `◂ ${data.words.level} ${level + 1} ▸`;
  const half = grip.offsetWidth / 2;
  grip.style.left = `${Math.min(Math.max(x, half), state.left + n * state.cell + 6 - half)}px`;
  grip.setAttribute("aria-valuemax", String(n));
  grip.setAttribute("aria-valuenow", String(level + 1));
  grip.setAttribute("aria-valuetext", sentence);
  const spoken = data.tasks.map((/** @type {string} */ name, /** @type {number} */ t) =>
    `${name}: ${data.orders[t].map((/** @type {number} */ unit) => unit + 1).join(" ")}`).join("; ");
  part(root, ".strips svg").setAttribute("aria-label", `${data.words.spoken}: ${spoken}`);
  part(root, ".grid svg").setAttribute("aria-label", sentence);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function listen(root, state) {
  const { data } = state.component;
  const [orders, grip] = [part(root, ".orders"), part(root, ".grip")];
  grip.setAttribute("aria-label", data.words.slider);
  const go = (/** @type {number} */ level) => {
    if (level === state.shown[1]) return;
    state.shown = [state.shown[0], level];
    follow(root, state);
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const { left } = part(root, ".strips").getBoundingClientRect();
    const edge = Math.round(((event.clientX - left) / drawingScale() - state.left) / state.cell);
    go(Math.min(data.densities.length, Math.max(1, edge)) - 1);
  };
  // The boxes, too, but not the names beside them.
  orders.onpointerdown = (event) => {
    if (/** @type {Element} */ (event.target).closest(".task")) return;
    const { left, top } = part(root, ".strips").getBoundingClientRect();
    const row = Math.floor(((event.clientY - top) / drawingScale() - TOP) / ROW);
    const onRow = event.target !== grip && row >= 0 && row < data.orders.length;
    if (onRow) state.shown = [row, state.shown[1]];
    const press = (/** @type {PointerEvent} */ each) => {
      // A press on a box is for that box, a drag for the nearest edge.
      if (onRow && each === event) go(Math.min(data.densities.length - 1, Math.max(0, Math.floor(((each.clientX - left) / drawingScale() - state.left) / state.cell))));
      else move(each);
      follow(root, state);
    };
    followPointer(event, grip, press, () => tell(state, TOLD));
  };
  grip.onkeydown = (event) => {
    const next = keyed(event, state.shown[1], { low: 0, high: data.densities.length - 1, page: 2 });
    if (next === null) return;
    go(next);
    tell(state, TOLD, REST);
  };
}

/**
 * Return orders and pieces side by side, with what is lit said above.
 * @param {HTMLElement} root
 * @param {State} state
 */
function picture(root, state) {
  const { data } = state.component;
  const [shown, level] = state.shown;
  const [orders, pieces] = [part(root, ".strips svg"), part(root, ".grid svg")];
  const copy = resolved(orders);
  const [wide, side] = [Number(orders.getAttribute("width")), Number(pieces.getAttribute("width"))];
  data.tasks.forEach((/** @type {string} */ name, /** @type {number} */ task) => copy.append(svgNode("text", {
    x: 6, y: TOP + task * ROW + ROW / 2 + 4.5, "font-size": 13.5, fill: LIGHT.text, "font-weight": task === shown ? 700 : 400,
  }, shortened(name, state.left / 7.4))));
  const grid = resolved(pieces);
  grid.setAttribute("x", String(wide + 24));
  grid.setAttribute("y", "20");
  copy.append(grid);
  const title = data.words.pieces.replace("{task}", data.tasks[shown]).replace("{level}", String(level + 1));
  copy.append(svgNode("text", { x: wide + 24, y: 8, "font-size": 13, "font-weight": 600, fill: LIGHT.text }, title));
  const [width, height] = [wide + side + 330, Math.max(state.height, side + 24) + 32];
  copy.setAttribute("viewBox", `-16 -16 ${width} ${height}`);
  return written(copy, width, height);
}
