// Heatmaps as a file: title, names in full, numbers, colour bar and legend, in the light theme.

import { arrangement, at, isUncertain, number, placeOf } from "./affinity_cells.js";
import { canvas, svgNode } from "./runtime/svg.js";
import { LIGHT } from "./runtime/theme.js";

/** @typedef {import("./affinity_cells.js").Cells} Cells */
/** @typedef {import("./affinity_cells.js").Data} Data */
/** @typedef {{ words: string[], width: number }} Signs What the marks mean, empty where there is none; and its width. */
/** @typedef {{ cell: number, left: number, letters: number, turned: boolean, named: boolean }} Panel Sizes of all panels. */

const FONT = 13, LETTER = 0.55, MARGIN = 20, GAP = 28;
const WIDEST = 1500; // of all panels side by side, before they go on below

/**
 * Return the heatmaps of some depths as a drawing of its own.
 * @param {Cells} state
 * @param {number[]} depths Counted from 0.
 */
export function affinitySheet(state, depths) {
  const { data } = state.component;
  const { words } = data;
  const n = data.tasks.length;
  const cell = depths.length === 1 ? (n <= 6 ? 76 : n <= 12 ? 50 : 34) : n <= 6 ? 46 : n <= 12 ? 34 : 16;
  const letters = cell >= 30 ? FONT : Math.min(FONT, cell - 3);
  const left = Math.max(...data.tasks.map((name) => [...name].length)) * letters * LETTER + 12;
  const turned = left - 12 > cell - 6;
  const below = turned ? (left - 12) * 0.72 + 16 : letters + 10;
  const [wide, high] = [left + n * cell, n * cell + below + 26];
  const most = Math.max(1, Math.floor((WIDEST + GAP) / (wide + GAP)));
  const rows = Math.ceil(depths.length / most);
  const columns = Math.ceil(depths.length / rows);
  const heading = MARGIN + 46;
  const signs = signsOf(data);
  const width = 2 * MARGIN + Math.max(columns * wide + (columns - 1) * GAP, 480, signs.width);
  const height = heading + rows * (high + 14) + 44 + MARGIN;
  const title = depths.length === 1 ? `${words.title} ${data.names[depths[0]].toLowerCase()}` : words.title;
  const sheet = canvas(width, height, `${title}. ${words.source}`);
  sheet.append(svgNode("title", {}, title));
  sheet.append(text(MARGIN, MARGIN + 14, title, { "font-size": 18, "font-weight": 700 }));
  sheet.append(text(MARGIN, MARGIN + 34, words.source, { fill: LIGHT.muted }));
  depths.forEach((depth, place) => {
    const x = MARGIN + (place % columns) * (wide + GAP);
    const y = heading + Math.floor(place / columns) * (high + 14);
    sheet.append(panel(state, depth, { x, y, cell, left, letters, turned, named: depths.length > 1 }));
  });
  sheet.append(legend(data, signs, height - MARGIN - 26));
  return sheet;
}

/**
 * Return one depth: cells with their numbers and marks, names of rows and columns.
 * @param {Cells} state
 * @param {number} depth
 * @param {Panel & { x: number, y: number }} place
 */
function panel(state, depth, { x, y, cell, left, letters, turned, named }) {
  const { data } = state.component;
  const { order } = arrangement(state, depth);
  const group = svgNode("g", { transform: `translate(${x} ${y})` });
  if (named) group.append(text(left, 12, data.names[depth], { "font-weight": 700 }));
  const top = 20, n = order.length;
  order.forEach((i, r) => order.forEach((j, c) => {
    const value = at(state, "normalised", depth, i, j);
    const [a, b] = [left + c * cell, top + r * cell];
    const hole = Number.isNaN(value);
    const gap = cell > 24 ? 1 : 0.4;
    group.append(svgNode("rect", {
      x: a + gap, y: b + gap, width: cell - 2 * gap, height: cell - 2 * gap, fill: hole ? LIGHT.card : shade(placeOf(data, value)), stroke: hole ? LIGHT.line : "none",
    }));
    const pen = hole || placeOf(data, value) < 0.55 ? LIGHT.text : "#FFFFFF";
    if (hole) group.append(stroke(`M${a + cell * 0.3},${b + cell * 0.3}l${cell * 0.4},${cell * 0.4}m0,${-cell * 0.4}l${-cell * 0.4},${cell * 0.4}`, LIGHT.muted));
    else if (cell >= 30) group.append(text(a + cell / 2, b + cell / 2 + 4.5, number(value), { "text-anchor": "middle", fill: pen }));
    if (!hole && isUncertain(state, depth, i, j)) {
      group.append(cell >= 30 ? stroke(`M${a + cell * 0.16},${b + cell * 0.86}H${a + cell * 0.86}`, pen, "3 2.6")
        : stroke(`M${a + cell * 0.2},${b + cell * 0.8}L${a + cell * 0.8},${b + cell * 0.2}`, pen));
    }
  }));
  order.forEach((task, place) => {
    const middle = (place + 0.5) * cell;
    group.append(text(left - 8, top + middle + letters * 0.35, data.tasks[task], { "text-anchor": "end", "font-size": letters }));
    const [a, b] = [left + middle + (turned ? letters * 0.3 : 0), top + n * cell + (turned ? 12 : letters + 4)];
    group.append(text(a, b, data.tasks[task], {
      "text-anchor": turned ? "end" : "middle", "font-size": letters, transform: turned ? `rotate(-45 ${a} ${b})` : "",
    }));
  });
  return group;
}

/**
 * @param {Data} data
 * @returns {Signs}
 */
function signsOf(data) {
  const found = [data.marked ? data.words.marked : "", data.holes ? data.words.hole : ""];
  return { words: found, width: 420 + found.join("").length * FONT * LETTER + 90 };
}

/**
 * Return the colour bar with its ends in words, and what the marks mean.
 * @param {Data} data
 * @param {Signs} signs
 * @param {number} y
 */
function legend(data, signs, y) {
  const { words } = data;
  const group = svgNode("g", { transform: `translate(${MARGIN} ${y})` });
  const steps = 40, wide = 220;
  for (let step = 0; step < steps; step += 1) {
    group.append(svgNode("rect", { x: (step * wide) / steps, y: 0, width: wide / steps + 0.3, height: 11, fill: shade(step / (steps - 1)) }));
  }
  group.append(text(0, 28, words.least), text(wide / 2, 28, `${Number(((data.colours[0] + data.colours[1]) / 2).toPrecision(6))}`, { "text-anchor": "middle" }),
    text(wide - 8, 28, words.most));
  let x = wide + 30;
  const [marked, hole] = signs.words;
  if (marked) {
    group.append(stroke(`M${x},6h22`, LIGHT.text, "3 2.6"), text(x + 28, 10.5, marked));
    x += 50 + marked.length * FONT * LETTER;
  }
  if (hole) group.append(stroke(`M${x},1l10,10m0,-10l-10,10`, LIGHT.muted), text(x + 18, 10.5, hole));
  return group;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} words
 * @param {Record<string, string | number>} [more]
 */
function text(x, y, words, more = {}) {
  return svgNode("text", { x, y, "font-size": FONT, fill: LIGHT.text, ...more }, words);
}

/**
 * @param {string} d
 * @param {string} colour
 * @param {string} [dash]
 */
function stroke(d, colour, dash = "") {
  return svgNode("path", { d, fill: "none", stroke: colour, "stroke-width": 1.6, "stroke-dasharray": dash });
}

/** @param {number} value */
function shade(value) {
  const place = Math.min(1, Math.max(0, value));
  const [low, high] = [LIGHT.low, LIGHT.high].map(hex);
  return `rgb(${low.map((part, k) => Math.round(part + place * (high[k] - part))).join(",")})`;
}

/** @param {string} words */
function hex(words) {
  return [1, 3, 5].map((from) => parseInt(words.slice(from, from + 2), 16));
}
