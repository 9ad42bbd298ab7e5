// Steps through a picture. Every size and every sentence comes from Python; this file only draws, moves and listens.
// Nothing moves by itself: only after Play or a step, and never where the reader asked for less movement.

import { offerPictures, resolved } from "./runtime/downloads.js";
import { element } from "./runtime/svg.js";
import { paintNames } from "./runtime/theme.js";
import { deploymentScene } from "./tree_deployment.js";
import { svgText, wrapped } from "./tree_pieces.js";
import { trainingScene } from "./tree_training.js";

const states = new WeakMap();
const MOVES = 1700; // milliseconds of one movement
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export default function (component) {
  const { parentElement, data } = component;
  const root = parentElement.querySelector(".bw");
  if (!root || !data) return undefined;
  const state = states.get(root) || { step: data.step, at: 1, width: 0 };
  states.set(root, state);
  paintNames(root);
  state.data = data;
  state.tell = component.setStateValue;
  if (state.stamp !== data.stamp) {
    pause(state);
    if (state.stamp !== undefined) state.step = Math.min(state.step, data.steps.length - 1);
    if (state.picture !== undefined && state.picture !== data.picture) state.step = data.step;
    Object.assign(state, { stamp: data.stamp, picture: data.picture, at: 1, width: 0 });
  }
  root.hidden = false;
  listen(root, state);
  show(root, state);
  if (!state.watch) {
    state.watch = new ResizeObserver(() => show(root, state));
    state.watch.observe(root.querySelector(".stage"));
  }
  const quiet = () => { pause(state); show(root, state, true); };
  still.onchange = quiet;
  return () => {
    pause(state);
    clearTimeout(state.later);
    state.watch.disconnect();
    states.delete(root);
  };
}

// The controls ------------------------------------------------------------------------------

function listen(root, state) {
  const { words } = state.data;
  const find = (selector) => root.querySelector(selector);
  root.setAttribute("aria-label", `${state.data.title}. ${words.keys}`);
  for (const name of ["reset", "back", "next"]) find(`.${name}`).textContent = words[name];
  find(".reset").onclick = () => go(root, state, 0, false);
  find(".back").onclick = () => go(root, state, state.step - 1, false);
  find(".next").onclick = () => go(root, state, state.step + 1);
  find(".play").onclick = () => toggle(root, state);
  find(".foot .grow").textContent = state.data.note;
  root.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const button = event.composedPath()[0] instanceof HTMLButtonElement;
    const last = state.data.steps.length - 1;
    const does = {
      ArrowRight: () => go(root, state, state.step + 1), ArrowLeft: () => go(root, state, state.step - 1, false),
      Home: () => go(root, state, 0, false), End: () => go(root, state, last, false),
      " ": () => (still.matches ? go(root, state, state.step + 1) : toggle(root, state)),
    }[event.key];
    // A focused button keeps Space for itself.
    if (!does || (button && event.key === " ")) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  };
  offerPictures(root, () => picture(root, state), () => filename(state));
}

function go(root, state, step, moving = true) {
  pause(state);
  const next = Math.min(Math.max(step, 0), state.data.steps.length - 1);
  const changed = next !== state.step;
  state.step = next;
  run(root, state, changed && moving);
  report(root, state);
}

function toggle(root, state) {
  const { steps } = state.data;
  if (state.playing) {
    pause(state);
    show(root, state, true);
    report(root, state);
    return;
  }
  state.playing = true;
  state.step = state.step === steps.length - 1 ? 0 : state.step + 1;
  play(root, state);
}

function play(root, state) {
  if (!state.playing || !root.isConnected) return;
  run(root, state, true);
  if (state.step === state.data.steps.length - 1) {
    state.playing = false;
    show(root, state, state.at === 1);
    report(root, state);
    return;
  }
  // Long enough to read the sentence.
  const rest = Math.max(MOVES + 1300, 1400 + 52 * state.data.steps[state.step].caption.length);
  state.timer = setTimeout(() => { state.step += 1; play(root, state); }, rest);
}

function pause(state) {
  state.playing = false;
  clearTimeout(state.timer);
  cancelAnimationFrame(state.frame);
  state.at = 1;
}

// Python hears where the reader stopped, so that a link leads there; not of every step on the way.
function report(root, state) {
  clearTimeout(state.later);
  state.later = setTimeout(() => { if (root.isConnected && !state.playing) state.tell("step", state.step); }, 700);
}

// One step ----------------------------------------------------------------------------------

function run(root, state, moving) {
  cancelAnimationFrame(state.frame);
  state.at = moving && !still.matches ? 0 : 1;
  show(root, state, true);
  if (state.at === 1) return;
  if (!state.scene.movers.length) {
    state.at = 1;
    return;
  }
  const begun = performance.now();
  const tick = (now) => {
    if (!root.isConnected) return;
    state.at = Math.min((now - begun) / MOVES, 1);
    move(state.scene, state.at);
    if (state.at < 1) state.frame = requestAnimationFrame(tick);
  };
  state.frame = requestAnimationFrame(tick);
}

function show(root, state, again = false) {
  const { data } = state;
  const stage = root.querySelector(".stage");
  const width = Math.floor(stage.clientWidth);
  if (width < 40) return;
  const step = data.steps[state.step];
  if (again || Math.abs(width - state.width) > 2 || state.drawn !== state.step) {
    state.width = width;
    state.drawn = state.step;
    state.scene = (data.picture === "training" ? trainingScene : deploymentScene)(data, step, width);
    state.scene.svg.setAttribute("aria-label", state.scene.spoken);
    stage.replaceChildren(state.scene.svg);
    move(state.scene, state.at);
  }
  const find = (selector) => root.querySelector(selector);
  const say = (selector, words) => {
    const text = words.replace(/(\d) (?=[kMGT]?B\b|%|[kMG]\b)/g, "$1\u00a0");
    if (find(selector).textContent !== text) find(selector).textContent = text;
  };
  say(".phase", step.phase || "");
  say(".what", step.title);
  say(".caption", step.caption);
  const { words, steps } = data;
  const last = state.step === steps.length - 1;
  say(".count", `${words.step} ${state.step + 1} ${words.of} ${steps.length}`);
  find(".dots").replaceChildren(...steps.map((_, i) => element("i", i === state.step ? "now" : i < state.step ? "done" : "")));
  say(".play", state.playing ? `❚❚ ${words.pause}` : `▶ ${last ? words.again : words.play}`);
  find(".play").hidden = still.matches;
  disable(root, find(".next"), last);
  disable(root, find(".back"), state.step === 0);
  disable(root, find(".reset"), state.step === 0);
}

// A button that has the focus and can't be used any more hands it to the picture, so that the keys go on working.
function disable(root, button, off) {
  const focused = root.getRootNode().activeElement === button;
  button.disabled = off;
  if (off && focused) root.focus({ preventScroll: true });
}

// Movers know their way; everything else of a scene stands still.
function move(scene, at) {
  for (const mover of scene.movers) {
    const part = Math.min(Math.max((at - mover.from) / (mover.to - mover.from), 0), 1);
    const eased = part * part * (3 - 2 * part);
    const [x, y] = alongWay(mover.way, eased);
    mover.node.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    const gone = (mover.vanishes && part === 1) || (mover.appears && part === 0);
    mover.node.setAttribute("opacity", gone ? 0 : mover.fades ? 1 - eased : 1);
  }
  for (const late of scene.late) late.setAttribute("opacity", at === 1 ? 1 : 0);
}

function alongWay(way, part) {
  const lengths = way.slice(1).map(([x, y], i) => Math.hypot(x - way[i][0], y - way[i][1]));
  let left = part * lengths.reduce((sum, each) => sum + each, 0);
  for (let i = 0; i < lengths.length; i += 1) {
    if (left <= lengths[i] && lengths[i] > 0) {
      const share = left / lengths[i];
      return [0, 1].map((axis) => way[i][axis] + share * (way[i + 1][axis] - way[i][axis]));
    }
    left -= lengths[i];
  }
  return way[way.length - 1];
}

// Pictures ----------------------------------------------------------------------------------

function filename(state) {
  return `${state.data.filename}-${state.data.picture}-${state.step + 1}`;
}

// The drawing with its sentence below, at rest.
function picture(root, state) {
  pause(state);
  show(root, state, true);
  const svg = state.scene.svg;
  const step = state.data.steps[state.step];
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const lines = wrapped(`${step.phase ? `${step.phase}: ` : ""}${step.title}. ${step.caption}`, Math.floor(width / 7));
  const below = lines.map((line, i) => svgText(line, 0, height + 22 + 19 * i, { "font-size": 13.5 }));
  svg.append(...below);
  const copy = resolved(svg);
  below.forEach((line) => line.remove());
  const tall = height + 32 + 19 * lines.length;
  copy.setAttribute("viewBox", `-12 -12 ${width + 24} ${tall + 12}`);
  copy.setAttribute("width", width + 24);
  copy.setAttribute("height", tall + 12);
  return { text: new XMLSerializer().serializeToString(copy), width: width + 24, height: tall + 12 };
}
