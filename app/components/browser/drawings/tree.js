// A layout drawn as a tree: width by cost, colour by task. `order` and `places` serve the small tree too.

import { canvas, path, short, shortened, svgNode } from "../runtime/svg.js";
import { taskColour, taskDash } from "../runtime/theme.js";

const STRIPES_UP_TO = 8; // thinner stripes can't be told apart

/**
 * @typedef {number[][][]} Layout Groups of task indices on each block, from the input.
 *
 * @typedef {object} TreeDrawing
 * @property {Layout} layout
 * @property {string[]} tasks Names in index order.
 * @property {number[]} costs Cost of one copy of each block; decides the widths.
 * @property {string} label Spoken description.
 * @property {number} [width] Of the drawing, in its own units.
 * @property {number} [lane] Height of one task's lane; chosen by the number of tasks when left out.
 * @property {number[]} [marked] Blocks to underline.
 * @property {boolean} [selectable] Make every copy of a block a button with `data-block` and `data-group`.
 * @property {number[]} [hues] Which colour each task has, where these tasks are only some of a study's.
 */

/**
 * Return the place of each task from top to bottom, such that the branches of a tree never cross.
 * @param {Layout} layout
 * @returns {number[]} `[n_tasks]`
 */
export function placesOf(layout) {
  const tasks = layout[0].flat();
  const firsts = layout.map((groups) => {
    /** @type {number[]} */
    const first = [];
    for (const group of groups) for (const task of group) first[task] = group[0];
    return first;
  });
  const order = tasks.toSorted((a, b) => {
    const differs = firsts.find((first) => first[a] !== first[b]);
    return differs ? differs[a] - differs[b] : a - b;
  });
  /** @type {number[]} */
  const places = [];
  order.forEach((task, place) => { places[task] = place; });
  return places;
}

/**
 * Return the group of a task on a block.
 * @param {Layout} layout
 * @param {number} task
 * @param {number} block
 * @returns {number[]}
 */
export function groupOf(layout, task, block) {
  return layout[block].find((group) => group.includes(task)) ?? [task];
}

/**
 * Return the drawing of a layout.
 * @param {TreeDrawing} asked
 */
export function tree(asked) {
  const frame = frameOf(asked);
  const svg = canvas(frame.width, frame.height, asked.label, asked.selectable ? "group" : "img");
  asked.layout.forEach((groups, block) => {
    for (const group of groups) svg.append(copyOf(frame, block, group));
  });
  svg.append(...leaves(frame), ...axis(frame));
  return svg;
}

const LEAST_LANE = 13; // a name needs as much
const TOP = 8;
export const AROUND_LANES = TOP + 30; // height of a tree without its lanes: the numbers of blocks stand below

/**
 * Return the height of one task's lane, for a tree that may be as high as it likes.
 * @param {number} tasks
 */
function laneFor(tasks) {
  if (tasks <= 4) return 58;
  return tasks <= 6 ? 34 : Math.max(LEAST_LANE, 240 / tasks);
}

/**
 * Return the height of one task's lane in a tree of about a given height.
 * @param {number} tasks
 * @param {number} height Of all lanes.
 * @param {number} most Of one lane.
 */
export function laneWithin(tasks, height, most) {
  return Math.max(LEAST_LANE, Math.min(most, height / tasks));
}

/**
 * Return the tasks of a copy of a block that stands on the page.
 * @param {HTMLElement} node A `.block` of the drawing.
 */
export function tasksOf(node) {
  return (node.dataset.group ?? "").split(",").map(Number);
}

/** @param {TreeDrawing} asked */
function frameOf(asked) {
  const { layout, tasks, costs, width = 400 } = asked;
  const lane = asked.lane ?? laneFor(tasks.length);
  const places = placesOf(layout);
  const size = lane >= 16 ? 13.5 : 12;
  const characters = Math.min(18, Math.max(...tasks.map((name) => [...name].length)));
  const right = width - 14 - characters * size * 0.61;
  const widest = Math.max(...costs) || 1;
  return {
    ...asked, width, lane, size, characters, right, places,
    hues: asked.hues ?? tasks.map((_, task) => task),
    marked: asked.marked ?? [],
    step: (right - 8) / layout.length,
    height: AROUND_LANES + lane * tasks.length,
    thickness: costs.map((cost) => 3 + (Math.min(lane, 30) * 0.72 - 3) * (cost / widest)),
    // The height at which a group runs: the middle of its lanes.
    y: (/** @type {number[]} */ group) => TOP + lane * (group.reduce((sum, task) => sum + places[task], 0) / group.length + 0.5),
  };
}

/** @typedef {ReturnType<typeof frameOf>} Frame */

/**
 * One copy of one block, as parallel stripes of its tasks' colours.
 * @param {Frame} frame
 * @param {number} block
 * @param {number[]} group
 */
function copyOf(frame, block, group) {
  const { layout, step, places, hues } = frame;
  const x = 8 + step * block;
  const end = frame.y(group);
  const start = block ? frame.y(groupOf(layout, group[0], block - 1)) : end;
  const thick = frame.thickness[block];
  const stripes = group.length <= STRIPES_UP_TO ? group.toSorted((a, b) => places[a] - places[b]) : [null];
  const each = thick / stripes.length;
  const drawn = stripes.map((task, place) => {
    const shift = (place - (stripes.length - 1) / 2) * each;
    return svgNode("path", {
      d: curve(x, step, start + shift, end + shift), fill: "none", "stroke-width": short(each + 0.3),
      stroke: task === null ? "var(--bw-shared)" : taskColour(hues[task]),
      "stroke-dasharray": task === null ? "" : taskDash(hues[task]),
    });
  });
  const edge = { x1: short(x + step), x2: short(x + step), y1: short(end - thick / 2), y2: short(end + thick / 2) };
  drawn.push(svgNode("line", { ...edge, stroke: "var(--bw-card)", "stroke-width": 2 }));
  const node = frame.selectable ? target(frame, block, group, x, end, thick) : svgNode("g");
  node.prepend(...drawn);
  return node;
}

/**
 * @param {Frame} frame
 * @param {number} block
 * @param {number[]} group
 * @param {number} x
 * @param {number} y
 * @param {number} thick
 */
function target(frame, block, group, x, y, thick) {
  const names = group.map((task) => frame.tasks[task]);
  const last = names.pop();
  const spoken = names.length ? `${names.join(", ")} and ${last}` : last;
  const node = svgNode("g", {
    class: "block", "data-block": block, "data-group": group.join(","), tabindex: 0, role: "button",
    "aria-label": `Block ${block + 1} of ${spoken}`,
  });
  const tall = Math.max(thick, 16);
  node.append(svgNode("rect", {
    class: "target", x: short(x), y: short(y - tall / 2 - 3), width: short(frame.step), height: short(tall + 6), rx: 5, fill: "transparent",
  }));
  return node;
}

/**
 * @param {number} x
 * @param {number} step
 * @param {number} start
 * @param {number} end
 */
function curve(x, step, start, end) {
  if (Math.abs(start - end) < 0.05) return path([[x, start], [x + step, start]]);
  const bend = x + step * 0.42;
  const [a, b, from, to] = [(x + bend) / 2, bend, start, end].map(short);
  return `M${short(x)},${from}C${a},${from} ${a},${to} ${b},${to}L${short(x + step)},${to}`;
}

/** @param {Frame} frame */
function leaves(frame) {
  return frame.tasks.map((name, task) => svgNode("text", {
    x: short(frame.right + 10), y: short(frame.y([task]) + frame.size * 0.36), fill: taskColour(frame.hues[task]),
    "font-size": frame.size, "font-weight": 600,
  }, shortened(name, frame.characters)));
}

/**
 * Block numbers below, counted from 1 as on every screen.
 * @param {Frame} frame
 */
function axis(frame) {
  const { step, height } = frame;
  const every = step >= 20 ? 1 : step >= 11 ? 2 : 5;
  const y = short(height - 8);
  const quiet = { y, fill: "var(--bw-muted)", "font-size": 12 };
  const nodes = [svgNode("text", { ...quiet, x: short(frame.right + 10) }, "block")];
  frame.layout.forEach((_, block) => {
    const middle = 8 + step * (block + 0.5);
    if (block % every === 0) nodes.push(svgNode("text", { ...quiet, x: short(middle), "text-anchor": "middle" }, String(block + 1)));
    if (frame.marked.includes(block)) {
      nodes.push(svgNode("rect", { class: "mark", x: short(middle - 7), y: short(height - 5), width: 14, height: 3, rx: 1.5, fill: "var(--bw-primary)" }));
    }
  });
  return nodes;
}
