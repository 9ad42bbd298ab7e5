// Which weights learn: a batch on the left, the trunk, and the branches, each as long as its parameters.

import { svgNode, svgText, svgCanvas, shortenedTo, hatching, snowflake, blockBar, rowsOf, rowName, hue, total, wrapped } from "./tree_pieces.js";

const STYLES = {
  untrained: { fill: "var(--bw-over)", stroke: "var(--bw-muted)", "stroke-width": 1 },
  computes: { fill: "var(--bw-over)", stroke: "var(--bw-primary)", "stroke-width": 1.8 },
  learns: { fill: "var(--bw-primary)", stroke: "var(--bw-primary)", "stroke-width": 1 },
  "learns in turn": { fill: "var(--bw-over)", stroke: "var(--bw-primary)", "stroke-width": 1.8, "stroke-dasharray": "4 3" },
  frozen: { fill: "url(#hatch)", stroke: "var(--bw-muted)", "stroke-width": 1 },
  unchanged: { fill: "var(--bw-dominated)", stroke: "var(--bw-dominated)", "stroke-width": 1 },
};
const LEARNING = ["learns", "learns in turn"];

export function trainingScene(data, step, width) {
  const place = trainingPlaces(data, step, width);
  const svg = svgCanvas(width, place.height);
  const scene = { svg, movers: [], late: [], spoken: trainingSpoken(data, step) };
  svg.append(hatching());
  drawTrunk(svg, data, step, place);
  place.rows.forEach((row) => drawBranch(svg, data, step, place, row));
  drawGradients(svg, scene, step, place);
  drawBatch(svg, scene, data, step, place);
  return scene;
}

function trainingPlaces(data, step, width) {
  const narrow = width < 560;
  const grafted = step.branches.length > data.names.length;
  const rows = rowsOf(data.names.length);
  const high = rows.length <= 6 ? 44 : rows.length <= 9 ? 38 : 34;
  const top = 8;
  // The room of the graft is kept from the start, so that nothing jumps.
  const tall = Math.max((rows.length + 1) * high, 196);
  const batch = narrow ? 38 : 88;
  const [gap, fork, names, least] = narrow ? [8, 22, 104, 62] : [16, 62, 176, 104];
  const sizes = [total(data.trunk), total(data.branch)];
  const room = width - batch - gap - fork - names - 22;
  let scale = room / (sizes[0] + sizes[1] || 1);
  // A thin trunk keeps room for its words on its left.
  if (sizes[0] * scale < least) scale = Math.min(scale, (room - least) / (sizes[1] || 1));
  const long = sizes[0] * scale;
  const right = batch + gap + Math.max(long, least);
  const offset = top + (tall - (rows.length + 1) * high) / 2;
  const middle = offset + (rows.length * high) / 2;
  const spots = rows.map((members, i) => ({ members, y: offset + high * (i + 0.5) }));
  if (grafted) spots.push({ members: [data.names.length], y: offset + high * (rows.length + 0.5) });
  return {
    narrow, scale, batch, high, middle, rows: spots, height: top + tall + 12, labels: width - names,
    trunk: { left: right - long, right, tall: Math.min(Math.max(rows.length * high * 0.6, 56), 120) },
    branch: { left: right + fork, right: right + fork + sizes[1] * scale },
  };
}

function drawTrunk(svg, data, step, place) {
  const { left, right, tall } = place.trunk;
  const centre = { "text-anchor": "end", x: Math.max(right, 60) };
  svg.append(svgNode("line", { x1: place.batch + 4, x2: left, y1: place.middle, y2: place.middle, stroke: "var(--bw-muted)", "stroke-width": 1.6 }));
  if (data.trunk.length) svg.append(blockBar(data.trunk, left, place.middle, place.scale, tall, STYLES[step.trunk]));
  else svg.append(svgNode("line", { x1: right, x2: right, y1: place.middle - tall / 2, y2: place.middle + tall / 2, stroke: "var(--bw-muted)", "stroke-dasharray": "3 3" }));
  const above = place.middle - tall / 2;
  svg.append(svgText(data.labels.trunk, 0, above - 23, { ...centre, "font-weight": 700 }));
  svg.append(svgText(data.trunk.length ? data.labels.trunkSize : data.words.empty, 0, above - 8, { ...centre, fill: "var(--bw-muted)", "font-size": 12 }));
  if (!data.trunk.length) return;
  const below = place.middle + tall / 2 + 17;
  const state = svgText(data.words.states[step.trunk], 0, below, { ...centre, "font-size": 12.5, "font-weight": LEARNING.includes(step.trunk) ? 700 : 400 });
  svg.append(state);
  if (step.trunk !== "frozen") return;
  svg.append(snowflake(centre.x - 47, below - 4, 7));
  if (right - left < 44) return;
  svg.append(svgNode("circle", { cx: (left + right) / 2, cy: place.middle, r: 19, fill: "var(--bw-card)", stroke: "var(--bw-muted)" }));
  svg.append(snowflake((left + right) / 2, place.middle, 12));
}

function drawBranch(svg, data, step, place, { members, y }) {
  const [first] = members;
  const state = step.branches[first];
  const { branch } = place;
  const tall = Math.min(20, place.high * 0.5);
  const idle = state === "unchanged" || state === "untrained";
  svg.append(svgNode("path", {
    d: forkCurve(place, y), fill: "none", stroke: idle ? "var(--bw-muted)" : "var(--bw-primary)", "stroke-width": idle ? 1.4 : 2.4,
  }));
  if (members.length > 1) {
    [-1, 1].forEach((way) => svg.append(svgNode("rect", { x: branch.left + 3, y: y - tall / 2 + 3 * way, width: Math.max(branch.right - branch.left, 2), height: tall, rx: 2, ...STYLES[state], opacity: 0.45 })));
  }
  svg.append(blockBar(data.branch, branch.left, y, place.scale, tall, STYLES[state]));
  svg.append(svgNode("circle", { cx: branch.right + 7, cy: y, r: 4.5, ...STYLES[state] }));
  const graft = first === data.names.length;
  const name = graft ? data.words.graft : rowName(data, members);
  const room = svg.viewBox.baseVal.width - place.labels - 2;
  const words = place.narrow || members.length > 1 ? name : `${first + 1} · ${name}`;
  svg.append(svgText(shortenedTo(words, room), place.labels, y - 2, { "font-weight": 600 }));
  const size = place.narrow ? "" : `${data.labels.branchSize} · `;
  svg.append(svgText(`${size}${data.words.states[state]}`, place.labels, y + 13, {
    "font-size": 12, fill: idle ? "var(--bw-muted)" : "var(--bw-text)", "font-weight": LEARNING.includes(state) ? 700 : 400,
  }));
}

function forkCurve({ trunk, branch, middle }, y) {
  const half = (trunk.right + branch.left) / 2;
  return `M${trunk.right} ${middle}C${half} ${middle} ${half} ${y} ${branch.left} ${y}`;
}

// The same curve as points, for what moves along it.
function forkPoints({ trunk, branch, middle }, y) {
  return Array.from({ length: 9 }, (_, i) => {
    const t = i / 8;
    return [trunk.right + t * (branch.left - trunk.right), middle + (y - middle) * (3 * t * t - 2 * t * t * t)];
  });
}

// Rows of data, each with the number of its data set.
function drawBatch(svg, scene, data, step, place) {
  const own = step.rows.length === 1 && step.branches.length > 1;
  const rows = place.rows.filter(({ members }) => members.some((each) => step.rows.includes(each)));
  const { narrow, batch } = place;
  if (!rows.length) {
    svg.append(svgText(data.words.input, batch, place.middle + 4, { "text-anchor": "end", "font-size": 12.5, fill: "var(--bw-muted)" }));
    return;
  }
  const [wide, tall] = narrow ? [15, 12] : [19, 14];
  const columns = Math.max(1, Math.floor(batch / (wide + 3)));
  const each = own || rows.length === 1 ? 6 : rows.length <= 6 ? 3 : 2;
  const tokens = rows.flatMap((row) => Array.from({ length: each }, (_, i) => ({ row, i })));
  // As in a batch: sets side by side, row by row.
  tokens.sort((a, b) => a.i - b.i);
  const lines = Math.ceil(tokens.length / columns);
  const start = place.middle - (lines * (tall + 3)) / 2 + tall / 2;
  const leaves = step.flow === "forward" || step.flow === "both";
  tokens.forEach(({ row, i }, n) => {
    const from = [(n % columns) * (wide + 3) + wide / 2, start + Math.floor(n / columns) * (tall + 3)];
    const node = svgToken(row.members, wide, tall);
    svg.append(node);
    const end = Math.max(place.branch.right - wide / 2 - 4 - (each - 1 - i) * (wide + 2), place.branch.left - 16 + i * 5);
    const way = leaves || step.flow === "backward"
      ? [from, [place.batch + 4, place.middle], [place.trunk.right, place.middle], ...forkPoints(place, row.y), [end, row.y]]
      : [from, from];
    const moves = leaves ? (step.flow === "both" ? 0.6 : 1) : 0;
    const begin = leaves ? (n / tokens.length) * 0.35 * moves : 0;
    scene.movers.push({ node, way: moves ? way : [way[way.length - 1], way[way.length - 1]], from: begin, to: moves ? begin + 0.62 * moves : 1 });
  });
  const below = Math.max(place.middle + (lines * (tall + 3)) / 2, place.middle) + 16;
  const label = own || data.names.length === 1 ? data.words.ownBatch : data.words.batch;
  if (!leaves && step.flow !== "backward") {
    wrapped(label, narrow ? 7 : 14).forEach((line, i) => svg.append(svgText(line, 0, below + 15 * i, { "font-size": 12, fill: "var(--bw-muted)" })));
  }
}

function svgToken(members, wide, tall) {
  const [first] = members;
  const words = members.length > 1 ? "…" : String(first + 1);
  return svgNode("g", {},
    svgNode("rect", { x: -wide / 2, y: -tall / 2, width: wide, height: tall, rx: 3, fill: "var(--bw-card)", stroke: hue(first), "stroke-width": 2 }),
    svgText(words, 0, tall / 2 - 3, { "text-anchor": "middle", "font-size": tall - 3, "font-weight": 700 }));
}

// Where gradients go: arrows from the heads back to whatever learns.
function drawGradients(svg, scene, step, place) {
  if (step.flow !== "backward" && step.flow !== "both") return;
  for (const { members, y } of place.rows) {
    if (!LEARNING.includes(step.branches[members[0]])) continue;
    const { left, right } = place.branch;
    const below = y + Math.min(20, place.high * 0.5) / 2 + 5;
    const arrow = svgNode("path", {
      d: `M${right} ${below}H${left + 3}M${left + 8} ${below - 4}L${left + 2} ${below}L${left + 8} ${below + 4}`,
      fill: "none", stroke: "var(--bw-text)", "stroke-width": 1.5,
    });
    svg.append(arrow);
    scene.late.push(arrow);
    const ends = step.trunk === "learns" ? [...forkPoints(place, y).reverse(), [place.trunk.left, place.middle]] : [[left, y]];
    const node = svgNode("path", { d: "M4 -6L-5 0L4 6Z", fill: "var(--bw-text)", stroke: "var(--bw-card)", "stroke-width": 1.2 });
    svg.append(node);
    const from = step.flow === "both" ? 0.62 : 0;
    scene.movers.push({ node, way: [[right + 6, y], ...ends], from, to: 1, appears: true, vanishes: true });
  }
  if (step.trunk !== "learns" || place.trunk.right - place.trunk.left < 1) return;
  const { left, right, tall } = place.trunk;
  const y = place.middle + tall / 2 + 26;
  const start = Math.min(left, right - 46);
  const arrow = svgNode("path", {
    d: `M${right} ${y}H${start + 3}M${start + 8} ${y - 4}L${start + 2} ${y}L${start + 8} ${y + 4}`, fill: "none", stroke: "var(--bw-text)", "stroke-width": 1.5,
  });
  svg.append(arrow);
  scene.late.push(arrow);
}

export function trainingSpoken(data, step) {
  const { states } = data.words;
  const said = rowsOf(data.names.length).map((members) => `${rowName(data, members)} ${states[step.branches[members[0]]]}`);
  if (step.branches.length > data.names.length) said.push(`${data.words.graft} ${states.learns}`);
  const trunk = data.trunk.length ? `${data.labels.trunk} ${data.labels.trunkSize} ${states[step.trunk]}` : `${data.labels.trunk} ${data.words.empty}`;
  return `${step.title}. ${trunk}; ${data.words.branches}, ${data.labels.branchSize} ${data.words.each}: ${said.join(", ")}`;
}
