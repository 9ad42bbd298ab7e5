// The curves of what is saved over the number of branches, one panel per unit, and both drawings as one picture.

import { follow } from "./storage_cut.js";
import { tell } from "./runtime/component.js";
import { resolved, written } from "./runtime/downloads.js";
import { followPointer } from "./runtime/slider.js";
import { element, svgNode } from "./runtime/svg.js";

const PLOT = { height: 196, left: 46, top: 10, bottom: 36, right: 10 };

export function drawPanels(root, state) {
  const { data } = state.component;
  const place = root.querySelector(".panels");
  place.setAttribute("role", "group");
  place.setAttribute("aria-label", data.label);
  state.panels = data.panels.map((title, i) => {
    const panel = element("div", "panel");
    const plot = element("div", "plot");
    const legend = element("ul", "legend");
    panel.append(element("h4", "", title), plot, legend);
    return { panel, plot, legend, title, curves: data.curves.flatMap((curve, c) => (curve.panel === i ? [c] : [])) };
  });
  place.replaceChildren(...state.panels.map(({ panel }) => panel));
  for (const each of state.panels) {
    each.width = Math.max(200, each.plot.clientWidth);
    each.plot.onpointerdown = (event) => dragBranches(event, root, state, each);
    each.values = each.curves.map((c) => {
      const item = element("li");
      const mark = svgNode("svg", { width: 26, height: 8, "aria-hidden": "true" });
      mark.append(svgNode("line", { x1: 0, x2: 26, y1: 4, y2: 4, "stroke-width": 2.6, ...look(data.curves[c]) }));
      const value = element("span", "value");
      item.append(mark, element("span", "name", data.curves[c].name), value);
      each.legend.append(item);
      return value;
    });
  }
}

const look = (curve) => ({
  stroke: curve.strip < 0 ? "var(--bw-task-1)" : "var(--bw-primary)", "stroke-dasharray": curve.dash, fill: "none",
});

// Relative: (k − 1)/k of the trunk's share. Absolute: k − 1 trunks.
function savedAt(state, curve, k) {
  const sums = curve.strip < 0 ? null : state.sums[curve.strip];
  const trunk = sums ? sums[state.cut] : curve.trunk;
  return state.component.data.relative ? (trunk / curve.whole) * (1 - 1 / k) : trunk * (k - 1);
}

export function followBranches(root, state, entry) {
  const { data } = state.component;
  const range = root.querySelector(".branches input");
  range.value = state.branches;
  range.setAttribute("aria-valuetext", `${state.branches}: ${data.curves.map((c, i) => `${c.name} ${entry.saved[i]}`).join("; ")}`);
  root.querySelector(".branches output").textContent = state.branches;
  for (const each of state.panels) {
    each.plot.replaceChildren(plotted(state, each));
    each.values.forEach((value, i) => {
      const c = each.curves[i];
      const limit = element("span", "limit", data.relative && entry.limits[c] ? ` ${data.words.goesTo} ${entry.limits[c]}` : "");
      value.replaceChildren(document.createTextNode(entry.saved[c]), limit);
    });
  }
}

function plotted(state, panel) {
  const { data } = state.component;
  const { width } = panel;
  const svg = svgNode("svg", { width, height: PLOT.height, viewBox: `0 0 ${width} ${PLOT.height}`, "aria-hidden": "true" });
  const floor = PLOT.height - PLOT.bottom;
  const curves = panel.curves.map((c) => data.curves[c]);
  const most = Math.max(...curves.map((curve) => savedAt(state, curve, data.most)));
  const high = data.relative ? 1 : rounded(most || Math.max(...curves.map((curve) => curve.whole)));
  const x = (k) => PLOT.left + ((k - 1) / (data.most - 1)) * (width - PLOT.left - PLOT.right);
  const y = (value) => floor - (value / high) * (floor - PLOT.top);
  for (let i = 0; i <= 4; i += 1) {
    const value = (high * i) / 4;
    svg.append(svgNode("line", { x1: PLOT.left, x2: width - PLOT.right, y1: y(value), y2: y(value), stroke: "var(--bw-line)" }));
    svg.append(label(PLOT.left - 7, y(value) + 4, data.relative ? `${value * 100} %` : short(value), "end"));
  }
  for (const k of [1, 5, 10, 20, 30, 40].filter((each) => each <= data.most)) svg.append(label(x(k), floor + 16, String(k), "middle"));
  svg.append(label((PLOT.left + width - PLOT.right) / 2, PLOT.height - 4, data.words.axis, "middle"));
  const at = x(state.branches);
  svg.append(svgNode("line", { x1: at, x2: at, y1: PLOT.top, y2: floor, stroke: "var(--bw-text)", "stroke-width": 1.4 }));
  curves.forEach((curve) => {
    const points = Array.from({ length: data.most }, (_, i) => `${x(i + 1).toFixed(1)},${y(savedAt(state, curve, i + 1)).toFixed(1)}`);
    const limit = y(savedAt(state, curve, 1e9));
    if (data.relative && savedAt(state, curve, 2) > 0) {
      svg.append(svgNode("line", { x1: PLOT.left, x2: width - PLOT.right, y1: limit, y2: limit, ...look(curve), "stroke-dasharray": "1 4", "stroke-width": 1.6 }));
    }
    svg.append(svgNode("path", { d: `M${points.join("L")}`, "stroke-width": 2.6, "stroke-linejoin": "round", ...look(curve) }));
    svg.append(svgNode("circle", { cx: at, cy: y(savedAt(state, curve, state.branches)), r: 4.5, fill: look(curve).stroke, stroke: "var(--bw-card)", "stroke-width": 1.5 }));
  });
  return svg;
}

const label = (x, y, words, anchor, more = {}) => svgNode("text", { x, y, "font-size": 12, fill: "var(--bw-muted)", "text-anchor": anchor, ...more }, words);

// The next of 1, 2, 4 or 8 times a power of ten: quarters of it are round.
function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 8, 10].map((times) => times * power).find((each) => each >= value * 0.999) ?? value;
}

function short(value) {
  for (const [scale, letter] of /** @type {[number, string][]} */ ([[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]])) {
    if (value >= scale) return `${Number((value / scale).toPrecision(3))} ${letter}`;
  }
  return String(Number(value.toPrecision(3)));
}

function dragBranches(event, root, state, panel) {
  const { data } = state.component;
  const box = event.currentTarget.getBoundingClientRect();
  const move = (e) => {
    const part = (e.clientX - box.left - PLOT.left) / (panel.width - PLOT.left - PLOT.right);
    const k = Math.min(data.most, Math.max(1, Math.round(1 + part * (data.most - 1))));
    if (k === state.branches) return;
    state.branches = k;
    follow(root, state);
  };
  followPointer(event, root.querySelector(".branches input"), move, () => tell(state, ["cut", "branches"]));
}

// The strips above, the panels below, with the words that stand beside them on the page.
export function picture(root, state) {
  const { data } = state.component;
  const { entry } = state;
  const drawing = root.querySelector(".drawing svg");
  const edges = 16;
  const width = state.scale.width + 2 * edges;
  const cell = PLOT.height + 44 + 18 * Math.max(...state.panels.map((each) => each.curves.length));
  const top = edges + state.scale.height + 36;
  // Panels stand side by side as they do on the page.
  const rows = [...new Set(state.panels.map(({ panel }) => panel.offsetTop))];
  const [{ panel: first }] = state.panels;
  const height = top + rows.length * cell;
  const ink = { fill: "var(--bw-text)", "font-size": 15, "font-weight": 700 };
  const whole = svgNode("svg", { width, height, viewBox: `0 0 ${width} ${height}`, xmlns: "http://www.w3.org/2000/svg" });
  const put = (svg, x, y) => {
    const copy = svg.cloneNode(true);
    copy.setAttribute("x", x);
    copy.setAttribute("y", y);
    whole.append(copy);
  };
  whole.append(label(edges, edges + 12, `${entry.where} (k = ${state.branches})`, "start", ink));
  put(drawing, edges, edges + 12);
  state.panels.forEach((each) => {
    const [x, y] = [edges + each.panel.offsetLeft - first.offsetLeft, top + rows.indexOf(each.panel.offsetTop) * cell];
    whole.append(label(x, y + 12, each.title, "start", { ...ink, "font-size": 13.5 }));
    put(each.plot.firstChild, x, y + 20);
    each.curves.forEach((c, row) => {
      const line = y + 20 + PLOT.height + 16 + 18 * row;
      whole.append(svgNode("line", { x1: x, x2: x + 26, y1: line - 4, y2: line - 4, "stroke-width": 2.6, ...look(data.curves[c]) }));
      whole.append(label(x + 34, line, `${data.curves[c].name}: ${entry.saved[c]}`, "start", { fill: "var(--bw-text)" }));
    });
  });
  // Colours are known only where the theme is: beside the drawings, unseen.
  whole.style.cssText = "position:absolute;visibility:hidden";
  root.append(whole);
  const copy = resolved(whole);
  whole.remove();
  copy.removeAttribute("style");
  return written(copy, width, height);
}
