// Units are put in order by hand; totals, overlap and merit follow here, and Python hears of the orders on release.

import { gradientTotals, imbalance, meanShared, meritOf, movedTo, renamed } from "./orders.js";
import { adopt, entryPoint, part, parts, REST, tell } from "./runtime/component.js";
import { offerPictures, written } from "./runtime/downloads.js";
import { followPointer, keyed } from "./runtime/slider.js";
import { button, element, shortened, svgNode } from "./runtime/svg.js";
import { HUES, LIGHT, taskColour } from "./runtime/theme.js";

const TOLD = ["orders"];
const MOST_CELL = 46;
const READABLE = 17; // pixels of a cell that a number fits in
const EDGE = 26; // of the grid: the numbers of its units

export default entryPoint({ name: "order_game", follow: TOLD, render, resized: (root, state) => { if (state.ready) follow(root, state); } });

/** @typedef {import("./runtime/component.js").Component} Component */
/** @typedef {{ label: string, orders: number[][] }} Preset Orders of a rule, as Python sends them. */

/**
 * @typedef {object} State
 * @property {number[][]} orders Units in the order in which each task takes them.
 * @property {number[][][]} before Earlier orders, the latest last.
 * @property {string} shape Numbers of tasks and units for which the tiles are made.
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
  const held = JSON.stringify(state.orders);
  adopt(state, "orders", data.orders);
  const shape = JSON.stringify([data.tasks, data.orders[0].length]);
  if (state.shape !== shape) {
    // Another study, or another number of units: what was put in order before does not fit.
    state.orders = data.orders;
    state.shape = shape;
    state.before = [];
    makeTiles(root, state);
  } else if (held && held !== JSON.stringify(state.orders)) state.before = [];
  part(root, ".caption .grow").textContent = data.words.use;
  part(root, ".title").textContent = data.words.pieces;
  const [undo, reset] = [part(root, ".undo"), part(root, ".reset")];
  [undo.textContent, reset.textContent] = [data.words.undo, data.words.reset];
  undo.onclick = () => {
    const last = state.before.pop();
    if (last) put(root, state, last, { keeps: false });
  };
  reset.onclick = () => put(root, state, data.presets[0].orders);
  offerPictures(root, () => picture(state), () => data.filename);
  state.ready = true;
  follow(root, state);
}

/**
 * Make the rows with their tiles; they are moved later, not made anew.
 * @param {HTMLElement} root
 * @param {State} state
 */
function makeTiles(root, state) {
  const { data } = state.component;
  const n = data.orders[0].length;
  const columns = `minmax(64px, 22%) repeat(${n}, minmax(0, 1fr))`;
  const levels = part(root, ".levels");
  levels.style.gridTemplateColumns = columns;
  levels.replaceChildren(element("span"), ...Array.from({ length: n }, (_, level) => element("span", "", n > 8 ? String(level + 1) : `${data.words.level} ${level + 1}`)));
  part(root, ".rows").replaceChildren(...data.tasks.map((/** @type {string} */ name, /** @type {number} */ task) => {
    const row = element("div", "row");
    row.style.gridTemplateColumns = columns;
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", name);
    const label = element("span", "name", name);
    label.title = name;
    row.append(label, ...Array.from({ length: n }, (_, unit) => tile(root, state, task, unit)));
    row.onpointerdown = (/** @type {PointerEvent} */ event) => drag(event, root, state, task, row);
    return row;
  }));
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number} task
 * @param {number} unit
 */
function tile(root, state, task, unit) {
  const found = element("button", "tile", String(unit + 1));
  found.type = "button";
  found.dataset.unit = String(unit);
  found.style.setProperty("--hue", unit < HUES ? taskColour(unit) : "var(--bw-shared)");
  found.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    const order = state.orders[task];
    const place = order.indexOf(unit);
    const next = keyed(event, place, { low: 0, high: order.length - 1 });
    if (next === null || next === place) return;
    put(root, state, replaced(state.orders, task, movedTo(order, unit, next)), { wait: REST });
    found.focus();
  };
  return found;
}

/**
 * A tile follows the pointer along its row. The row has the pointer, for its tiles change places in it.
 * @param {PointerEvent} event
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number} task
 * @param {HTMLElement} row
 */
function drag(event, root, state, task, row) {
  const found = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".tile"));
  if (!found || event.button) return;
  const unit = Number(found.dataset.unit);
  const before = state.orders;
  found.classList.add("held");
  const move = (/** @type {PointerEvent} */ each) => {
    const boxes = parts(row, ".tile").map((node) => node.getBoundingClientRect());
    const past = boxes.filter((box) => (box.left + box.right) / 2 < each.clientX).length;
    const here = state.orders[task].indexOf(unit);
    // The tile's own middle doesn't count.
    const own = (boxes[here].left + boxes[here].right) / 2 < each.clientX ? 1 : 0;
    const place = Math.min(boxes.length - 1, past - own);
    if (place === here) return;
    state.orders = replaced(state.orders, task, movedTo(state.orders[task], unit, place));
    follow(root, state);
    found.focus({ preventScroll: true });
  };
  followPointer(event, found, move, () => {
    found.classList.remove("held");
    if (state.orders === before) return;
    state.before.push(before);
    follow(root, state);
    tell(state, TOLD);
  });
}

/**
 * @param {number[][]} orders
 * @param {number} task
 * @param {number[]} order
 */
function replaced(orders, task, order) {
  return orders.map((each, other) => (other === task ? order : each));
}

/**
 * Take other orders, and tell the server.
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number[][]} orders
 * @param {{ keeps?: boolean, wait?: number }} [options] Whether they can be taken back, and how long to wait.
 */
function put(root, state, orders, { keeps = true, wait = 0 } = {}) {
  if (JSON.stringify(orders) === JSON.stringify(state.orders)) return;
  if (keeps) state.before.push(state.orders);
  state.orders = orders;
  follow(root, state);
  tell(state, TOLD, wait);
}

/**
 * Show everything that follows from the orders.
 * @param {HTMLElement} root
 * @param {State} state
 */
function follow(root, state) {
  const { data } = state.component;
  parts(root, ".row").forEach((row, task) => {
    const tiles = new Map(parts(row, ".tile").map((node) => [Number(node.dataset.unit), node]));
    const now = parts(row, ".tile").map((node) => Number(node.dataset.unit));
    const order = state.orders[task];
    if (JSON.stringify(now) !== JSON.stringify(order)) row.append(...order.map((unit) => /** @type {HTMLElement} */ (tiles.get(unit))));
    order.forEach((unit, place) => tiles.get(unit)?.setAttribute("aria-label",
      data.words.tile.replace("{task}", data.tasks[task]).replace("{unit}", String(unit + 1)).replace("{place}", String(place + 1)).replace("{n}", String(order.length))));
  });
  part(root, ".grid").replaceChildren(grid(state.orders, Math.max(200, part(root, ".grid").clientWidth), data.words));
  part(root, ".sentence").textContent = said(state);
  const undo = /** @type {HTMLButtonElement} */ (part(root, ".undo"));
  undo.disabled = !state.before.length;
  compare(root, state);
}

/**
 * Return what the study measured with these orders, or that it didn't.
 * @param {State} state
 */
function said(state) {
  const { data } = state.component;
  return data.measured[code(renamed(state.orders))] ?? data.words.unmeasured;
}

/** @param {number[][]} orders */
function code(orders) {
  return orders.map((order) => order.join("-")).join(".");
}

/**
 * Return the pieces, darker where more levels of tasks learn them.
 * @param {number[][]} orders
 * @param {number} width
 * @param {Record<string, string>} words
 */
function grid(orders, width, words) {
  const totals = gradientTotals(orders);
  const n = totals.length;
  const cell = Math.min(MOST_CELL, (width - EDGE - 4) / n);
  const side = EDGE + cell * n;
  const svg = svgNode("svg", { width: side, height: side, viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": `${words.spoken}: ${totals.map((row) => row.join(" ")).join("; ")}` });
  const most = orders.length * n;
  totals.forEach((row, i) => row.forEach((total, j) => {
    const [x, y] = [EDGE + j * cell, EDGE + i * cell];
    const piece = svgNode("rect", { x: x + 0.75, y: y + 0.75, width: Math.max(0, cell - 1.5), height: Math.max(0, cell - 1.5), rx: Math.min(4, cell / 5), fill: "var(--bw-primary)", "fill-opacity": 0.05 + (0.4 * total) / most, stroke: "var(--bw-line)" });
    piece.append(svgNode("title", {}, words.piece.replace("{from}", String(j + 1)).replace("{to}", String(i + 1)).replace("{n}", String(total))));
    svg.append(piece);
    if (cell >= READABLE) svg.append(svgNode("text", { x: x + cell / 2, y: y + cell / 2 + 4.5, "font-size": 13, "font-weight": i === j ? 700 : 400, "text-anchor": "middle", fill: "var(--bw-text)", "pointer-events": "none" }, String(total)));
  }));
  if (cell >= READABLE) {
    for (let unit = 0; unit < n; unit += 1) {
      const at = EDGE + (unit + 0.5) * cell;
      for (const place of [{ x: at, y: 17 }, { x: 11, y: at + 4.5 }]) {
        svg.append(svgNode("text", { ...place, "font-size": 12.5, "text-anchor": "middle", fill: "var(--bw-muted)" }, String(unit + 1)));
      }
    }
  }
  return svg;
}

/**
 * Return what is said of some orders, row by row of the table.
 * @param {State} state
 * @param {number[][]} orders
 * @returns {string[]}
 */
function figures(state, orders) {
  const { data } = state.component;
  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
  const signed = (/** @type {number} */ value) => `${value > 0 ? "+" : ""}${value.toFixed(2)}`.replace("-", "−").replace("−0.00", "0.00");
  const found = [percent(imbalance(orders))];
  if (data.tasks.length > 1) found.push(percent(meanShared(orders)));
  if (data.weights) {
    const { agreement, value } = meritOf(orders, data.weights, data.balance);
    found.push(signed(agreement), signed(value));
  }
  return found;
}

/**
 * Show these orders beside those of the rules.
 * @param {HTMLElement} root
 * @param {State} state
 */
function compare(root, state) {
  const { data } = state.component;
  /** @type {Preset[]} */
  const presets = data.presets;
  const table = part(root, ".compare");
  const key = JSON.stringify([presets.map(({ label }) => label), data.weights !== null, data.tasks.length]);
  if (table.dataset.key !== key) {
    table.dataset.key = key;
    part(table, "thead tr").replaceChildren(element("td"), element("th", "", data.words.yours), ...presets.map(({ label }, place) => {
      const head = element("th");
      head.append(button("load", label, () => put(root, state, state.component.data.presets[place].orders)));
      return head;
    }));
    part(table, "tbody").replaceChildren(...figures(state, state.orders).map((_, line) => {
      const row = element("tr");
      row.append(element("td", "", data.rows[line]), element("td"), ...presets.map(() => element("td")));
      return row;
    }));
  }
  [state.orders, ...presets.map(({ orders }) => orders)].forEach((orders, column) => {
    figures(state, orders).forEach((words, line) => {
      /** @type {HTMLElement} */ (table.querySelectorAll("tbody tr")[line].children[column + 1]).textContent = words;
    });
  });
}

/**
 * Return the orders and their pieces.
 * @param {State} state
 */
function picture(state) {
  const { data } = state.component;
  const [cell, row, left] = [54, 38, 150];
  const n = state.orders[0].length;
  const svg = svgNode("svg", { xmlns: "http://www.w3.org/2000/svg" });
  state.orders.forEach((order, task) => {
    svg.append(svgNode("text", { x: 0, y: 20 + task * row, "font-size": 14, "font-weight": 600, fill: LIGHT.text }, shortened(data.tasks[task], 20)));
    order.forEach((unit, place) => {
      const [x, y] = [left + place * cell, task * row];
      svg.append(
        svgNode("rect", { x, y, width: cell - 4, height: row - 6, rx: 6, fill: unit < HUES ? LIGHT[`task-${unit}`] : LIGHT.shared, "fill-opacity": 0.3 }),
        svgNode("text", { x: x + (cell - 4) / 2, y: y + 21, "font-size": 14, "font-weight": 600, "text-anchor": "middle", fill: LIGHT.text }, String(unit + 1)),
      );
    });
  });
  const pieces = grid(state.orders, 260, data.words);
  for (const node of [...pieces.querySelectorAll("[fill], [stroke]")]) {
    for (const name of ["fill", "stroke"]) {
      const found = /var\(--bw-([\w-]+)\)/.exec(node.getAttribute(name) ?? "");
      if (found) node.setAttribute(name, LIGHT[found[1]]);
    }
  }
  const x = left + n * cell + 24;
  pieces.setAttribute("x", String(x));
  svg.append(pieces);
  const lines = figures(state, state.orders).map((words, line) => `${data.rows[line]}: ${words}`);
  const floor = Math.max(state.orders.length * row, 290);
  lines.forEach((words, line) => svg.append(svgNode("text", { x: 0, y: floor + 18 * line, "font-size": 13, fill: LIGHT.text }, words)));
  const [width, height] = [x + 300, floor + 18 * lines.length + 32];
  svg.setAttribute("viewBox", `-16 -16 ${width} ${height}`);
  return written(svg, width, height);
}
