// Which cell of the map is pointed at, focused and open: by pointer and by keys.

import { arrangement } from "./affinity_cells.js";
import { drawPair, said } from "./affinity_pair.js";
import { part, tell } from "./runtime/component.js";
import { element } from "./runtime/svg.js";

/** @typedef {import("./affinity_cells.js").State} State */
/** @typedef {SVGGElement} Cell The node of a cell. */

/** @type {Record<string, number>} */
const DEPTH_STEPS = { PageUp: -1, PageDown: 1 };
/** @type {Record<string, [number, number]>} Rows and columns; Infinity is the end. */
const CELL_STEPS = {
  ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -Infinity], End: [0, Infinity],
};

/**
 * Mark the cells of the open pair, and the one that Tab reaches.
 * @param {State} state
 */
export function select(state) {
  const { order } = arrangement(state, state.depth);
  const [i, j] = state.pair;
  for (const { node, r, c } of state.cells) {
    const [a, b] = [order[r], order[c]];
    node.setAttribute("aria-selected", String((a === i && b === j) || (a === j && b === i)));
    node.tabIndex = a === state.focus[0] && b === state.focus[1] ? 0 : -1;
  }
}

/**
 * Follow pointer and keys.
 * @param {HTMLElement} root
 * @param {State} state
 * @param {SVGSVGElement} drawing
 */
export function listen(root, state, drawing) {
  const tip = part(root, ".tip");
  /** @returns {Cell | null} */
  const cellAt = (/** @type {Event} */ event) => /** @type {Element} */ (event.target).closest(".cell");
  /** @returns {[number, number]} */
  const tasksOf = (/** @type {Cell} */ node) => {
    const { order } = arrangement(state, state.depth);
    return [order[Number(node.dataset.r)], order[Number(node.dataset.c)]];
  };
  const showTip = (/** @type {Cell} */ node) => {
    const lines = said(state, ...tasksOf(node));
    tip.replaceChildren(...lines.map((line, k) => element(k ? "div" : "b", "", line)));
    tip.hidden = false;
    const [box, whole] = [node.getBoundingClientRect(), root.getBoundingClientRect()];
    const x = box.right - whole.left + 8;
    tip.style.left = `${x + tip.offsetWidth > whole.width ? Math.max(0, box.left - whole.left - tip.offsetWidth - 8) : x}px`;
    tip.style.top = `${box.top - whole.top + box.height / 2 - 12}px`;
  };
  const hide = () => { tip.hidden = true; };
  const open = (/** @type {Cell} */ node) => {
    const [i, j] = tasksOf(node);
    state.focus = [i, j];
    if (i !== j) state.pair = [Math.min(i, j), Math.max(i, j)];
    select(state);
    drawPair(root, state);
    if (i !== j) tell(state, ["depth", "pair"]);
  };
  drawing.onpointermove = (event) => {
    const node = cellAt(event);
    if (node) showTip(node);
    else hide();
  };
  drawing.onpointerleave = hide;
  drawing.onclick = (event) => {
    const node = cellAt(event);
    if (node) open(node);
  };
  drawing.addEventListener("focusin", (event) => {
    const node = cellAt(event);
    if (node?.matches(":focus-visible")) showTip(node);
  });
  drawing.addEventListener("focusout", hide);
  drawing.onkeydown = (event) => {
    const node = cellAt(event);
    if (!node) return;
    const { n } = state.frame;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(node);
      return;
    }
    if (event.key === "Escape") hide();
    const depthBy = DEPTH_STEPS[event.key];
    const by = depthBy ? [0, 0] : CELL_STEPS[event.key];
    if (!by) return;
    event.preventDefault();
    if (depthBy) part(root, depthBy < 0 ? ".shallower" : ".deeper").click();
    const [r, c] = [node.dataset.r, node.dataset.c].map((place, k) => Math.min(n - 1, Math.max(0, Number(place) + by[k])));
    const target = state.cells[r * n + c].node;
    state.focus = tasksOf(target);
    select(state);
    target.setAttribute("aria-label", said(state, ...state.focus).join(", "));
    target.focus();
    showTip(target);
  };
}
