// Exits follow the pointer here, in the browser; Python hears of them on release only.
// Python writes every number of every place; this file draws and chooses.

import { adopt, entryPoint, part, REST, tell } from "./runtime/component.js";
import { offerPictures, resolved, written } from "./runtime/downloads.js";
import { drawingScale } from "./runtime/presenting.js";
import { followPointer, keyed } from "./runtime/slider.js";
import { element, svgNode } from "./runtime/svg.js";
import { LIGHT } from "./runtime/theme.js";

const TOLD = ["exits"];
const BAR = 22;
const STEP = 40; // from one strip to the next
const TOP = 34; // room for the grips
const MOST_COLUMNS = 8; // of the table beside the drawing, with the usual distance between them

export default entryPoint({ name: "exit_ladder", follow: TOLD, render, resized: (root, state) => { if (state.ready) draw(root, state); } });

/** @typedef {import("./runtime/component.js").Component} Component */
/** @typedef {{ name: string, ends: number[], written: string[] }} Strip Where places end in one unit, as Python sends it. */

/**
 * @typedef {object} State
 * @property {number[]} exits Places of the exits but the last one, rising.
 * @property {number} left
 * @property {number} right
 * @property {number} height
 * @property {SVGElement[]} lines
 * @property {SVGElement[][]} pieces
 * @property {HTMLElement[]} grips
 * @property {boolean} ready
 * @property {Component} component
 */

/**
 * @param {Component} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(component, root, state) {
  const { data } = component;
  state.component = component;
  adopt(state, "exits", data.exits);
  part(root, ".caption .grow").textContent = data.words.use;
  offerPictures(root, () => picture(root, state), () => data.filename);
  state.ready = true;
  draw(root, state);
}

/** @param {State} state */
function last(state) {
  return state.component.data.names.length - 1;
}

/** @param {State} state */
function allExits(state) {
  return [...state.exits, last(state)];
}

/**
 * Return where a place ends on a strip.
 * @param {State} state
 * @param {Strip} strip
 * @param {number} place
 */
function edge(state, strip, place) {
  const whole = strip.ends[strip.ends.length - 1] || 1;
  return state.left + (place < 0 ? 0 : strip.ends[place] / whole) * (state.right - state.left);
}

/**
 * Draw all anew, as wide as there is room; text keeps its size.
 * @param {HTMLElement} root
 * @param {State} state
 */
function draw(root, state) {
  const { data } = state.component;
  const box = part(root, ".drawing");
  part(root, ".card").classList.toggle("wide", data.columns.length > MOST_COLUMNS); // first: it changes the width
  const width = Math.max(240, box.clientWidth);
  state.left = 92; // as wide as "Parameters"
  state.right = width - 14;
  state.height = TOP + STEP * (data.strips.length - 1) + BAR + 6;
  const svg = svgNode("svg", { width, height: state.height, viewBox: `0 0 ${width} ${state.height}`, role: "img" });
  state.pieces = data.strips.map((/** @type {Strip} */ strip, /** @type {number} */ row) => {
    const y = TOP + row * STEP;
    svg.append(svgNode("text", { x: 0, y: y + 15, "font-size": 13.5, "font-weight": 600, fill: "var(--bw-text)" }, strip.name));
    return strip.ends.map((_, place) => {
      const [from, to] = [edge(state, strip, place - 1), edge(state, strip, place)];
      const piece = svgNode("rect", { x: from, y, width: Math.max(0, to - from), height: BAR, "stroke-width": to - from > 3 ? 1 : 0 });
      piece.append(svgNode("title", {}, `${data.names[place]}: ${strip.written[place]}`));
      svg.append(piece);
      return piece;
    });
  });
  state.lines = allExits(state).map(() => {
    const line = svgNode("path", { fill: "none", stroke: "var(--bw-text)", "stroke-width": 2.2, "stroke-linejoin": "round" });
    svg.append(line);
    return line;
  });
  box.replaceChildren(svg);
  makeGrips(root, state);
  const head = data.columns.map((/** @type {string} */ name) => element("th", "", name));
  part(root, ".paths thead tr").replaceChildren(...head);
  follow(root, state);
}

/**
 * Make one grip for each exit; those that are there stay, and with them the focus.
 * @param {HTMLElement} root
 * @param {State} state
 */
function makeGrips(root, state) {
  const place = part(root, ".grips");
  const { words } = state.component.data;
  state.grips ??= [];
  while (state.grips.length > state.exits.length) state.grips.pop()?.remove();
  while (state.grips.length < state.exits.length) {
    const grip = element("button", "grip");
    grip.setAttribute("type", "button");
    grip.setAttribute("role", "slider");
    place.append(grip);
    state.grips.push(grip);
  }
  if (!place.querySelector(".end")) place.append(element("span", "end"));
  state.grips.forEach((grip, number) => {
    grip.textContent = String(number + 1);
    grip.setAttribute("aria-label", `${words.exit} ${number + 1}`);
    grip.onpointerdown = (event) => drag(event, root, state, number);
    grip.onkeydown = (event) => {
      const next = keyed(event, state.exits[number], range(state, number));
      if (next === null) return;
      state.exits = state.exits.map((held, i) => (i === number ? next : held));
      follow(root, state);
      tell(state, TOLD, REST);
    };
  });
}

/**
 * Return where an exit can go: it stays between its neighbours.
 * @param {State} state
 * @param {number} number
 */
function range(state, number) {
  const all = allExits(state);
  return { low: number ? all[number - 1] + 1 : 0, high: all[number + 1] - 1 };
}

/**
 * @param {PointerEvent} event
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number} number
 */
function drag(event, root, state, number) {
  const box = part(root, ".drawing").getBoundingClientRect();
  const [strip] = state.component.data.strips;
  const { low, high } = range(state, number);
  const move = (/** @type {PointerEvent} */ e) => {
    const x = (e.clientX - box.left) / drawingScale();
    let best = state.exits[number];
    for (let place = low; place <= high; place += 1) {
      if (Math.abs(edge(state, strip, place) - x) < Math.abs(edge(state, strip, best) - x)) best = place;
    }
    if (best === state.exits[number]) return;
    state.exits = state.exits.map((held, i) => (i === number ? best : held));
    follow(root, state);
  };
  followPointer(event, state.grips[number], move, () => tell(state, TOLD));
}

/**
 * Show everything that changes with the exits; grips are not made anew, so the focus stays.
 * @param {HTMLElement} root
 * @param {State} state
 */
function follow(root, state) {
  const { data } = state.component;
  const exits = allExits(state);
  state.lines.forEach((line, number) => {
    const points = data.strips.flatMap((/** @type {Strip} */ strip, /** @type {number} */ row) => {
      const [x, y] = [edge(state, strip, exits[number]), TOP + row * STEP];
      return [`${x},${y - 5}`, `${x},${y + BAR + 5}`];
    });
    line.setAttribute("d", `M${points.join("L")}`);
  });
  state.pieces.forEach((row) => row.forEach((piece, place) => {
    const path = exits.findIndex((exit) => place <= exit);
    piece.setAttribute("class", `piece ${path % 2 ? "odd" : "even"}`);
  }));
  const [strip] = data.strips;
  state.grips.forEach((grip, number) => {
    const { low, high } = range(state, number);
    grip.style.left = `${edge(state, strip, exits[number])}px`;
    grip.setAttribute("aria-valuemin", String(low));
    grip.setAttribute("aria-valuemax", String(high));
    grip.setAttribute("aria-valuenow", String(exits[number]));
    grip.setAttribute("aria-valuetext", data.rows[exits[number]].join(", "));
  });
  const end = part(root, ".end");
  end.textContent = String(exits.length);
  end.style.left = `${state.right}px`;
  const spoken = exits.map((place, number) => `${data.words.exit} ${number + 1}: ${data.rows[place].join(", ")}`);
  part(root, ".drawing svg").setAttribute("aria-label", spoken.join("; "));
  part(root, ".paths tbody").replaceChildren(...exits.map((place, number) => {
    const row = element("tr");
    row.append(element("td", "", String(number + 1)), ...data.rows[place].map((/** @type {string} */ words) => element("td", "", words)));
    return row;
  }));
}

/**
 * Return the drawing with its exits numbered.
 * @param {HTMLElement} root
 * @param {State} state
 */
function picture(root, state) {
  const copy = resolved(root.querySelector(".drawing svg"));
  const { data } = state.component;
  const [strip] = data.strips;
  allExits(state).forEach((place, number) => {
    const label = `${number + 1}: ${data.names[place]}`;
    copy.append(svgNode("text", { x: edge(state, strip, place), y: number % 2 ? 8 : 24, "font-size": 12, "font-weight": 600, "text-anchor": "end", fill: LIGHT.text }, label));
  });
  const [wide, tall] = [state.right + 46, state.height + 32];
  copy.setAttribute("viewBox", `-16 -16 ${wide} ${tall}`);
  return written(copy, wide, tall);
}
