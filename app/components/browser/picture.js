// A drawing that only stands there: one of ours by name, or an SVG that Python made.

import { bars } from "./drawings/bars.js";
import { smallTree } from "./drawings/small_tree.js";
import { tree } from "./drawings/tree.js";
import { entryPoint } from "./runtime/component.js";

/** @type {Record<string, (asked: any) => Node>} */
const DRAWINGS = { tree, bars, small_tree: smallTree };

/**
 * @param {import("./runtime/component.js").Component} component
 * @param {HTMLElement} root
 * @param {any} state
 */
function render({ data }, root, state) {
  const asked = data.svg ?? JSON.stringify(data);
  if (state.shown === asked) return;
  state.shown = asked;
  // The text of an SVG is made by Python's own functions, which escape every name.
  if (data.svg) root.innerHTML = data.svg;
  else root.replaceChildren(DRAWINGS[data.drawing](data.asked));
}

export default entryPoint({ render });
