// The menu of a copy of a block: which of its tasks branch off there, and which other copy it merges with.

import { tasksOf } from "./drawings/tree.js";
import { part, parts } from "./runtime/component.js";
import { button, element } from "./runtime/svg.js";

/**
 * @typedef {{ op: "cut", block: number, tasks: number[] } | { op: "merge", block: number, tasks: number[], other: number[] }} Edit
 * What is asked of the server; `block` counts from 0.
 */
/** @typedef {{ tasks: string[], words: Record<string, string> }} Data Names of the tasks, and words of the menu. */

/** @param {HTMLElement} root */
export function closeMenu(root) {
  part(root, ".menu").hidden = true;
}

/**
 * Show the menu of a block.
 * @param {HTMLElement} root
 * @param {HTMLElement} node The `.block` of the drawing.
 * @param {Data} data
 * @param {(edit: Edit) => void} send
 */
export function showMenu(root, node, data, send) {
  const block = Number(node.dataset.block);
  const group = tasksOf(node);
  const others = parts(root, `.tree .block[data-block="${block}"]`).filter((other) => other !== node).map(tasksOf);
  parts(root, ".tree .chosen").forEach((other) => other.classList.remove("chosen"));
  node.classList.add("chosen");
  const names = (/** @type {number[]} */ tasks) => tasks.map((task) => data.tasks[task]).join(", ");
  const lines = [element("p", "", `Block ${block + 1} · ${names(group)}`)];
  if (group.length > 1) lines.push(cutRow(group, data, (tasks) => send({ op: "cut", block, tasks })));
  if (others.length) {
    const row = element("div", "row");
    row.append(element("span", "", data.words.join));
    for (const other of others) {
      row.append(button("act", names(other), () => send({ op: "merge", block, tasks: group, other })));
    }
    lines.push(row);
  }
  const closed = () => { closeMenu(root); node.classList.remove("chosen"); node.focus(); };
  const menu = part(root, ".menu");
  menu.replaceChildren(...lines, button("link", data.words.close, closed));
  menu.onkeydown = (event) => { if (event.key === "Escape") closed(); };
  menu.hidden = false;
}

/**
 * @param {number[]} group
 * @param {Data} data
 * @param {(tasks: number[]) => void} cut
 */
function cutRow(group, data, cut) {
  const row = element("div", "row");
  row.append(element("span", "", data.words.cut));
  /** @type {Set<number>} */
  const leaving = new Set();
  const go = button("act", data.words.cutGo, () => cut([...leaving]));
  go.disabled = true;
  for (const task of group) {
    const chip = button("chip", data.tasks[task], () => {
      if (!leaving.delete(task)) leaving.add(task);
      chip.setAttribute("aria-pressed", String(leaving.has(task)));
      go.disabled = leaving.size === 0 || leaving.size === group.length;
    });
    chip.setAttribute("aria-pressed", "false");
    row.append(chip);
  }
  row.append(go);
  return row;
}
