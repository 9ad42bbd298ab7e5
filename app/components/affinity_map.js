// All depths are here once; scrubbing, zooming and opening a pair need no server. Python hears of depth and pair when
// they rest, for the address and for what stands below the figure.

const states = new WeakMap();
const REST = 350; // milliseconds without another step before the server is told

export default function (component) {
  const { parentElement, data } = component;
  const root = parentElement.querySelector(".bw");
  if (!root || !data) return;
  const state = states.get(root) || { zoom: 1, focus: [0, 1], given: {}, pending: {} };
  states.set(root, state);
  paintNames(root);
  state.component = component;
  unpacked(data, state).then(() => { if (state.component === component) render(root, state); });
  if (!state.observer) {
    state.observer = new ResizeObserver(() => {
      const width = root.querySelector(".scroll").clientWidth;
      if (state.layout && Math.abs(width - state.width) > 4) drawMap(root, state);
    });
    state.observer.observe(root);
  }
  return () => { state.observer.disconnect(); clearTimeout(state.timer); };
}

// Numbers of all depths: whole numbers of 16 bits with a scale per field, compressed; −32768 stands for a hole.
async function unpacked(data, state) {
  if (state.packed === data.packed) return;
  const bytes = Uint8Array.from(atob(data.packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const whole = new Int16Array(await new Response(stream).arrayBuffer());
  const size = data.depths * data.tasks.length ** 2;
  state.fields = Object.fromEntries(data.fields.map(([name, scale], k) =>
    [name, Float32Array.from(whole.subarray(k * size, (k + 1) * size), (v) => (v === -32768 ? NaN : v * scale))]));
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
  range.onchange = () => tell(state, 0);
  range.onkeydown = () => { state.keys = true; };
  find(".scrub").style.display = data.depths < 2 ? "none" : "";
  const step = (by) => {
    state.depth = Math.min(data.depths - 1, Math.max(0, state.depth + by));
    follow(root, state);
    tell(state, REST);
  };
  const named = [[".shallower", data.words.shallower, () => step(-1)], [".deeper", data.words.deeper, () => step(1)],
    [".smaller", data.words.smaller, () => zoom(root, state, 1 / 1.4)], [".larger", data.words.larger, () => zoom(root, state, 1.4)],
    [".fit", data.words.fit, () => zoom(root, state, 0)], [".save-svg", data.words.save, () => saveMap(root, state)]];
  for (const [selector, label, act] of named) {
    find(selector).setAttribute("aria-label", label);
    find(selector).title = label;
    find(selector).onclick = act;
  }
  follow(root, state);
}

// The server's word counts only where it is news: an answer on its way must not undo a later step.
function adopt(state, name, value) {
  const written = JSON.stringify(value);
  if (state.pending[name] === written) delete state.pending[name];
  if (state.given[name] === written || state.pending[name] !== undefined) return;
  state.given[name] = written;
  state[name] = value;
}

function tell(state, wait) {
  clearTimeout(state.timer);
  state.timer = setTimeout(() => {
    state.keys = false;
    for (const name of ["depth", "pair"]) {
      const written = JSON.stringify(state[name]);
      if (state.given[name] === written) continue;
      state.pending[name] = state.given[name] = written;
      state.component.setStateValue(name, state[name]);
    }
  }, wait || (state.keys ? REST : 0));
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
  fillMap(root, state);
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
    button.onclick = () => { state.depth = d; follow(root, state); tell(state, 0); };
    button.onkeydown = (event) => {
      const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      state.depth = (state.depth + by + data.depths) % data.depths;
      follow(root, state);
      row.children[state.depth].focus();
      tell(state, REST);
    };
    return button;
  }));
}

function paintThumb(pen, state, depth, side, gap) {
  const { order } = arrangement(state, depth);
  order.forEach((i, r) => order.forEach((j, c) => {
    const value = at(state, "alike", depth, i, j);
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

function zoom(root, state, factor) {
  state.zoom = factor ? Math.min(8, Math.max(1, state.zoom * factor)) : 1;
  drawMap(root, state);
  fillMap(root, state);
}

function legend(state) {
  const { data } = state.component;
  const ramp = element("span");
  ramp.append(data.words.least, element("i"), data.words.most);
  const parts = [ramp];
  const dashed = state.layout.cell >= DASHES_FROM;
  if (data.marked) parts.push(sign(dashed ? "M2 8H22" : "M7 13L17 3", dashed ? "3 2.6" : "", data.words.marked));
  if (data.holes) parts.push(sign("M6 3L18 13M18 3L6 13", "", data.words.hole));
  return parts;
}

function sign(d, dash, words) {
  const part = element("span");
  const drawing = svgNode("svg", { width: 24, height: 16, "aria-hidden": "true" });
  drawing.append(svgNode("path", { d, stroke: "var(--bw-text)", "stroke-width": 1.8, fill: "none", "stroke-dasharray": dash }));
  part.append(drawing, words);
  return part;
}

// Numbers and colours ----------------------------------------------------------------------------------------------
function at(state, name, depth, i, j) {
  const field = state.fields[name];
  const n = state.component.data.tasks.length;
  return field ? field[(depth * n + i) * n + j] : NaN;
}

function arrangement(state, depth) {
  const { arrangements } = state.component.data;
  return arrangements[arrangements.length > 1 ? depth : 0];
}

function mixed(state, value) {
  const place = Math.min(1, Math.max(0, value));
  return state.ends[0].map((low, k) => Math.round(low + place * (state.ends[1][k] - low)));
}

function colour(state, value) {
  return `rgb(${mixed(state, value).join(",")})`;
}

// Dark or light, whichever can be read better.
function ink(state, value) {
  const part = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = mixed(state, value).map(part);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#0F171A" : "#FFFFFF";
}

function rgb(words) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = words.trim() || "#888";
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

function number(value, digits = 2) {
  return Number.isNaN(value) ? "–" : value.toFixed(digits).replace("-", "−");
}

function svgNode(name, attributes, words = "") {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) if (value !== "") node.setAttribute(key, value);
  if (words) node.textContent = words;
  return node;
}
