// A layout as a small picture without words, to tell trees of a row apart: a line for each group of each block, as thick
// as it has tasks, task colours at the end.

import { canvas, path, short, svgNode } from "../runtime/svg.js";
import { taskColour } from "../runtime/theme.js";
import { groupOf, placesOf } from "./tree.js";

const COLOURED_UP_TO = 12;

/**
 * Return the small drawing of a layout.
 * @param {{ layout: import("./tree.js").Layout, width?: number, height?: number }} asked
 */
export function smallTree({ layout, width = 104, height = 58 }) {
  const places = placesOf(layout);
  const lane = (height - 8) / places.length;
  const step = (width - 14) / layout.length;
  const y = (/** @type {number[]} */ group) => 4 + lane * (group.reduce((sum, task) => sum + places[task], 0) / group.length + 0.5);
  const svg = canvas(width, height, "");
  layout.forEach((groups, block) => {
    const x = 3 + step * block;
    for (const group of groups) {
      const end = y(group);
      const start = block ? y(groupOf(layout, group[0], block - 1)) : end;
      const thick = Math.max(Math.min(1.3 + 0.9 * (group.length - 1), lane * group.length * 0.8), 0.8);
      svg.append(svgNode("path", {
        d: path([[x, start], [x + step * 0.5, end], [x + step, end]]), stroke: "var(--bw-shared)",
        "stroke-width": thick.toFixed(2), fill: "none", "stroke-linejoin": "round",
      }));
    }
  });
  if (places.length <= COLOURED_UP_TO) {
    places.forEach((_, task) => svg.append(svgNode("circle", {
      cx: short(width - 6), cy: short(y([task])), r: Math.min(3.2, lane * 0.42), fill: taskColour(task),
    })));
  }
  return svg;
}
