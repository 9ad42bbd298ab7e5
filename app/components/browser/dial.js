// Some stops of one dial: each has a drawing, a title and a sentence, which Python made. Nothing is asked of the server.

import { entryPoint, part, parts } from "./runtime/component.js";
import { followPointer, keyed } from "./runtime/slider.js";
import { button, element } from "./runtime/svg.js";
import { keepTextSize, widthOf } from "./runtime/text_size.js";

const SHORT = 8; // letters of a name that stands below its stop at either end of a phone's dial
const PHONE = 484; // pixels of a drawing in a figure that is as narrow as the style says

export default entryPoint({ name: "dial", follow: ["at"], render, resized: (root, state) => resize(root, state) });

/**
 * @typedef {object} Stop
 * @property {string} name At the dial.
 * @property {string} title
 * @property {string} svg
 * @property {string} narrow The same for a phone; empty where there is none.
 * @property {string} sentence
 */

/**
 * @typedef {object} Data
 * @property {string} label What the dial turns.
 * @property {number} at The first stop that is shown.
 * @property {Stop[]} stops
 * @property {{ back: string, next: string, hint: string }} words
 */

/** @typedef {{ at: number, shown: string, component: { data: Data } }} State */

/**
 * @param {import("./runtime/component.js").Component<Data>} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render({ data }, root, state) {
  const sent = JSON.stringify(data);
  if (state.shown === sent) return;
  state.shown = sent;
  const last = data.stops.length - 1;
  state.at = Math.min(Math.max(data.at, 0), last);
  const grip = part(root, ".grip");
  const track = part(root, ".track");
  part(root, ".label").textContent = data.label;
  part(root, ".hint").textContent = data.words.hint;
  const go = (/** @type {number} */ at) => {
    state.at = Math.min(Math.max(at, 0), last);
    follow(root, data, state);
  };
  part(root, ".stops").replaceChildren(...data.stops.map((stop, i) => {
    const mark = button("stop", stop.name, () => go(i));
    mark.tabIndex = -1; // the grip is the way by keyboard
    return mark;
  }));
  const [back, next] = [button("step back", "‹", () => go(state.at - 1)), button("step next", "›", () => go(state.at + 1))];
  back.setAttribute("aria-label", data.words.back);
  next.setAttribute("aria-label", data.words.next);
  part(root, ".steps").replaceChildren(back, next);
  grip.setAttribute("aria-label", data.label);
  grip.setAttribute("aria-valuemin", "0");
  grip.setAttribute("aria-valuemax", String(last));
  grip.onkeydown = (event) => {
    const at = keyed(event, state.at, { low: 0, high: last, page: 1 });
    if (at !== null) go(at);
  };
  const move = (/** @type {PointerEvent} */ event) => {
    const box = track.getBoundingClientRect();
    go(Math.round(((event.clientX - box.left) / box.width) * last));
  };
  track.onpointerdown = (event) => followPointer(event, grip, move, () => {});
  follow(root, data, state);
}

/**
 * @param {HTMLElement} root
 * @param {Data} data
 * @param {State} state
 */
function follow(root, data, state) {
  const { at } = state;
  const stop = data.stops[at];
  const last = Math.max(1, data.stops.length - 1);
  const grip = part(root, ".grip");
  grip.style.left = `${(at / last) * 100}%`;
  grip.setAttribute("aria-valuenow", String(at));
  grip.setAttribute("aria-valuetext", `${stop.name}: ${stop.title}. ${stop.sentence}`);
  parts(root, ".stop").forEach((mark, i) => {
    mark.style.left = `${(i / last) * 100}%`;
    mark.classList.toggle("on", i === at);
    const isLong = data.stops[i].name.length > SHORT;
    mark.classList.toggle("first", isLong && i === 0);
    mark.classList.toggle("last", isLong && i === data.stops.length - 1);
  });
  part(root, ".title").textContent = stop.title;
  part(root, ".sentence").textContent = stop.sentence.replaceAll(" %", "\u00a0%");
  /** @type {HTMLButtonElement} */ (part(root, ".back")).disabled = at === 0;
  /** @type {HTMLButtonElement} */ (part(root, ".next")).disabled = at === data.stops.length - 1;
  resize(root, state);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function resize(root, state) {
  const drawing = part(root, ".drawing");
  const { svg: wide, narrow } = state.component.data.stops[state.at];
  // Made by Python's own functions, which escape every name.
  drawing.innerHTML = narrow && widthOf(drawing) < PHONE ? narrow : wide;
  drawing.classList.toggle("wide", !narrow);
  const svg = drawing.querySelector("svg");
  // Where it is wider than the screen it is scrolled by itself, also by keyboard.
  const isCut = drawing.scrollWidth > drawing.clientWidth + 1;
  part(root, ".hint").hidden = !isCut;
  if (isCut) drawing.tabIndex = 0;
  else drawing.removeAttribute("tabindex");
  if (svg) keepTextSize(svg);
  else part(root, ".drawing").replaceChildren(element("span"));
}
