// What is in storage and in memory: a tree on one side, dedicated networks on the other, on the same scale.

import { svgNode, svgText, svgCanvas, shortenedTo, hatching, blockBar, rowsOf, rowName, hue, total } from "./tree_pieces.js";

const GAP = 26;

export function deploymentScene(data, step, width) {
  const beside = width >= 540;
  const wide = beside ? (width - GAP) / 2 : width;
  const sides = ["tree", "dedicated"].map((side, i) => ({
    side, isTree: side === "tree", left: beside ? i * (wide + GAP) : 0, wide, ledger: step[side],
  }));
  const tall = panelHeight(data);
  const height = beside ? tall : 2 * tall + 18;
  const svg = svgCanvas(width, height);
  const scene = { svg, movers: [], late: [], spoken: deploymentSpoken(data, step) };
  svg.append(hatching());
  sides.forEach((panel, i) => drawPanel(svg, scene, data, step, { ...panel, top: beside ? 0 : i * (tall + 18) }));
  return scene;
}

function rowHeight(data) {
  const n = rowsOf(data.names.length).length;
  return n <= 6 ? 25 : n <= 9 ? 22 : 19;
}

function panelHeight(data) {
  return 24 + 37 + (rowsOf(data.names.length).length + 1) * rowHeight(data) + 12 + 84 + 44;
}

function drawPanel(svg, scene, data, step, panel) {
  const { words, labels, names } = data;
  const { left, wide, top, isTree, ledger } = panel;
  const rows = rowsOf(names.length);
  const high = rowHeight(data);
  const label = Math.min(112, Math.max(94, wide * 0.3));
  const marks = 58;
  const sizes = [total(data.trunk), total(data.branch)];
  const scale = (wide - label - marks - 18) / (sizes[0] + sizes[1] || 1);
  const x = left + label;
  const place = { ...panel, x, scale, split: x + sizes[0] * scale, right: x + (sizes[0] + sizes[1]) * scale, bar: high - 7 };
  svg.append(svgText(isTree ? words.tree : words.dedicated, left, top + 14, { "font-weight": 700, "font-size": 14.5 }));

  const storage = { y: top + 24, height: 30 + (rows.length + 1) * high + 7 };
  box(svg, left, storage.y, wide, storage.height, words.storage, isTree ? labels.treeSize : labels.separateSize);
  const yOf = (row) => storage.y + 30 + (row + 0.5) * high;
  if (isTree) {
    svg.append(svgText(labels.trunk, left + 10, yOf(0) + 4, { "font-size": 12.5 }));
    if (data.trunk.length) svg.append(blockBar(data.trunk, x, yOf(0), scale, place.bar, PART.trunk));
    else svg.append(svgText(words.empty, x, yOf(0) + 4, { "font-size": 12, fill: "var(--bw-muted)" }));
    if (step === data.steps[1]) readMark(svg, data, place, yOf(0));
  }
  else svg.append(svgText(words.ownTrunk, x, yOf(0) + 4, { "font-size": 12, fill: "var(--bw-muted)" }));
  rows.forEach((members, i) => {
    const y = yOf(i + 1);
    const asked = members.includes(step.asked);
    svg.append(svgText(shortenedTo(rowName(data, members, words.fewer), label - 14, 12.5), left + 10, y + 4, { "font-size": 12.5, "font-weight": asked ? 700 : 400 }));
    svg.append(network(data, place, members, y, place.bar, !isTree));
    if (members.includes(step.read)) readMark(svg, data, place, y);
  });

  const memory = { y: storage.y + storage.height + 12, height: 84 };
  box(svg, left, memory.y, wide, memory.height, words.memory, ledger.memory, true);
  const slot = { y: memory.y + 62, tall: 24 };
  drawMemory(svg, scene, data, step, place, slot, yOf);
  svg.append(svgText(`${words.read} ${ledger.read}`, left, memory.y + memory.height + 20, { "font-size": 13 }));
  svg.append(svgText(`${words.total} ${ledger.total}`, left, memory.y + memory.height + 38, { "font-size": 13, "font-weight": 700 }));
}

const PART = {
  trunk: { fill: "url(#hatch)", stroke: "var(--bw-muted)", "stroke-width": 1 },
  empty: { fill: "none", stroke: "var(--bw-line)", "stroke-width": 1.2, "stroke-dasharray": "4 3" },
};
const branchStyle = (first) => ({ fill: hue(first), stroke: hue(first), "stroke-width": 0.6 });

function box(svg, x, y, width, height, name, amount, strong = false) {
  svg.append(svgNode("rect", { x: x + 0.5, y: y + 0.5, width: width - 1, height: height - 1, rx: 8, fill: "none", stroke: strong ? "var(--bw-muted)" : "var(--bw-line)", "stroke-width": 1.2 }));
  svg.append(svgText(name, x + 10, y + 19, { "font-size": 12.5, fill: "var(--bw-muted)" }));
  svg.append(svgText(amount, x + width - 10, y + 19, { "text-anchor": "end", "font-size": 13, "font-weight": 700 }));
}

// A branch, or with its trunk a whole network; a last row that stands for many is drawn as a pile.
function network(data, place, members, y, tall, whole) {
  const group = svgNode("g");
  const style = branchStyle(members[0]);
  if (members.length > 1) {
    group.append(svgNode("rect", { x: (whole ? place.x : place.split) + 3, y: y - tall / 2 - 3, width: Math.max(place.right - (whole ? place.x : place.split), 2), height: tall, rx: 2, fill: "var(--bw-over)", stroke: "var(--bw-muted)" }));
  }
  if (whole) group.append(blockBar(data.trunk, place.x, y, place.scale, tall, PART.trunk));
  group.append(blockBar(data.branch, place.split, y, place.scale, tall, members.length > 1 ? { ...style, fill: "var(--bw-dominated)", stroke: "var(--bw-dominated)" } : style));
  // A branch without blocks is still there: its head.
  if (!data.branch.length) group.append(svgNode("circle", { cx: place.right + 6, cy: y, r: 4, ...style }));
  return group;
}

function readMark(svg, data, place, y) {
  const from = place.left + 4;
  svg.append(svgNode("rect", { x: from, y: y - place.bar / 2 - 3, width: place.wide - 8, height: place.bar + 6, rx: 4, fill: "none", stroke: "var(--bw-text)", "stroke-width": 1.6 }));
  svg.append(svgText(data.words.reading, place.left + place.wide - 12, y + 4, { "text-anchor": "end", "font-size": 12.5, "font-weight": 700 }));
}

function drawMemory(svg, scene, data, step, place, slot, yOf) {
  const { isTree, x, right, left, wide } = place;
  const { words, names } = data;
  svg.append(svgNode("rect", { x: x - 2, y: slot.y - slot.tall / 2 - 2, width: Math.max(right - x + 4, 4), height: slot.tall + 4, rx: 4, ...PART.empty }));
  const rowAt = (task) => yOf(1 + rowsOf(names.length).findIndex((members) => members.includes(task)));
  const trunkStays = isTree && step.trunk;
  const first = step === data.steps[1];
  if (trunkStays && data.trunk.length) {
    const trunk = blockBar(data.trunk, x, slot.y, place.scale, slot.tall, PART.trunk);
    svg.append(trunk);
    if (first) fall(scene, trunk, yOf(0) - slot.y);
  }
  if (step.dropped !== null) {
    const ghost = network(data, place, [step.dropped], slot.y, slot.tall, !isTree);
    svg.append(ghost);
    scene.movers.push({ node: ghost, way: [[0, 0], [0, 30]], from: 0, to: step.read === null ? 0.8 : 0.4, fades: true });
  }
  if (step.resident !== null) {
    const held = network(data, place, [step.resident], slot.y, slot.tall, !isTree);
    svg.append(held);
    if (step.read !== null) fall(scene, held, rowAt(step.read) - slot.y, step.dropped === null ? 0 : 0.4);
  }
  const held = [trunkStays && data.trunk.length ? data.labels.trunk : "", step.resident === null ? "" : names[step.resident]].filter(Boolean).join(" + ");
  const gone = step.dropped === null || step.read !== null ? "" : `${words.dropped} ${names[step.dropped]}`;
  const text = [held, gone].filter(Boolean).join(" · ") || words.nothing;
  svg.append(svgText(shortenedTo(text, wide - 24, 12.5), left + 10, slot.y - slot.tall / 2 - 8, { "font-size": 12.5, fill: held ? "var(--bw-text)" : "var(--bw-muted)" }));
  if (step.computes) {
    const y = slot.y;
    svg.append(svgNode("path", { d: `M${x - 22} ${y}H${x - 6}M${x - 11} ${y - 4}L${x - 5} ${y}L${x - 11} ${y + 4}M${right + 5} ${y}H${right + 17}M${right + 12} ${y - 4}L${right + 18} ${y}L${right + 12} ${y + 4}`, fill: "none", stroke: "var(--bw-text)", "stroke-width": 1.6 }));
    svg.append(svgText(words.picture, x - 26, y + 4, { "text-anchor": "end", "font-size": 12.5 }));
    svg.append(svgText(words.answer, right + 21, y + 4, { "font-size": 12.5, "font-weight": 700 }));
    const dot = svgNode("circle", { r: 6, fill: "var(--bw-card)", stroke: "var(--bw-text)", "stroke-width": 2 });
    svg.append(dot);
    scene.movers.push({ node: dot, way: [[x - 20, y], [right + 14, y]], from: 0, to: 1, vanishes: true });
  }
}

function fall(scene, node, above, from = 0) {
  scene.movers.push({ node, way: [[0, above], [0, 0]], from, to: 1, appears: from > 0 });
}

export function deploymentSpoken(data, step) {
  const { words } = data;
  const side = (name, ledger) => `${name}: ${words.memory} ${ledger.memory}, ${words.read} ${ledger.read}, ${words.total} ${ledger.total}`;
  return `${step.title}. ${side(words.tree, step.tree)}. ${side(words.dedicated, step.dedicated)}`;
}
