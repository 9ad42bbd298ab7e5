// The large heatmap: its cells, names, dendrogram and legend; names stay in sight when it is scrolled.

import { arrangement, at, colour, ink, isUncertain, number } from "./affinity_cells.js";
import { said } from "./affinity_pair.js";
import { listen, select } from "./affinity_selection.js";
import { part } from "./runtime/component.js";
import { element, svgNode } from "./runtime/svg.js";

/** @typedef {import("./affinity_cells.js").State} State */
/** @typedef {{ node: SVGGElement, rect: SVGRectElement, text: SVGTextElement | null, r: number, c: number }} Cell */
/** @typedef {ReturnType<typeof frameOf>} Frame */

/**
 * @typedef {object} Grid What is drawn of the map.
 * @property {string} [drawn] What it was drawn for.
 * @property {Frame} frame
 * @property {Cell[]} cells Row by row.
 * @property {Record<"dark" | "light" | "hole", SVGPathElement>} marks Of all cells: uncertain on dark and light, not measured.
 * @property {Record<"rows" | "columns" | "corner", SVGGraphicsElement>} frozen What stays in sight.
 * @property {SVGGElement} brackets The dendrogram.
 * @property {number} [speaking] Timer of the spoken labels.
 */

const LARGEST = 190, SMALLEST = 8;
const TALLEST = [400, 640], TALL = 0.72; // of the cells together: in pixels, and of the room's width
const NUMBERS_FROM = 30; // pixels of a cell's side
const DASHES_FROM = 20;
const BRACKETS = 58; // pixels of the dendrogram's width

/**
 * Return where the parts of the map lie.
 * @param {HTMLElement} root
 * @param {State} state
 */
function frameOf(root, state) {
  const { data } = state.component;
  const n = data.tasks.length;
  const most = n <= 12 ? 13 : 11;
  const names = data.tasks.map((name) => (name.length > 16 ? `${name.slice(0, 10)}…${name.slice(-5)}` : name));
  const longest = Math.max(...names.map((name) => name.length)) * most * 0.58;
  const room = part(root, ".scroll").clientWidth;
  const tallest = Math.min(TALLEST[1], Math.max(TALLEST[0], TALL * room));
  const left = longest + 12;
  const right = data.arrangements[0].brackets.length ? 74 : 6;
  const fit = Math.max(SMALLEST, Math.min(LARGEST, (room - left - right) / n, tallest / n));
  const cell = fit * state.zoom;
  const font = Math.min(most, Math.max(8.5, cell + 0.8));
  const turned = longest > cell - 6;
  const bottom = turned ? Math.min(longest, 110) * (cell < 22 ? 0.95 : 0.7) + 16 : 26;
  return { n, font, names, left, right, cell, turned, bottom, width: left + cell * n + right, height: cell * n + bottom + 4 };
}

/**
 * Draw the map anew where something but its values changed.
 * @param {HTMLElement} root
 * @param {State} state
 */
export function drawMap(root, state) {
  const { data } = state.component;
  const frame = frameOf(root, state);
  const signature = [state.stamp, JSON.stringify(frame), JSON.stringify(data.arrangements[0].brackets)].join();
  if (state.drawn === signature) return;
  state.drawn = signature;
  state.frame = frame;
  const { n, cell, left, width, height } = frame;
  const drawing = svgNode("svg", {
    xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "group", class: cell < 24 ? "small" : "",
    "aria-label": data.words.map, "font-family": "inherit",
  });
  const grid = svgNode("g", { role: "grid", "aria-label": data.words.grid, "aria-rowcount": n, "aria-colcount": n });
  state.cells = [];
  for (let r = 0; r < n; r += 1) {
    const row = svgNode("g", { role: "row", "aria-rowindex": r + 1 });
    for (let c = 0; c < n; c += 1) {
      const gap = cell > 24 ? 1.5 : 0.5;
      const box = { x: left + c * cell + gap, y: 2 + r * cell + gap, width: cell - 2 * gap, height: cell - 2 * gap };
      const node = svgNode("g", {
        role: "gridcell", class: r === c ? "cell own" : "cell", tabindex: -1, "aria-colindex": c + 1, "data-r": r, "data-c": c,
      });
      const rect = svgNode("rect", { ...box, rx: cell > 24 ? 3 : 1 });
      node.append(rect);
      let text = null;
      if (cell >= NUMBERS_FROM) {
        const size = cell < 36 ? 12 : cell < 60 ? 13 : cell < 120 ? 15 : 17;
        text = svgNode("text", {
          x: box.x + box.width / 2, y: box.y + box.height / 2 + size * 0.36, "text-anchor": "middle", "font-size": size,
          "pointer-events": "none",
        });
        node.append(text);
      }
      row.append(node);
      state.cells.push({ node, rect, text, r, c });
    }
    grid.append(row);
  }
  const quiet = { fill: "none", "stroke-width": 1.8, "pointer-events": "none", "aria-hidden": "true" };
  const dashes = cell >= DASHES_FROM ? "3 2.6" : "";
  state.marks = {
    dark: svgNode("path", { ...quiet, stroke: "#0F171A", "stroke-dasharray": dashes }),
    light: svgNode("path", { ...quiet, stroke: "#FFFFFF", "stroke-dasharray": dashes }),
    hole: svgNode("path", { ...quiet, "stroke-width": 1.2, stroke: "var(--bw-muted)" }),
  };
  drawing.append(grid, ...Object.values(state.marks), bracketsOf(state), ...labelsOf(state));
  const scroll = part(root, ".scroll");
  const place = [scroll.scrollLeft / scroll.scrollWidth, scroll.scrollTop / scroll.scrollHeight];
  scroll.replaceChildren(drawing);
  [scroll.scrollLeft, scroll.scrollTop] = [place[0] * scroll.scrollWidth, place[1] * scroll.scrollHeight];
  scroll.onscroll = () => freeze(root, state);
  listen(root, state, drawing);
  /** @type {HTMLButtonElement[]} */
  const [smaller, fit, larger] = [part(root, ".smaller"), part(root, ".fit"), part(root, ".larger")];
  smaller.disabled = fit.disabled = state.zoom <= 1;
  smaller.hidden = fit.hidden = larger.hidden = n <= 8;
  part(root, ".legend").replaceChildren(...legend(state));
  freeze(root, state);
  fillMap(state);
}

/**
 * Return the names beside rows and below columns: on a ground of their own, so that cells slide away under them.
 * @param {State} state
 */
function labelsOf(state) {
  const { n, font, left, cell, bottom, turned } = state.frame;
  const ground = { fill: "var(--bw-card)" };
  const rows = svgNode("g", { "aria-hidden": "true" });
  rows.append(svgNode("rect", { x: 0, y: 0, width: left - 2, height: cell * n + 3, ...ground }));
  const columns = svgNode("g", { "aria-hidden": "true" });
  columns.append(svgNode("rect", { x: 0, y: cell * n + 3, width: left + cell * n + 2, height: bottom + 2, ...ground }));
  for (let place = 0; place < n; place += 1) {
    const middle = place * cell + cell / 2;
    rows.append(svgNode("text", {
      x: left - 8, y: 2 + middle + font * 0.36, "text-anchor": "end", "font-size": font, fill: "var(--bw-text)",
    }, " "));
    const x = left + middle + (turned ? font * 0.3 : 0), y = cell * n + (turned ? 14 : 19);
    columns.append(svgNode("text", {
      x, y, "text-anchor": turned ? "end" : "middle", "font-size": font, fill: "var(--bw-text)",
      transform: turned ? `rotate(${cell < 22 ? -90 : -50} ${x} ${y})` : "",
    }, " "));
  }
  const corner = svgNode("rect", { x: 0, y: cell * n + 3, width: left - 2, height: bottom + 2, ...ground });
  state.frozen = { rows, columns, corner };
  return [columns, rows, corner];
}

/**
 * Keep the names in sight.
 * @param {HTMLElement} root
 * @param {State} state
 */
function freeze(root, state) {
  const scroll = part(root, ".scroll");
  const right = scroll.scrollLeft;
  const down = Math.min(0, scroll.scrollTop + scroll.clientHeight - state.frame.height);
  state.frozen.rows.setAttribute("transform", `translate(${right} 0)`);
  state.frozen.columns.setAttribute("transform", `translate(0 ${down})`);
  // Slanted names reach under the row names; only names that slide have to disappear there.
  state.frozen.corner.setAttribute("visibility", right > 0 ? "visible" : "hidden");
  state.frozen.corner.setAttribute("transform", `translate(${right} ${down})`);
}

/**
 * Return the dendrogram: at the right of the rows; how far out two branches join is how unlike they are.
 * @param {State} state
 */
function bracketsOf(state) {
  state.brackets = svgNode("g", {
    class: "brackets", "aria-hidden": "true", fill: "none", stroke: "var(--bw-muted)", "stroke-width": 1.4,
  });
  return state.brackets;
}

/**
 * Draw the brackets of the depth that is shown.
 * @param {State} state
 */
function fillBrackets(state) {
  const { n, cell, left } = state.frame;
  const { data } = state.component;
  const [x, reach] = [left + n * cell + 6, BRACKETS];
  const all = data.arrangements.flatMap((each) => each.brackets.map((bracket) => bracket.height));
  const largest = Math.max(...all, 1e-9);
  const out = (/** @type {number} */ height) => x + (height / largest) * reach;
  const y = (/** @type {number} */ place) => 2 + (place + 0.5) * cell;
  const nodes = arrangement(state, state.depth).brackets.map(({ places, below, height }) => {
    const path = svgNode("path", {
      d: `M${out(below[0])},${y(places[0])}H${out(height)}V${y(places[1])}H${out(below[1])}`,
    });
    path.append(svgNode("title", {}, `${data.words.joined} ${number(height)}`));
    return path;
  });
  const scale = svgNode("text", {
    x: x + reach + 9, y: n * cell + 18, "text-anchor": "end", "font-size": 11, fill: "var(--bw-muted)", stroke: "none",
  }, `${data.words.unlike} ${number(largest)}`);
  state.brackets.replaceChildren(...nodes, scale);
}

/**
 * Show values, numbers and marks of a depth.
 * @param {State} state
 */
export function fillMap(state) {
  const { data } = state.component;
  const { depth } = state;
  const { order } = arrangement(state, depth);
  const { cell, left, n, names } = state.frame;
  const marks = { dark: "", light: "", hole: "" };
  for (const { rect, text, r, c } of state.cells) {
    const [i, j] = [order[r], order[c]];
    const value = at(state, "normalised", depth, i, j);
    const hole = Number.isNaN(value);
    const [x, y] = [left + c * cell, 2 + r * cell];
    rect.setAttribute("fill", hole ? "var(--bw-card)" : colour(state, value));
    rect.setAttribute("stroke", hole ? "var(--bw-line)" : "none");
    const dark = !hole && ink(state, value) !== "#FFFFFF";
    if (text) {
      text.textContent = hole ? "" : number(value);
      text.setAttribute("fill", dark ? "#0F171A" : "#FFFFFF");
    }
    if (hole) {
      const reach = Math.min(9, cell * 0.25);
      const [a, b] = [x + cell / 2, y + cell / 2];
      marks.hole += `M${a - reach},${b - reach}L${a + reach},${b + reach}M${a - reach},${b + reach}L${a + reach},${b - reach}`;
    } else if (isUncertain(state, depth, i, j)) {
      marks[dark ? "dark" : "light"] += cell >= DASHES_FROM
        ? `M${x + cell * 0.16},${y + cell * 0.86}H${x + cell * 0.86}`
        : `M${x + cell * 0.2},${y + cell * 0.8}L${x + cell * 0.8},${y + cell * 0.2}`;
    }
  }
  for (const name of /** @type {const} */ (["dark", "light", "hole"])) state.marks[name].setAttribute("d", marks[name]);
  const [rows, columns] = [state.frozen.rows, state.frozen.columns].map((group) => group.querySelectorAll("text"));
  order.forEach((task, place) => { rows[place].textContent = columns[place].textContent = names[task]; });
  if (data.arrangements[0].brackets.length) fillBrackets(state);
  select(state);
  clearTimeout(state.speaking);
  // Thousands of spoken labels can wait until the depth rests.
  state.speaking = setTimeout(() => speak(state), n <= 12 ? 0 : 400);
}

/** @param {State} state */
function speak(state) {
  const { order } = arrangement(state, state.depth);
  for (const { node, r, c } of state.cells) node.setAttribute("aria-label", said(state, order[r], order[c]).join(", "));
}

/** @param {State} state */
function legend(state) {
  const { data } = state.component;
  const ramp = element("span");
  ramp.append(data.words.least, element("i"), data.words.most);
  const parts = [ramp];
  const dashed = state.frame.cell >= DASHES_FROM;
  if (data.marked) parts.push(sign(dashed ? "M2 8H22" : "M7 13L17 3", dashed ? "3 2.6" : "", data.words.marked));
  if (data.holes) parts.push(sign("M6 3L18 13M18 3L6 13", "", data.words.hole));
  return parts;
}

/**
 * @param {string} d
 * @param {string} dash
 * @param {string} words
 */
function sign(d, dash, words) {
  const part = element("span");
  const drawing = svgNode("svg", { width: 24, height: 16, "aria-hidden": "true" });
  drawing.append(svgNode("path", { d, stroke: "var(--bw-text)", "stroke-width": 1.8, fill: "none", "stroke-dasharray": dash }));
  part.append(drawing, words);
  return part;
}
