// Branching points of a backbone: add, drag and remove them here; Python hears of it when the pointer or the keys rest.

import { adopt, entryPoint, part, parts, REST, tell } from "./runtime/component.js";
import { element } from "./runtime/svg.js";

const TOLD = ["starts"];
const AWAY = 60; // pixels above or below the strip at which a point that is dragged comes off
const MOVED = 4; // less is a click
const MOST_KEPT = 100;

export default entryPoint({ name: "block_cuts", follow: TOLD, initial: () => ({ before: [], at: 1 }), render });

/** @typedef {import("./runtime/component.js").Component} Component */

/**
 * @typedef {object} State
 * @property {number[]} starts Blocks that start a block of the result, besides the first; rising.
 * @property {number[][]} before Earlier starts, the last one last.
 * @property {number} at The point that Tab reaches.
 * @property {Component} component
 */

/**
 * Return the starts after a point was added, or removed.
 * @param {number[]} starts
 * @param {number} at
 */
export function toggled(starts, at) {
  return starts.includes(at) ? starts.filter((each) => each !== at) : [...starts, at].sort((a, b) => a - b);
}

/**
 * Return the starts after a point was moved; onto another one it stays where it is.
 * @param {number[]} starts
 * @param {number} from
 * @param {number | null} to Null takes it off.
 */
export function moved(starts, from, to) {
  const others = starts.filter((each) => each !== from);
  if (to === null) return others;
  return others.includes(to) ? starts : [...others, to].sort((a, b) => a - b);
}

/**
 * Return which point is the nearest.
 * @param {number} share Of the strip's width, from its left end.
 * @param {number} n Number of blocks.
 */
export function nearest(share, n) {
  return Math.min(n - 1, Math.max(1, Math.round(share * n)));
}

/**
 * @param {Component} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(component, root, state) {
  const { data } = component;
  const known = JSON.stringify(state.starts);
  adopt(state, "starts", data.starts);
  // Another backbone, or a link: what was undone there means nothing here.
  if (known !== JSON.stringify(state.starts)) state.before = [];
  const strip = part(root, ".strip");
  strip.setAttribute("aria-label", data.words.group);
  if (strip.dataset.names !== data.names.join("\n")) {
    strip.dataset.names = data.names.join("\n");
    build(root, strip, state);
  }
  part(root, ".caption .grow").textContent = data.words.use;
  const [undo, clear] = [part(root, ".undo"), part(root, ".clear")];
  [undo.textContent, clear.textContent] = [data.words.undo, data.words.clear];
  undo.onclick = () => undone(root, state);
  clear.onclick = () => change(root, state, []);
  show(root, state);
}

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} strip
 * @param {State} state
 */
function build(root, strip, state) {
  const { names } = state.component.data;
  const n = names.length;
  state.at = Math.min(state.at, Math.max(1, n - 1));
  const blocks = names.map((/** @type {string} */ name, /** @type {number} */ i) => {
    const block = element("div", "block");
    block.style.left = `${(100 * i) / n}%`;
    block.style.width = `${100 / n}%`;
    block.title = `${i + 1} · ${name}`;
    return block;
  });
  const points = names.slice(1).map((/** @type {string} */ _, /** @type {number} */ i) => pointAt(root, strip, state, i + 1));
  strip.replaceChildren(...blocks, ...points);
}

/**
 * @param {HTMLElement} root
 * @param {HTMLElement} strip
 * @param {State} state
 * @param {number} at
 */
function pointAt(root, strip, state, at) {
  const { names, words } = state.component.data;
  const point = element("button", "point");
  point.type = "button";
  point.setAttribute("role", "switch");
  point.setAttribute("aria-label", `${words.point} ${at + 1}, ${names[at]}`);
  point.title = `${words.point} ${at + 1} · ${names[at]}`;
  point.style.left = `${(100 * at) / names.length}%`;
  point.dataset.at = String(at);
  point.onkeydown = (/** @type {KeyboardEvent} */ event) => pressed(event, root, state, at);
  point.onfocus = () => { state.at = at; reach(root, state); };
  point.onpointerdown = (/** @type {PointerEvent} */ event) => drag(event, root, strip, state, at);
  return point;
}

/**
 * Show what changes; nothing is made anew, so the focus stays.
 * @param {HTMLElement} root
 * @param {State} state
 */
function show(root, state) {
  const { words } = state.component.data;
  let run = 0;
  parts(root, ".block").forEach((block, i) => {
    if (state.starts.includes(i)) run += 1;
    block.classList.toggle("even", run % 2 === 0);
  });
  for (const point of parts(root, ".point")) {
    point.setAttribute("aria-checked", String(state.starts.includes(Number(point.dataset.at))));
  }
  const n = state.starts.length;
  part(root, ".said").textContent = `${n + 1} ${n ? words.blocks : words.block}`
    + (n ? `; ${words.starts} ${state.starts.map((at) => at + 1).join(", ")}` : "");
  /** @type {HTMLButtonElement} */ (part(root, ".undo")).disabled = !state.before.length;
  /** @type {HTMLButtonElement} */ (part(root, ".clear")).disabled = !n;
  reach(root, state);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function reach(root, state) {
  for (const point of parts(root, ".point")) point.tabIndex = Number(point.dataset.at) === state.at ? 0 : -1;
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number[]} starts
 * @param {number} [wait] Milliseconds until Python is told.
 */
function change(root, state, starts, wait = 0) {
  if (JSON.stringify(starts) === JSON.stringify(state.starts)) return;
  state.before = [...state.before, state.starts].slice(-MOST_KEPT);
  state.starts = starts;
  show(root, state);
  tell(state, TOLD, wait);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function undone(root, state) {
  const last = state.before.pop();
  if (!last) return;
  state.starts = last;
  show(root, state);
  tell(state, TOLD, REST);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number} at
 */
function focusOn(root, state, at) {
  state.at = at;
  reach(root, state);
  part(root, `.point[data-at="${at}"]`).focus({ preventScroll: true });
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number} at
 */
function pressed(event, root, state, at) {
  const last = state.component.data.names.length - 1;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const isOn = state.starts.includes(at);
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") undone(root, state);
  else if (event.key === " " || event.key === "Enter") change(root, state, toggled(state.starts, at), REST);
  else if ((event.key === "Delete" || event.key === "Backspace") && isOn) change(root, state, moved(state.starts, at, null), REST);
  else if (event.key === "Home" || event.key === "End") focusOn(root, state, event.key === "Home" ? 1 : last);
  else if (by !== undefined) {
    const to = Math.min(last, Math.max(1, at + by));
    if (event.shiftKey && isOn && !state.starts.includes(to)) change(root, state, moved(state.starts, at, to), REST);
    else if (event.shiftKey) { event.preventDefault(); return; }
    focusOn(root, state, to);
  } else return;
  event.preventDefault();
}

/**
 * Click a point to add or remove it; drag one that is on to another place, or off the strip.
 * @param {PointerEvent} event
 * @param {HTMLElement} root
 * @param {HTMLElement} strip
 * @param {State} state
 * @param {number} at
 */
function drag(event, root, strip, state, at) {
  if (event.button) return;
  event.preventDefault();
  const first = state.starts;
  const isOn = first.includes(at);
  const target = /** @type {HTMLElement} */ (event.currentTarget);
  target.setPointerCapture(event.pointerId);
  let dragged = false;
  focusOn(root, state, at);
  target.onpointermove = (move) => {
    dragged ||= Math.hypot(move.clientX - event.clientX, move.clientY - event.clientY) > MOVED;
    if (!dragged || !isOn) return;
    const box = strip.getBoundingClientRect();
    const off = move.clientY < box.top - AWAY || move.clientY > box.bottom + AWAY;
    state.starts = moved(first, at, off ? null : nearest((move.clientX - box.left) / box.width, state.component.data.names.length));
    show(root, state);
  };
  target.onpointerup = target.onpointercancel = (end) => {
    target.onpointermove = target.onpointerup = target.onpointercancel = null;
    const next = end.type === "pointercancel" ? first : dragged ? state.starts : toggled(first, at);
    state.starts = first;
    change(root, state, next);
    show(root, state);
    const gone = next.find((each) => !first.includes(each));
    if (gone !== undefined) focusOn(root, state, gone);
  };
}
