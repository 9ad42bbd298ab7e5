// A drawing that only stands there: one of ours by name, or an SVG that Python made.

import { bars } from "./drawings/bars.js";
import { smallTree } from "./drawings/small_tree.js";
import { tree } from "./drawings/tree.js";
import { entryPoint } from "./runtime/component.js";
import { offerPictures, resolved, written } from "./runtime/downloads.js";
import { svgNode, wrapped } from "./runtime/svg.js";
import { fittingDrawing, keepTextSize, widthOf } from "./runtime/text_size.js";

/** @type {Record<string, (asked: any) => Node>} */
const DRAWINGS = { tree, bars, small_tree: smallTree };

/**
 * @param {import("./runtime/component.js").Component} component
 * @param {HTMLElement} root
 * @param {any} state
 */
function render({ data }, root, state) {
  const files = /** @type {HTMLElement} */ (root.querySelector(".files"));
  files.hidden = !data.filename;
  if (data.filename) {
    offerPictures(root, () => withWords(root.querySelector(".drawing svg"), data.caption), () => data.filename);
  }
  const asked = JSON.stringify(data);
  if (state.shown === asked) return;
  state.shown = asked;
  state.draw = () => draw(root, data);
  state.draw();
}

/**
 * A drawing by name is made as wide as it stands; of those by Python the one that fits is stretched, its text is not.
 * @param {HTMLElement} root
 * @param {any} data
 */
function draw(root, data) {
  // The text of an SVG is made by Python's own functions, which escape every name.
  const place = /** @type {HTMLElement} */ (root.querySelector(".drawing"));
  if (data.svgs) {
    place.innerHTML = fittingDrawing(data.svgs, place);
    keepTextSize(place.firstElementChild);
  } else {
    const width = data.drawing === "small_tree" ? data.asked.width : widthOf(place);
    place.replaceChildren(DRAWINGS[data.drawing]({ ...data.asked, width }));
  }
}

/**
 * Return the drawing with its words below, as a file holds it.
 * @param {any} svg
 * @param {string} words
 */
function withWords(svg, words) {
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const lines = wrapped(words, Math.floor(width / 7));
  const nodes = lines.map((line, i) =>
    svgNode("text", { x: 0, y: height + 22 + 19 * i, "font-size": 13.5, fill: "var(--bw-text)" }, line));
  svg.append(...nodes);
  const copy = resolved(svg);
  nodes.forEach((node) => node.remove());
  const [wide, tall] = [width + 24, height + 24 + (lines.length ? 20 + 19 * lines.length : 0)];
  copy.setAttribute("viewBox", `-12 -12 ${wide} ${tall}`);
  return written(copy, wide, tall);
}

export default entryPoint({ name: "picture", render, resized: (_root, state) => state.draw?.() });
