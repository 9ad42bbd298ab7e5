// All depths are here once; scrubbing, zooming and opening a pair need no server. Python hears of depth and pair when
// they rest, for the address and for what stands below the figure.

import { arrangement, at, colour } from "./affinity_cells.js";
import { affinitySheet } from "./affinity_sheet.js";
import { drawMap, fillMap } from "./affinity_grid.js";
import { drawPair } from "./affinity_pair.js";
import { offerPictures, written } from "./runtime/downloads.js";
import { adopt, entryPoint, REST, tell } from "./runtime/component.js";
import { unpackedNumbers } from "./runtime/packed.js";
import { rgb } from "./runtime/theme.js";
import { element } from "./runtime/svg.js";

const TOLD = ["depth", "pair"];

export default entryPoint({
  initial: () => ({ zoom: 1, focus: [0, 1] }), unpack,
  render: (_, root, state) => render(root, state),
  resized: (root, state) => { if (state.layout) { drawMap(root, state); drawPair(root, state); } },
  leave: (state) => clearTimeout(state.timer),
});

/**
 * Numbers of all depths.
 * @param {any} data
 * @param {any} state
 */
async function unpack(data, state) {
  if (state.packed === data.packed) return;
  state.fields = await unpackedNumbers(data.packed, data.fields, data.depths * data.tasks.length ** 2);
  state.packed = data.packed;
}

function render(root, state) {
  const { data } = state.component;
  const find = (selector) => root.querySelector(selector);
  for (const name of ["depth", "pair"]) adopt(state, name, data[name]);
  const changed = state.stamp !== data.stamp;
  state.stamp = data.stamp;
  state.ends = ["low", "high"].map((name) => rgb(getComputedStyle(root).getPropertyValue(`--bw-${name}`)));
  drawThumbs(root, state);
  if (changed) state.focus = [...data.pair];
  drawMap(root, state);
  find(".words").replaceChildren(...data.summary.map((said) => element("p", "", said)), element("p", "marks", data.marks));
  const range = find(".scrub input");
  Object.assign(range, { max: data.depths, oninput: () => { state.depth = Number(range.value) - 1; follow(root, state); } });
  range.setAttribute("aria-label", data.words.scrub);
  range.onchange = () => { tell(state, TOLD, state.keys ? REST : 0); state.keys = false; };
  range.onkeydown = () => { state.keys = true; };
  find(".scrub").style.display = data.depths < 2 ? "none" : "";
  const step = (by) => {
    state.depth = Math.min(data.depths - 1, Math.max(0, state.depth + by));
    follow(root, state);
    tell(state, TOLD, REST);
  };
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
  find(".files").hidden = data.depths < 2;
  find(".files-word").textContent = data.words.saveAll;
  follow(root, state);
}

// Everything that changes with depth or pair; nothing is made anew, so zoom, scroll and focus stay.
function follow(root, state) {
  const { data } = state.component;
  const { depth } = state;
  root.querySelector(".where").textContent = data.names[depth];
  root.querySelector(".scrub input").value = depth + 1;
  root.querySelector(".scrub input").setAttribute("aria-valuetext", data.names[depth]);
  root.querySelector(".shallower").disabled = depth === 0;
  root.querySelector(".deeper").disabled = depth === data.depths - 1;
  root.querySelectorAll(".thumb").forEach((thumb, d) => {
    thumb.setAttribute("aria-checked", d === depth);
    thumb.tabIndex = d === depth ? 0 : -1;
  });
  fillMap(state);
  drawPair(root, state);
}

function drawThumbs(root, state) {
  const { data } = state.component;
  const row = root.querySelector(".thumbs");
  row.setAttribute("aria-label", data.words.depths);
  const signature = [state.stamp, data.tasks.length, state.ends.join(), JSON.stringify(data.arrangements)].join();
  if (state.thumbs === signature) return;
  state.thumbs = signature;
  const n = data.tasks.length, side = data.depths <= 5 ? 100 : data.depths <= 7 ? 86 : data.depths <= 10 ? 82 : 64;
  row.replaceChildren(...data.names.map((name, d) => {
    const button = element("button", "thumb");
    button.type = "button";
    button.setAttribute("role", "radio");
    const canvas = document.createElement("canvas");
    const ratio = 2;
    canvas.width = canvas.height = side * ratio;
    Object.assign(canvas.style, { width: `${side}px`, height: `${side}px` });
    paintThumb(canvas.getContext("2d"), state, d, (side * ratio) / n, n <= 12 ? 3 : n <= 20 ? 1 : 0);
    button.append(canvas, element("span", "", data.depths <= 10 ? name.toLowerCase() : data.words.block.replace("{}", d + 1)));
    button.setAttribute("aria-label", name);
    button.onclick = () => { state.depth = d; follow(root, state); tell(state, TOLD); };
    button.onkeydown = (event) => {
      const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      state.depth = (state.depth + by + data.depths) % data.depths;
      follow(root, state);
      row.children[state.depth].focus();
      tell(state, TOLD, REST);
    };
    return button;
  }));
}

function paintThumb(pen, state, depth, side, gap) {
  const { order } = arrangement(state, depth);
  order.forEach((i, r) => order.forEach((j, c) => {
    const value = at(state, "normalised", depth, i, j);
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

// Files of some depths: from the numbers, not from the screen, so that no scheme, zoom or cut name is in them.
function offer(card, state, depths, filename) {
  const picture = () => {
    const sheet = affinitySheet(state, depths());
    const [, , width, height] = sheet.getAttribute("viewBox").split(" ").map(Number);
    return written(sheet, width, height);
  };
  offerPictures(card, picture, filename);
  for (const kind of ["svg", "png"]) {
    card.querySelector(`.save-${kind}`).setAttribute("aria-label", state.component.data.words[card.matches(".map") ? "saveOne" : "saveAllAs"].replace("{}", kind.toUpperCase()));
  }
}

function zoom(root, state, factor) {
  state.zoom = factor ? Math.min(8, Math.max(1, state.zoom * factor)) : 1;
  drawMap(root, state);
  fillMap(state);
}
