// Δ of each task as a bar with its interval around zero.

import { canvas, path, short, shortened, svgNode } from "../runtime/svg.js";
import { taskColour } from "../runtime/theme.js";

/**
 * @typedef {object} Bars
 * @property {string[]} tasks Names in index order.
 * @property {number[]} values Δ of each task, percent.
 * @property {number[] | null} low Lower end of each interval; null where there is none.
 * @property {number[] | null} high Upper end of each interval.
 * @property {string[]} written Δ of each task as it is read.
 * @property {[number, number]} domain Smallest and largest Δ, shared by drawings that are compared.
 * @property {string} label Spoken description.
 * @property {number[] | null} [trained] Δ after training, drawn as a diamond.
 * @property {number} [width] Of the drawing, in its own units.
 */

/**
 * Return one bar per task.
 * @param {Bars} asked
 */
export function bars({ tasks, values, low, high, written, domain, label, trained = null, width = 400 }) {
  const n = tasks.length;
  const row = n <= 4 ? 32 : n <= 8 ? 26 : 17;
  const size = n <= 8 ? 13 : 12;
  const left = 14 + Math.min(18, Math.max(...tasks.map((name) => [...name].length))) * size * 0.58;
  // The numbers are bold, and beside the longest interval there is room for a diamond.
  const right = width - 10 - Math.max(...written.map((number) => [...number].length)) * size * 0.6;
  const [first, last] = [Math.min(domain[0], 0), Math.max(domain[1], 0)];
  const x = (/** @type {number} */ value) =>
    left + ((Math.min(Math.max(value, first), last) - first) / Math.max(last - first, 1e-9)) * (right - left);
  const svg = canvas(width, row * n + 6, label);
  const add = (/** @type {string} */ name, /** @type {Record<string, any>} */ attributes, words = "") => svg.append(svgNode(name, attributes, words));
  add("line", { x1: short(x(0)), x2: short(x(0)), y1: 2, y2: short(row * n + 2), stroke: "var(--bw-muted)" });
  tasks.forEach((name, task) => {
    const y = row * task + row / 2 + 2;
    const value = values[task];
    const base = short(y + size * 0.36);
    const ink = { fill: "var(--bw-text)", "font-size": size, y: base };
    add("text", { ...ink, x: 2 }, shortened(name, 18));
    add("rect", {
      x: short(Math.min(x(0), x(value))), y: short(y - row * 0.28), width: short(Math.max(Math.abs(x(value) - x(0)), 0.8)),
      height: short(row * 0.56), rx: 2, fill: taskColour(task),
    });
    if (low && high) add("line", { x1: short(x(low[task])), x2: short(x(high[task])), y1: short(y), y2: short(y), stroke: "var(--bw-text)", "stroke-width": 1.4 });
    if (trained) {
      const at = x(trained[task]);
      const d = `${path([[at, y - 6], [at + 5, y], [at, y + 6], [at - 5, y]])}Z`;
      add("path", { d, fill: "var(--bw-card)", stroke: "var(--bw-text)", "stroke-width": 1.4 });
    }
    add("text", { ...ink, x: short(width - 2), "text-anchor": "end", "font-weight": 600 }, written[task]);
  });
  return svg;
}
