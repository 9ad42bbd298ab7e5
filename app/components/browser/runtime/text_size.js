// Text of a drawing has the same size on the screen however wide the drawing stands: its units grow and shrink instead.

import { drawingScale, leastText } from "./presenting.js";

const MOST = 1.25; // in a narrower drawing larger letters would run into each other
const LEGEND_MOST = 1.15; // the legend breaks into rows that fit at this size
const LEGEND_SIZE = 12; // units of its text
const [ROW, APART] = [19, 14]; // units between the rows and the entries of a legend
const SHRINKS = 1.08; // a drawing whose letters stay as they are drawn
const PRESENTED_MOST = 1.4; // while somebody presents, text may come closer together

/**
 * Give the text of a drawing, and its legend as a whole, the size in pixels that they have in units.
 * @param {any} svg A drawing that stands on the page.
 */
export function keepTextSize(svg) {
  const [, , units] = (svg.getAttribute("viewBox") ?? "").split(" ").map(Number);
  const pixels = svg.getBoundingClientRect().width;
  if (!pixels || !units) return;
  const least = leastText();
  const times = (/** @type {number} */ size, /** @type {number} */ most) =>
    Math.min(least ? PRESENTED_MOST : most, (Math.max(size, least) / size) * (units / pixels));
  for (const node of svg.querySelectorAll("text")) {
    if (node.closest(".legend")) continue;
    if (!node.hasAttribute("data-size")) node.setAttribute("data-size", node.getAttribute("font-size"));
    const size = Number(node.getAttribute("data-size"));
    node.setAttribute("font-size", String(Math.round(1000 * times(size, MOST) * size) / 1000));
  }
  let below = 0; // how far the enlarged legend reaches beyond the drawing, in its units
  for (const legend of svg.querySelectorAll(".legend")) {
    const [x, y] = [Number(legend.getAttribute("data-x")), Number(legend.getAttribute("data-y"))];
    for (const entry of legend.querySelectorAll(".entry")) entry.removeAttribute("transform");
    const own = legend.getBBox();
    if (least) inRows(legend, x, (units - x) / times(LEGEND_SIZE, LEGEND_MOST));
    const box = legend.getBBox();
    // It stays within the drawing, whatever size it should have.
    const room = (units - x) / Math.max(1, box.x + box.width - x);
    const scale = Math.min(times(LEGEND_SIZE, LEGEND_MOST), Math.max(1, room));
    legend.setAttribute("transform", `translate(${x} ${y}) scale(${scale}) translate(-${x} -${y})`);
    below = Math.max(below, scale * box.height - own.height);
  }
  svg.style.marginBottom = below ? `${Math.ceil((below * pixels) / units)}px` : "";
}

/**
 * Put the entries of a legend into rows that fit: while somebody presents they are larger than they are drawn for.
 * @param {any} legend
 * @param {number} left Where rows begin.
 * @param {number} room For a row.
 */
function inRows(legend, left, room) {
  let [x, row] = [left, 0];
  /** @type {number | undefined} */
  let first;
  for (const entry of legend.querySelectorAll(".entry")) {
    const box = entry.getBBox();
    first ??= Number(entry.querySelector("text").getAttribute("y"));
    if (x > left && x + box.width > left + room) [x, row] = [left, row + 1];
    const down = first + ROW * row - Number(entry.querySelector("text").getAttribute("y"));
    entry.setAttribute("transform", `translate(${x - Number(entry.getAttribute("data-x"))} ${down})`);
    x += box.width + APART;
  }
}

/**
 * Undo that in a copy of a drawing, as a file holds it.
 * @param {any} svg
 */
export function ownTextSize(svg) {
  for (const node of svg.querySelectorAll("[data-size]")) {
    node.setAttribute("font-size", node.getAttribute("data-size"));
    node.removeAttribute("data-size");
  }
  for (const legend of svg.querySelectorAll(".legend")) legend.removeAttribute("transform");
  for (const entry of svg.querySelectorAll(".entry")) entry.removeAttribute("transform");
  svg.style.marginBottom = "";
}

/**
 * Return the one of some drawings that fits a place best; their text keeps its size.
 * @param {string[]} svgs Of rising width, as Python made them.
 * @param {any} place Where it will stand.
 */
export function fittingDrawing(svgs, place) {
  return svgs[fitting(svgs.map(unitsOf), widthOf(place))];
}

/** @param {string} svg */
function unitsOf(svg) {
  return Number((/viewBox="0 0 ([\d.]+) /.exec(svg) ?? ["", "0"])[1]);
}

/**
 * Return which of some widths, rising, is shown in a room: the widest that needs to shrink by a few percent at most.
 * @param {number[]} widths
 * @param {number} room Pixels.
 */
export function fitting(widths, room) {
  return Math.max(0, widths.filter((width) => width <= room * SHRINKS).length - 1);
}

/**
 * Return which of some widths, rising, is shown in a room whose drawing may shrink as far as its letters may grow.
 * @param {number[]} widths
 * @param {any} place Where it will stand.
 */
export function stretched(widths, place) {
  return fitting(widths, (place.clientWidth * MOST) / SHRINKS);
}

/**
 * Return the width that a drawing has on the page, for those that are drawn as wide as they stand.
 * @param {any} place Where it will stand.
 * @param {number} least In pixels; also where the place is not on the screen yet.
 */
export function widthOf(place, least = 240) {
  return Math.max(least, Math.floor(place.clientWidth / drawingScale()));
}
