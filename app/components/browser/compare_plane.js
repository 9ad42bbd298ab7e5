// The budget line follows the pointer here, in the browser; Python hears of it on release only.
// Python sends every number and sentence, for each whole percent; this file chooses what shows.

import { bars } from "./drawings/bars.js";
import { laneWithin, tree } from "./drawings/tree.js";
import { budgetWords, costWords, fits, wholePercent } from "./runtime/budget.js";
import { followBudget } from "./runtime/budget_line.js";
import { entryPoint, part, parts } from "./runtime/component.js";
import { offerPictures, resolved, written } from "./runtime/downloads.js";
import { unpackedJson } from "./runtime/packed.js";
import { keyed, placeClear } from "./runtime/slider.js";
import { element, svgNode, unbroken } from "./runtime/svg.js";
import { keepTextSize, stretched, widthOf } from "./runtime/text_size.js";
import { LIGHT } from "./runtime/theme.js";

const NARROW = 780; // pixels, as in the style sheet
const LETTER = 8; // pixels, about one of a mark
const PACKED = /** @type {const} */ (["plane", "entries", "rows", "readouts"]);

export default entryPoint({ name: "compare_plane", follow: ["budget", "picked"], initial: () => ({ dragging: false }), unpack, render, resized: (_root, state) => state.resized?.() });

/**
 * @typedef {object} Entry One network, as Python sends it.
 * @property {number} place Its mark.
 * @property {string} code
 * @property {number} cost Fraction of single-task networks.
 * @property {string} family
 * @property {string} title
 * @property {import("./drawings/tree.js").Layout | null} layout
 * @property {string} drawing An SVG text where it is no layout.
 * @property {string} delta
 * @property {string} interval
 * @property {string} share
 * @property {string} amount
 * @property {Omit<import("./drawings/bars.js").Bars, "domain"> | null} bars Gain of each task.
 * @property {string} front
 */

/**
 * @typedef {object} Row What is said of one whole percent.
 * @property {number} entry −1 where nothing fits.
 * @property {string} advice
 * @property {string} sure
 * @property {string} sureNote
 * @property {string} family
 * @property {string} familyNote
 */

/**
 * @typedef {object} Data What Python sends.
 * @property {string} plane Drawings by rising width, packed.
 * @property {string} entries Packed.
 * @property {string} rows Packed.
 * @property {string} readouts Packed.
 * @property {any[]} scales Of each drawing.
 * @property {Entry | null} picked
 * @property {number} budget Fraction of single-task networks.
 * @property {{ row: Row, entry: Entry | null } | null} own What is said of a budget of no whole percent.
 * @property {string[]} tasks
 * @property {number[]} costs
 * @property {string} caption
 * @property {string} filename
 * @property {Record<string, string>} words
 */

/**
 * @typedef {object} State
 * @property {boolean} dragging Whether the budget here is newer than that of the server.
 * @property {number} budget
 * @property {Entry | null} picked
 * @property {string[]} plane SVG texts.
 * @property {Entry[]} entries
 * @property {Row[]} rows Of 1 … 100 %.
 * @property {[string, string][]} readouts Code and line of each mark.
 * @property {Record<string, string>} [packed] What was unpacked.
 * @property {string} [planeShown]
 * @property {string} [shown] Which network stands beside the plane.
 * @property {number} [timer]
 * @property {() => void} [resized]
 */

/**
 * What came packed is unpacked once, however often the page runs again.
 * @param {any} data
 * @param {any} state
 */
async function unpack(data, state) {
  for (const name of PACKED) {
    if (state.packed?.[name] === data[name]) continue;
    state[name] = await unpackedJson(data[name]);
    state.packed = { ...state.packed, [name]: data[name] };
    state.shown = undefined;
  }
}

/**
 * @param {import("./runtime/component.js").Component<Data>} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(component, root, state) {
  const { data, setStateValue, setTriggerValue } = component;
  const { words } = data;
  const find = (/** @type {string} */ selector) => part(root, selector);
  if (!state.dragging) {
    state.budget = data.budget;
    state.picked = data.picked;
  }
  const drawn = () => stretched(data.scales.map((each) => each.width), find(".drawing"));
  const which = drawn();
  const scale = data.scales[which];
  if (state.planeShown !== state.plane[which]) {
    // An SVG by Python's own functions, which escape every name.
    state.planeShown = find(".drawing").innerHTML = state.plane[which];
  }
  /** @type {SVGSVGElement} */
  const svg = part(root, ".drawing svg");
  const dots = parts(svg, "[data-cost]").map((node) => ({ node, cost: Number(node.dataset.cost) }));
  const networks = parts(svg, ".network");
  const grip = find(".grip");
  const xOf = (/** @type {number} */ cost) => scale.x0 + ((cost - scale.low) / (scale.high - scale.low)) * (scale.x1 - scale.x0);
  const percent = () => budgetWords(state.budget).replace(" %", "");
  // Between two whole percents the line stands only where Python has put it.
  const own = () => (wholePercent(state.budget) === null ? data.own : null);
  const row = () => own()?.row ?? state.rows[Math.min(100, Math.max(1, Math.floor(100 * state.budget + 1e-9))) - 1];
  const chosen = () => state.picked ?? (own() ? own()?.entry ?? undefined : state.entries[row().entry]);
  grip.setAttribute("aria-valuemin", "1");
  grip.setAttribute("aria-valuemax", "100");

  const draw = () => {
    const x = xOf(state.budget);
    const left = `${(x / scale.width) * 100}%`;
    const high = (/** @type {number} */ y) => `${(y / scale.height) * 100}%`;
    Object.assign(find(".line").style, { left, top: high(scale.top), height: high(scale.bottom - scale.top) });
    grip.style.left = left;
    grip.textContent = `◂ ${percent()} % ▸`;
    for (const mark of parts(svg, ".mark")) placeMark(mark, x);
    const over = part(svg, ".over");
    over.setAttribute("x", String(x));
    over.setAttribute("width", String(Math.max(0, scale.x1 - x)));
    for (const { node, cost } of dots) node.classList.toggle("dim", !fits(cost, state.budget));
    const entry = chosen();
    for (const node of networks) node.classList.toggle("shown", Number(node.dataset.i) === entry?.place);
    const mark = networks.find((node) => Number(node.dataset.i) === entry?.place);
    placeClear(grip, mark, { low: high(scale.bottom), high: high(scale.top) });
    grip.setAttribute("aria-valuenow", percent());
    grip.setAttribute("aria-valuetext",
      `${percent()} percent: ${entry ? `${entry.family}, ${entry.title}` : words.nothing}`);
    show(entry);
  };

  const placeMark = (/** @type {HTMLElement} */ mark, /** @type {number} */ line) => {
    const point = Number(mark.dataset.x);
    const isCrossed = line > point && line < point + 12 + LETTER * (mark.textContent ?? "").length;
    mark.setAttribute("x", String(point + (isCrossed ? -10 : 10)));
    mark.setAttribute("text-anchor", isCrossed ? "end" : "start");
  };

  const show = (/** @type {Entry | undefined} */ entry) => {
    const over = state.picked && !fits(state.picked.cost, state.budget);
    find(".follow").hidden = !state.picked;
    find(".kind").textContent = state.picked ? words.picked + (over ? `, ${words.over} ${percent()} %` : "")
      : `${entry ? words.best : words.nothingWithin} ${percent()} %`;
    find(".kind").classList.toggle("warn", Boolean(over));
    find(".advice").textContent = state.picked ? "" : unbroken(row().advice);
    const content = entry ? entry.code : "none";
    if (state.shown !== content) {
      state.shown = content;
      find(".of-family").textContent = entry && entry.family !== entry.title ? entry.family : "";
      find(".name").textContent = entry ? entry.title : words.nothing;
      find(".structure").replaceChildren(...(entry ? [structure(entry)] : []));
      if (entry?.drawing) keepTextSize(part(root, ".structure svg"));
      find(".bars").replaceChildren(...(entry?.bars ? [bars({ ...entry.bars, domain: domain(entry), width: widthOf(find(".bars")) })] : []));
    }
    readout(null);
    showFigures(entry);
  };

  const structure = (/** @type {Entry} */ entry) => {
    const width = widthOf(find(".structure"));
    if (entry.layout) {
      return tree({
        layout: entry.layout, tasks: data.tasks, costs: data.costs, label: entry.title, width,
        lane: root.clientWidth <= NARROW ? laneWithin(data.tasks.length, 100, 26) : laneWithin(data.tasks.length, 200, 56),
      });
    }
    const box = element("div");
    // An SVG by Python's own functions, which escape every name.
    if (entry.drawing) box.innerHTML = entry.drawing;
    else box.append(element("p", "", words.noDrawing));
    return box;
  };

  // Bars of all recommended networks have one scale.
  const domain = (/** @type {Entry} */ entry) => {
    const ends = [...state.entries, entry].flatMap((each) => each.bars ? [...each.bars.values, ...(each.bars.low ?? []), ...(each.bars.high ?? [])] : []);
    return /** @type {[number, number]} */ ([Math.min(0, ...ends), Math.max(0, ...ends)]);
  };

  const showFigures = (/** @type {Entry | undefined} */ entry) => {
    const { sure, sureNote, family, familyNote } = row();
    const share = entry && !fits(entry.cost, state.budget) ? costWords(entry.cost, state.budget) : entry?.share;
    const certainty = state.picked ? [words.front, state.picked.front, words.frontNote] : [words.sure, sure, sureNote];
    const cards = [
      [words.delta, entry?.delta ?? "–", entry?.interval ?? words.nothing],
      [words.cost, share ?? "–", entry?.amount ?? ""],
      certainty,
      [`${words.family} within ${percent()} %`, family, familyNote],
    ];
    find(".kpis").replaceChildren(...cards.map(([label, value, note]) => {
      const card = element("div", "card kpi");
      card.append(element("div", "label", unbroken(label)), element("div", "value", value), element("div", "note", unbroken(note)));
      return card;
    }));
  };

  // The line below the plane: of the mark under the pointer, else of the network that is shown.
  const readout = (/** @type {number | null} */ place) => {
    const shown = place ?? chosen()?.place ?? null;
    find(".readout").textContent = shown === null ? "" : unbroken(state.readouts[shown][1]);
  };
  for (const node of networks) {
    node.onpointerenter = () => readout(Number(node.dataset.i));
    node.onpointerleave = () => readout(null);
  }

  state.resized = () => {
    state.shown = undefined;
    if (drawn() !== which) return render(component, root, state);
    keepTextSize(svg);
    draw();
  };

  // The budget line ------------------------------------------------------------------------
  followBudget({
    svg,
    grip,
    state,
    budgetOf: (x) => {
      const raw = scale.low + ((x * scale.width - scale.x0) / (scale.x1 - scale.x0)) * (scale.high - scale.low);
      return Math.min(1, Math.max(0.01, raw));
    },
    stepped: (event) => keyed(event, state.budget, { low: 0.01, high: 1, step: 0.01, page: 0.1 }),
    draw,
    setStateValue,
    marks: ".network",
    pick: (dot) => setTriggerValue("picked", state.readouts[Number(dot.dataset.i)][0]),
  });
  find(".follow").onclick = () => setTriggerValue("follow", true);

  // Pictures -------------------------------------------------------------------------------
  offerPictures(root, () => {
    const copy = resolved(svg);
    const x = xOf(state.budget);
    copy.append(svgNode("line", { x1: x, x2: x, y1: scale.top, y2: scale.bottom, stroke: LIGHT.text, "stroke-width": 2 }));
    return written(copy, scale.width, scale.height);
  }, () => data.filename);

  find(".caption .grow").textContent = data.caption;
  keepTextSize(svg);
  draw();
}
