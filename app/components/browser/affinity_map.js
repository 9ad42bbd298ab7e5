// All depths are here once; scrubbing, zooming and opening a pair need no server. Python hears of depth and pair when
// they rest, for the address and for what stands below the figure.

import { arrangement, at, colour } from "./affinity_cells.js";
import { affinitySheet } from "./affinity_sheet.js";
import { drawMap, fillMap } from "./affinity_grid.js";
import { drawPair } from "./affinity_pair.js";
import { offerPictures, written } from "./runtime/downloads.js";
import { adopt, entryPoint, part, parts, REST, tell } from "./runtime/component.js";
import { unpackedNumbers } from "./runtime/packed.js";
import { isPresenting } from "./runtime/presenting.js";
import { rgb } from "./runtime/theme.js";
import { button, element } from "./runtime/svg.js";

/** @typedef {import("./affinity_cells.js").Data} Data */
/** @typedef {import("./affinity_cells.js").State} State */

const TOLD = /** @type {("depth" | "pair")[]} */ (["depth", "pair"]);

/** @type {Record<string, number>} */
const NEXT = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export default entryPoint({
  name: "affinity_map",
  follow: TOLD,
  initial: () => ({ zoom: 1, focus: [0, 1] }), unpack,
  render: (_, root, state) => render(root, state),
  resized: (root, state) => { if (state.frame) { drawMap(root, state); drawPair(root, state); } },
  leave: (state) => clearTimeout(state.timer),
});

/**
 * Numbers of all depths.
 * @param {Data} data
 * @param {State} state
 */
async function unpack(data, state) {
  if (state.packed === data.packed) return;
  state.fields = await unpackedNumbers(data.packed, data.fields, data.depths * data.tasks.length ** 2);
  state.packed = data.packed;
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(root, state) {
  const { data } = state.component;
  const find = (/** @type {string} */ selector) => part(root, selector);
  for (const name of TOLD) adopt(state, name, data[name]);
  const changed = state.stamp !== data.stamp;
  state.stamp = data.stamp;
  state.ends = ["low", "high"].map((name) => rgb(getComputedStyle(root).getPropertyValue(`--bw-${name}`)));
  drawThumbs(root, state);
  if (changed) state.focus = [...data.pair];
  drawMap(root, state);
  find(".words").replaceChildren(...data.summary.map((said) => element("p", "", said)), element("p", "marks", data.marks));
  /** @type {HTMLInputElement} */
  const range = part(root, ".scrub input");
  range.max = String(data.depths);
  range.oninput = () => { state.depth = Number(range.value) - 1; follow(root, state); };
  range.setAttribute("aria-label", data.words.scrub);
  range.onchange = () => { tell(state, TOLD, state.keys ? REST : 0); state.keys = false; };
  range.onkeydown = () => { state.keys = true; };
  find(".scrub").style.display = data.depths < 2 ? "none" : "";
  const step = (/** @type {number} */ by) => {
    state.depth = Math.min(data.depths - 1, Math.max(0, state.depth + by));
    follow(root, state);
    tell(state, TOLD, REST);
  };
  /** @type {[string, string, () => void][]} */
  const named = [[".shallower", data.words.shallower, () => step(-1)], [".deeper", data.words.deeper, () => step(1)],
    [".smaller", data.words.smaller, () => zoom(root, state, 1 / 1.4)], [".larger", data.words.larger, () => zoom(root, state, 1.4)],
    [".fit", data.words.fit, () => zoom(root, state, 0)]];
  for (const [selector, label, act] of named) {
    find(selector).setAttribute("aria-label", label);
    find(selector).title = label;
    find(selector).onclick = act;
  }
  offer(find(".map"), state, () => [state.depth], () => `${data.filename}-${state.depth + 1}`);
  offer(find(".depths"), state, () => data.names.map((_, d) => d), () => `${data.filename}-all`);
  find(".files").hidden = isPresenting() || data.depths < 2;
  find(".files-word").textContent = data.words.saveAll;
  follow(root, state);
}

/**
 * Show everything that changes with depth or pair; nothing is made anew, so zoom, scroll and focus stay.
 * @param {HTMLElement} root
 * @param {State} state
 */
function follow(root, state) {
  const { data } = state.component;
  const { depth } = state;
  /** @type {HTMLInputElement} */
  const range = part(root, ".scrub input");
  /** @type {HTMLButtonElement[]} */
  const [shallower, deeper] = [part(root, ".shallower"), part(root, ".deeper")];
  part(root, ".where").textContent = data.names[depth];
  range.value = String(depth + 1);
  range.setAttribute("aria-valuetext", data.names[depth]);
  shallower.disabled = depth === 0;
  deeper.disabled = depth === data.depths - 1;
  parts(root, ".thumb").forEach((thumb, d) => {
    thumb.setAttribute("aria-checked", String(d === depth));
    thumb.tabIndex = d === depth ? 0 : -1;
  });
  fillMap(state);
  drawPair(root, state);
}

/**
 * Draw the small map of every depth.
 * @param {HTMLElement} root
 * @param {State} state
 */
function drawThumbs(root, state) {
  const { data } = state.component;
  const row = part(root, ".thumbs");
  row.setAttribute("aria-label", data.words.depths);
  const signature = [state.stamp, data.tasks.length, state.ends.join(), JSON.stringify(data.arrangements)].join();
  if (state.thumbs === signature) return;
  state.thumbs = signature;
  const n = data.tasks.length, side = data.depths <= 5 ? 100 : data.depths <= 7 ? 86 : data.depths <= 10 ? 82 : 64;
  row.replaceChildren(...data.names.map((name, d) => {
    const thumb = button("thumb", "", () => { state.depth = d; follow(root, state); tell(state, TOLD); });
    thumb.setAttribute("role", "radio");
    const canvas = document.createElement("canvas");
    const ratio = 2;
    canvas.width = canvas.height = side * ratio;
    Object.assign(canvas.style, { width: `${side}px`, height: `${side}px` });
    paintThumb(/** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")), state, d, (side * ratio) / n, n <= 12 ? 3 : n <= 20 ? 1 : 0);
    thumb.append(canvas, element("span", "", data.depths <= 10 ? name.toLowerCase() : data.words.block.replace("{}", String(d + 1))));
    thumb.setAttribute("aria-label", name);
    thumb.onkeydown = (event) => {
      const by = NEXT[event.key];
      if (!by) return;
      event.preventDefault();
      state.depth = (state.depth + by + data.depths) % data.depths;
      follow(root, state);
      /** @type {HTMLElement} */ (row.children[state.depth]).focus();
      tell(state, TOLD, REST);
    };
    return thumb;
  }));
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {State} state
 * @param {number} depth
 * @param {number} side Of a cell, in pixels.
 * @param {number} gap Between two cells.
 */
function paintThumb(pen, state, depth, side, gap) {
  const { order } = arrangement(state, depth);
  order.forEach((i, r) => order.forEach((j, c) => {
    const value = at(state, "normalised", depth, i, j);
    /** @type {[number, number, number, number]} */
    const box = [Math.floor(c * side), Math.floor(r * side), Math.ceil(side) - gap, Math.ceil(side) - gap];
    if (!Number.isNaN(value)) {
      pen.fillStyle = colour(state, value);
      pen.fillRect(...box);
      return;
    }
    pen.strokeStyle = colour(state, 0.5);
    pen.lineWidth = 2;
    pen.beginPath();
    pen.moveTo(box[0] + 2, box[1] + 2);
    pen.lineTo(box[0] + box[2] - 2, box[1] + box[3] - 2);
    pen.moveTo(box[0] + box[2] - 2, box[1] + 2);
    pen.lineTo(box[0] + 2, box[1] + box[3] - 2);
    pen.stroke();
  }));
}

/**
 * Offer files of some depths: from the numbers, not from the screen, so that no scheme, zoom or cut name is in them.
 * @param {HTMLElement} card
 * @param {State} state
 * @param {() => number[]} depths
 * @param {() => string} filename Without ending.
 */
function offer(card, state, depths, filename) {
  const picture = () => {
    const sheet = affinitySheet(state, depths());
    const [, , width, height] = sheet.getAttribute("viewBox").split(" ").map(Number);
    return written(sheet, width, height);
  };
  offerPictures(card, picture, filename);
  const { words } = state.component.data;
  const label = card.matches(".map") ? words.saveOne : words.saveAllAs;
  for (const kind of ["svg", "png"]) {
    part(card, `.save-${kind}`).setAttribute("aria-label", label.replace("{}", kind.toUpperCase()));
  }
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number} factor 0 fits the whole map.
 */
function zoom(root, state, factor) {
  state.zoom = factor ? Math.min(8, Math.max(1, state.zoom * factor)) : 1;
  drawMap(root, state);
  fillMap(state);
}
