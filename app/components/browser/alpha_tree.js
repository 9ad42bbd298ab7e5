// α follows the pointer here, in the browser; Python hears of it on release only.
// Python draws the axis and sends both terms of every tree's cost; this file adds them up and chooses.

import { smallTree } from "./drawings/small_tree.js";
import { laneWithin, tasksOf, tree } from "./drawings/tree.js";
import { entryPoint, part, parts, REST } from "./runtime/component.js";
import { offerPictures, pictureOf } from "./runtime/downloads.js";
import { unpackedJson } from "./runtime/packed.js";
import { followPointer, keyed } from "./runtime/slider.js";
import { element } from "./runtime/svg.js";
import { keepTextSize, widthOf } from "./runtime/text_size.js";

const NARROW = 780; // pixels, as in the style sheet
const FEW = 16; // trees of a strip that is not scrolled

export default entryPoint({ name: "alpha_tree", follow: ["alpha"], initial: () => ({ dragging: false }), unpack, render, resized: (_root, state) => state.resized?.() });

/** @typedef {import("./drawings/tree.js").Layout} Layout */

/**
 * @typedef {object} Entry One tree of the path, as Python sends it.
 * @property {string} code The layout as in an address.
 * @property {Layout} layout
 * @property {boolean} selectable Whether its blocks can be clicked.
 * @property {number} start It is the cheapest from this α on.
 * @property {number} at A round α within its interval.
 * @property {number} c Clustering cost.
 * @property {number} k Complexity.
 * @property {number[]} clustering At each depth.
 * @property {number[]} complexity At each depth, before it is times α.
 * @property {string} title
 * @property {string} range Its interval in a sentence.
 * @property {string} short Its interval in a few letters.
 * @property {string} counts Branches per block.
 */

/**
 * @typedef {object} Data What Python sends.
 * @property {string} axis Drawing of cost against α, an SVG text.
 * @property {Scale} scale
 * @property {string} packed The entries.
 * @property {string} answer Why the branch that was clicked separates.
 * @property {{ tasks: string[], costs: number[] }} drawn What all trees share.
 * @property {number} alpha
 * @property {string} caption
 * @property {string} filename
 * @property {string} stamp
 * @property {Record<string, string>} words
 */

/** @typedef {{ alphas: number[], places: number[], low: number, high: number, width: number, height: number }} Scale */

/**
 * @typedef {object} State
 * @property {boolean} dragging Whether α here is newer than that of the server.
 * @property {number} alpha
 * @property {Entry[]} entries
 * @property {string} [packed] What was unpacked.
 * @property {string} [axis] What stands in the drawing.
 * @property {string | null} [shown] Which tree stands on the page.
 * @property {string | null} [strip] Whose trees stand in the strip.
 * @property {string} [marked] What was drawn when the page ran last.
 * @property {number} [timer]
 * @property {() => void} [resized]
 */

/**
 * The trees: unpacked once, however often the page runs again.
 * @param {Data} data
 * @param {State} state
 */
async function unpack(data, state) {
  if (state.packed === data.packed) return;
  state.entries = await unpackedJson(data.packed);
  state.packed = data.packed;
  state.shown = null;
  state.strip = null;
}

/**
 * @param {import("./runtime/component.js").Component<Data>} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(component, root, state) {
  const { data, setStateValue, setTriggerValue } = component;
  const find = (/** @type {string} */ selector) => part(root, selector);
  const { scale, words } = data;
  const { entries } = state;
  if (!state.dragging) state.alpha = data.alpha;
  if (state.axis !== data.axis) {
    find(".drawing").innerHTML = data.axis;
    state.axis = data.axis;
  }
  /** @type {SVGSVGElement} */
  const svg = part(root, ".drawing svg");
  const bands = parts(svg, ".band");
  const grip = find(".grip");

  // From α to its place and back: linearly from 0, by ratio between two numbers above it.
  const placeOf = (/** @type {number} */ alpha) => {
    const { alphas, places } = scale;
    let i = 0;
    while (i < alphas.length - 2 && alpha > alphas[i + 1]) i += 1;
    const [a, b] = [alphas[i], alphas[i + 1]];
    const way = a === 0 ? alpha / b : Math.log(alpha / a) / Math.log(b / a);
    return places[i] + Math.min(Math.max(way, 0), 1) * (places[i + 1] - places[i]);
  };
  const alphaAt = (/** @type {number} */ x) => {
    const { alphas, places } = scale;
    let i = 0;
    while (i < places.length - 2 && x > places[i + 1]) i += 1;
    const [a, b] = [alphas[i], alphas[i + 1]];
    const way = Math.min(Math.max((x - places[i]) / (places[i + 1] - places[i]), 0), 1);
    return a === 0 ? way * b : a * (b / a) ** way;
  };
  const treeAt = (/** @type {number} */ alpha) => {
    let best = 0;
    entries.forEach((entry, i) => { if (entry.start <= alpha * (1 + 1e-12)) best = i; });
    return best;
  };
  // As few digits as lead to the same tree.
  const rounded = (/** @type {number} */ alpha) => {
    for (let digits = 3; digits < 16; digits += 1) {
      const found = Number(alpha.toPrecision(digits));
      if (treeAt(found) === treeAt(alpha)) return found;
    }
    return alpha;
  };
  const written = (/** @type {number} */ alpha) => alpha === 0 ? "0" : alpha < 0.001 ? alpha.toExponential(1) : String(Number(alpha.toPrecision(3)));

  const draw = () => {
    const place = treeAt(state.alpha);
    const x = placeOf(state.alpha);
    const left = `${(x / scale.width) * 100}%`;
    Object.assign(find(".line").style, {
      left, top: `${(scale.high / scale.height) * 100}%`, height: `${((scale.low - scale.high + 22) / scale.height) * 100}%`,
    });
    const edge = Math.min(Math.max(x, 48), scale.width - 48);
    grip.textContent = `◂ α ${written(state.alpha)} ▸`;
    // Below the numbers of the axis, however small the drawing stands.
    Object.assign(grip.style, {
      left: `${(edge / scale.width) * 100}%`, top: `calc(${((scale.low + 22) / scale.height) * 100}% + ${grip.offsetHeight / 2 + 1}px)`,
    });
    grip.setAttribute("aria-valuemin", "0");
    grip.setAttribute("aria-valuemax", String(entries.length - 1));
    grip.setAttribute("aria-valuenow", String(place));
    grip.setAttribute("aria-valuetext", `α ${written(state.alpha)}, ${words.tree} ${place + 1} ${words.of} ${entries.length}: ${entries[place].title}`);
    bands.forEach((band, i) => band.classList.toggle("on", i === place));
    show(place);
    costs(entries[place]);
  };

  const show = (/** @type {number} */ place) => {
    const entry = entries[place];
    // It is of the tree that the server shows; while another one is dragged past, nothing was asked about it.
    find(".answer").textContent = place === treeAt(data.alpha) ? data.answer : "";
    if (state.shown === entry.code + data.stamp) return;
    state.shown = entry.code + data.stamp;
    find(".kind").textContent = `${words.tree} ${place + 1} ${words.of} ${entries.length}`;
    find(".range").textContent = entry.range;
    find(".title").textContent = entry.title;
    find(".tree").replaceChildren(tree({
      ...data.drawn, layout: entry.layout, selectable: entry.selectable, label: entry.title, width: widthOf(find(".tree")),
      // One column: tree and line must be in sight together while the line is dragged.
      lane: root.clientWidth <= NARROW ? laneWithin(data.drawn.tasks.length, 120, 36)
        : laneWithin(data.drawn.tasks.length, Math.max(220, 0.45 * widthOf(find(".tree"))), Math.max(84, 0.14 * widthOf(find(".tree")))),
    }));
    for (const block of parts(root, ".tree .block")) {
      const ask = () => {
        parts(root, ".tree .chosen").forEach((other) => other.classList.remove("chosen"));
        block.classList.add("chosen");
        setTriggerValue("asked", { block: Number(block.dataset.block), group: tasksOf(block), layout: entry.code });
      };
      block.onclick = ask;
      block.onkeydown = (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        ask();
      };
    }
    mark(place);
  };

  const costs = (/** @type {Entry} */ entry) => {
    const a = state.alpha;
    const digits = (/** @type {number} */ value) => value.toFixed(value < 10 ? 3 : 1);
    const total = entry.c + a * entry.k;
    find(".sum").replaceChildren(
      element("b", "", `${words.cost} ${digits(total)}`),
      ` = ${words.clustering} ${digits(entry.c)} + α ${written(a)} × ${words.complexity} ${Number(entry.k.toPrecision(4))}`,
    );
    const bars = find(".bars");
    bars.classList.toggle("many", entry.clustering.length > 10);
    if (bars.childElementCount !== 3 * entry.clustering.length) {
      bars.replaceChildren(...entry.clustering.flatMap((_, depth) => {
        const track = element("span", "track");
        track.append(element("span", "part clustering"), element("span", "part complexity"));
        return [element("span", "name", `${words.block} ${depth + 1}`), track, element("span", "value")];
      }));
    }
    // Depths are compared with each other; how the sum grows with α stands in the curve above.
    const most = Math.max(...entry.clustering.map((own, depth) => own + a * entry.complexity[depth]), 1e-12);
    entry.clustering.forEach((own, depth) => {
      const more = a * entry.complexity[depth];
      const [track, value] = [1, 2].map((i) => bars.children[3 * depth + i]);
      part(track, ".clustering").style.width = `${Math.min(own / most, 1) * 100}%`;
      part(track, ".complexity").style.width = `${Math.min(more / most, 1) * 100}%`;
      value.textContent = `${digits(own)} + ${digits(more)}`;
    });
    bars.setAttribute("aria-label", `${words.perDepth}: ` + entry.clustering.map((own, depth) =>
      `${words.block} ${depth + 1} ${digits(own)} ${words.and} ${digits(a * entry.complexity[depth])}`).join("; "));
  };

  // The strip of all trees -----------------------------------------------------------------
  const row = find(".row");
  const picks = () => /** @type {HTMLElement[]} */ ([...row.children]);
  const strip = () => {
    if (state.strip === data.packed) return;
    state.strip = data.packed;
    row.setAttribute("aria-label", words.strip);
    row.classList.toggle("few", entries.length <= FEW);
    row.replaceChildren(...entries.map((entry, i) => {
      const pick = element("button", "pick");
      pick.type = "button";
      pick.setAttribute("role", "radio");
      pick.setAttribute("aria-label", `${words.tree} ${i + 1}, ${entry.range}: ${entry.title}`);
      pick.title = entry.title;
      pick.append(smallTree(entry), element("span", "range", entry.short), element("span", "counts", entry.counts));
      return pick;
    }));
  };
  const mark = (/** @type {number} */ place) => {
    picks().forEach((pick, i) => {
      pick.setAttribute("aria-checked", String(i === place));
      pick.tabIndex = i === place ? 0 : -1;
    });
    const pick = picks()[place];
    if (pick) row.scrollLeft = pick.offsetLeft - row.offsetLeft - (row.clientWidth - pick.offsetWidth) / 2;
  };
  const release = () => {
    state.dragging = false;
    setStateValue("alpha", state.alpha);
  };
  const go = (/** @type {number} */ place, /** @type {number} */ later) => {
    const next = Math.min(Math.max(place, 0), entries.length - 1);
    state.alpha = entries[next].at;
    state.dragging = true; // a rerun on its way must not set it back
    draw();
    clearTimeout(state.timer);
    state.timer = setTimeout(release, later);
    return next;
  };
  strip();
  picks().forEach((pick, i) => {
    pick.onclick = () => go(i, 0);
    pick.onkeydown = (event) => {
      const next = stepped(event, i);
      if (next === null) return;
      picks()[go(next, REST)].focus({ preventScroll: true });
    };
  });

  // The line ------------------------------------------------------------------------------
  const stepped = (/** @type {KeyboardEvent} */ event, /** @type {number} */ place) => keyed(event, place, { low: 0, high: entries.length - 1 });
  const start = (/** @type {PointerEvent} */ event) => {
    if (event.button) return;
    state.dragging = true;
    clearTimeout(state.timer);
    const move = (/** @type {PointerEvent} */ e) => {
      const box = svg.getBoundingClientRect();
      state.alpha = rounded(alphaAt(((e.clientX - box.left) / box.width) * scale.width));
      draw();
    };
    followPointer(event, grip, move, release);
  };
  svg.onpointerdown = start;
  grip.onpointerdown = start;
  grip.onkeydown = (event) => {
    const next = stepped(event, treeAt(state.alpha));
    if (next === null) return;
    go(next, REST);
  };

  offerPictures(root, () => pictureOf(find(".tree svg")), () => `${data.filename}-alpha-${written(state.alpha)}`, 3);

  find(".caption .grow").textContent = data.caption;
  find(".strip-title").textContent = words.strip;
  find(".clustering-word").textContent = words.clusteringKey;
  find(".complexity-word").textContent = words.complexityKey;
  if (state.marked !== data.packed + data.stamp) state.shown = null;
  state.marked = data.packed + data.stamp;
  state.resized = () => {
    keepTextSize(svg);
    state.shown = null;
    draw();
  };
  keepTextSize(svg);
  draw();
}
