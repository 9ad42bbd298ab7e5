// The cut follows the pointer here, in the browser; Python hears of it on release only.
// Python writes every number and sentence, for each cut; this file draws and chooses.

import { adopt, entryPoint, part, REST, tell } from "./runtime/component.js";
import { offerPictures, resolved, written } from "./runtime/downloads.js";
import { drawingScale } from "./runtime/presenting.js";
import { unpackedJson } from "./runtime/packed.js";
import { followPointer, keyed } from "./runtime/slider.js";
import { element, svgNode } from "./runtime/svg.js";
import { LIGHT } from "./runtime/theme.js";

const TOLD = ["cut"];
const BAR = 30;
const STEP = 54; // from one strip to the next
const TOP = 36; // room for the grip

export default entryPoint({ name: "storage_cut", follow: TOLD, unpack, render, resized: (root, state) => { if (state.ready) draw(root, state); } });

/** @typedef {import("./runtime/component.js").Component} Component */
/** @typedef {{ name: string, sizes: number[], written: string[] }} Strip One row of the drawing, as Python sends it. */
/** @typedef {{ size: SVGElement, share: SVGElement, blocks: SVGElement[], own: SVGElement }} Part What changes on a strip. */
/** @typedef {{ left: number, right: number, width: number, height: number }} Scale */

/**
 * @typedef {object} Entry What is said about one cut, as Python sends it.
 * @property {number} cut
 * @property {string} where
 * @property {string} sentence
 * @property {[string, string, string][]} tiles Label, value and note.
 * @property {[string, string][]} strips Share and size of the trunk.
 */

/**
 * @typedef {object} State
 * @property {string} packed
 * @property {Map<number, Entry>} entries
 * @property {Entry} entry The one that is shown.
 * @property {number} cut
 * @property {number[][]} sums Of each strip: where its blocks begin, in its unit.
 * @property {number} width
 * @property {Scale} scale
 * @property {Part[]} parts
 * @property {SVGElement} line
 * @property {boolean} ready
 * @property {Component} component
 */

/**
 * Words for every cut.
 * @param {any} data
 * @param {State} state
 */
async function unpack(data, state) {
  if (state.packed === data.packed) return;
  const entries = await unpackedJson(data.packed);
  state.entries = new Map(entries.map((/** @type {Entry} */ entry) => [entry.cut, entry]));
  state.packed = data.packed;
}

/**
 * @param {Component} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(component, root, state) {
  const { data } = component;
  const { words } = data;
  const find = (/** @type {string} */ selector) => part(root, selector);
  state.component = component;
  state.sums = data.strips.map(sumsOf);
  adopt(state, "cut", data.cut);
  find(".trunk-word").textContent = words.trunk;
  find(".branch-word").textContent = words.branch;
  find(".caption .grow").textContent = words.use;
  listenToGrip(root, state);
  offerPictures(root, () => picture(root, state), () => data.filename);
  state.ready = true;
  draw(root, state);
}

/** @param {Strip} strip */
function sumsOf({ sizes }) {
  const sums = [0];
  for (const size of sizes) sums.push(sums[sums.length - 1] + size);
  return sums;
}

/**
 * Draw all anew, as wide as there is room; text keeps its size.
 * @param {HTMLElement} root
 * @param {State} state
 */
function draw(root, state) {
  state.width = root.clientWidth;
  drawStrips(root, state);
  follow(root, state);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function drawStrips(root, state) {
  const { data } = state.component;
  const place = part(root, ".drawing");
  const width = Math.max(240, place.clientWidth);
  const left = width > 560 ? 176 : 140; // name and share stand side by side
  state.scale = { left, right: width - 4, width, height: TOP + STEP * (data.strips.length - 1) + BAR + 20 };
  const svg = svgNode("svg", { width, height: state.scale.height, viewBox: `0 0 ${width} ${state.scale.height}`, role: "img" });
  const hatch = svgNode("pattern", { id: "own", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  hatch.append(svgNode("line", { x1: 0, x2: 0, y1: 0, y2: 6, stroke: "var(--bw-muted)", "stroke-width": 1.6 }));
  svg.append(hatch);
  state.parts = data.strips.map((/** @type {Strip} */ strip, /** @type {number} */ row) => drawStrip(svg, state, strip, row));
  state.line = svgNode("path", { fill: "none", stroke: "var(--bw-text)", "stroke-width": 2.2, "stroke-linejoin": "round" });
  const floor = state.scale.height - 4;
  svg.append(state.line, svgNode("text", { x: left, y: floor, "font-size": 12, fill: "var(--bw-muted)" }, data.words.input),
    svgNode("text", { x: width - 4, y: floor, "font-size": 12, fill: "var(--bw-muted)", "text-anchor": "end" }, data.words.heads));
  place.replaceChildren(svg);
  place.onpointerdown = (event) => dragCut(event, root, state);
}

/**
 * @param {SVGElement} svg
 * @param {State} state
 * @param {Strip} strip
 * @param {number} row
 * @returns {Part}
 */
function drawStrip(svg, state, strip, row) {
  const { data } = state.component;
  const y = TOP + row * STEP;
  svg.append(svgNode("text", { x: 0, y: y + 12, "font-size": 13.5, "font-weight": 600, fill: "var(--bw-text)" }, strip.name));
  const size = svgNode("text", { x: 0, y: y + 28, "font-size": 12.5, fill: "var(--bw-muted)" });
  const share = svgNode("text", { x: state.scale.left - 12, y: y + 12, "font-size": 13.5, "font-weight": 700, "text-anchor": "end", fill: "var(--bw-text)" });
  svg.append(size, share);
  const blocks = strip.sizes.map((_, i) => {
    const [from, to] = [edge(state, row, i), edge(state, row, i + 1)];
    const block = svgNode("rect", { x: from, y, width: Math.max(0, to - from), height: BAR, "stroke-width": to - from > 3 ? 1 : 0 });
    block.append(svgNode("title", {}, `${data.words.block} ${i + 1}, ${data.blocks[i]}: ${strip.written[i]}`));
    svg.append(block);
    return block;
  });
  const own = svgNode("rect", { y, height: BAR, fill: "url(#own)", opacity: 0.55, "pointer-events": "none" });
  svg.append(own, svgNode("rect", { x: state.scale.left, y, width: state.scale.right - state.scale.left, height: BAR, fill: "none", stroke: "var(--bw-muted)", "pointer-events": "none" }));
  return { size, share, blocks, own };
}

/**
 * Return where a block begins on a strip.
 * @param {State} state
 * @param {number} row
 * @param {number} block
 */
function edge(state, row, block) {
  const sums = state.sums[row];
  const whole = sums[sums.length - 1] || 1;
  return state.scale.left + (sums[block] / whole) * (state.scale.right - state.scale.left);
}

/**
 * Show everything that changes with the cut; nothing is made anew, so the focus stays.
 * @param {HTMLElement} root
 * @param {State} state
 */
function follow(root, state) {
  const { data } = state.component;
  const find = (/** @type {string} */ selector) => part(root, selector);
  const entry = state.entries.get(state.cut) || state.entry;
  state.entry = entry;
  find(".where").textContent = entry.where;
  find(".sentence").textContent = entry.sentence.replaceAll(" %", "\u00a0%");
  /** @type {[number, number][]} */
  const points = [];
  state.parts.forEach(({ blocks, own, share, size }, row) => {
    const x = edge(state, row, state.cut);
    const y = TOP + row * STEP;
    points.push([x, y - 5], [x, y + BAR + 5]);
    blocks.forEach((block, i) => block.setAttribute("class", i < state.cut ? "block shared" : "block own"));
    own.setAttribute("x", String(x));
    own.setAttribute("width", String(Math.max(0, state.scale.right - x)));
    [share.textContent, size.textContent] = entry.strips[row];
  });
  state.line.setAttribute("d", `M${points.map((point) => point.join(",")).join("L")}`);
  find(".drawing svg").setAttribute("aria-label", `${entry.where}. ` + data.strips.map((/** @type {Strip} */ strip, /** @type {number} */ row) =>
    `${strip.name}: ${entry.strips[row].join(", ")}`).join("; "));
  const grip = find(".grip");
  grip.textContent = `◂ ${data.words.after} ${state.cut} ▸`;
  const half = grip.offsetWidth / 2;
  grip.style.left = `${Math.min(Math.max(points[0][0], half), state.scale.width - half)}px`;
  grip.setAttribute("aria-valuenow", String(state.cut));
  grip.setAttribute("aria-valuetext", `${entry.where}. ${entry.sentence}`);
  find(".tiles").replaceChildren(...entry.tiles.map(([label, value, note]) => {
    const tile = element("div", "tile");
    tile.append(element("div", "label", label), element("div", "value", value), element("div", "note", note));
    return tile;
  }));
}

/**
 * @param {PointerEvent} event
 * @param {HTMLElement} root
 * @param {State} state
 */
function dragCut(event, root, state) {
  if (event.button) return;
  const box = part(root, ".drawing").getBoundingClientRect();
  const lowest = state.parts.length - 1;
  // The strip that was taken hold of; where blocks are thin on one, another has room for them.
  const row = Math.min(lowest, Math.max(0, Math.floor(((event.clientY - box.top) / drawingScale() - TOP + (STEP - BAR) / 2) / STEP)));
  const move = (/** @type {PointerEvent} */ e) => {
    const x = (e.clientX - box.left) / drawingScale();
    let best = 0;
    state.sums[row].forEach((_, i) => {
      if (Math.abs(edge(state, row, i) - x) < Math.abs(edge(state, row, best) - x)) best = i;
    });
    if (best === state.cut) return;
    state.cut = best;
    follow(root, state);
  };
  followPointer(event, part(root, ".grip"), move, () => tell(state, TOLD));
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function listenToGrip(root, state) {
  const { data } = state.component;
  const grip = part(root, ".grip");
  grip.setAttribute("aria-label", data.words.cut);
  grip.setAttribute("aria-valuemin", "0");
  grip.setAttribute("aria-valuemax", String(data.blocks.length));
  grip.onpointerdown = (event) => dragCut(event, root, state);
  grip.onkeydown = (event) => {
    const next = keyed(event, state.cut, { low: 0, high: data.blocks.length });
    if (next === null) return;
    state.cut = next;
    follow(root, state);
    tell(state, TOLD, REST);
  };
}

/**
 * Return the drawing below the words that stand above it on the page.
 * @param {HTMLElement} root
 * @param {State} state
 */
function picture(root, state) {
  const copy = resolved(root.querySelector(".drawing svg"));
  copy.append(svgNode("text", { x: 0, y: -8, "font-size": 15, "font-weight": 700, fill: LIGHT.text }, state.entry.where));
  const { words } = state.component.data;
  const key = svgNode("g", { transform: `translate(${state.scale.left} ${state.scale.height + 8})` });
  key.append(svgNode("rect", { width: 18, height: 11, rx: 2, fill: LIGHT.primary }),
    svgNode("text", { x: 26, y: 10, "font-size": 13, fill: LIGHT.text }, words.trunk),
    svgNode("rect", { x: 190, width: 18, height: 11, rx: 2, fill: "url(#own)", stroke: LIGHT.muted }),
    svgNode("text", { x: 216, y: 10, "font-size": 13, fill: LIGHT.text }, words.branch));
  copy.append(key);
  const [wide, tall] = [state.scale.width + 32, state.scale.height + 70];
  copy.setAttribute("viewBox", `-16 -32 ${wide} ${tall}`);
  return written(copy, wide, tall);
}
