// The budget line follows the pointer here, in the browser; Python hears of it on release only.
// Python sends every number and sentence; this file chooses what shows, draws its tree and greys what is over budget.

import { closeMenu, showMenu } from "./block_menu.js";
import { bars } from "./drawings/bars.js";
import { AROUND_LANES, laneWithin, tasksOf, tree } from "./drawings/tree.js";
import { advised, budgetWords, costWords, fits, percentOf, wholePercent } from "./runtime/budget.js";
import { followBudget } from "./runtime/budget_line.js";
import { entryPoint, part, parts } from "./runtime/component.js";
import { offerPictures, resolved, written } from "./runtime/downloads.js";
import { unpackedJson } from "./runtime/packed.js";
import { isPresenting } from "./runtime/presenting.js";
import { keyed, placeClear } from "./runtime/slider.js";
import { element, svgNode, unbroken } from "./runtime/svg.js";
import { keepTextSize, stretched, widthOf } from "./runtime/text_size.js";
import { LIGHT } from "./runtime/theme.js";

const NARROW = 780; // pixels, as in the style sheet
const HEADER = 60; // pixels of the page's own bar
const LETTER = 8; // pixels, about one of a mark

export default entryPoint({ name: "budget_plane", follow: ["budget", "picked"], initial: () => ({ dragging: false }), unpack, render, resized: (_root, state) => state.resized?.() });


/**
 * @typedef {object} Entry One layout, as Python sends it.
 * @property {string} code The layout as in an address.
 * @property {number} cost Fraction of single-task networks.
 * @property {number} score Weighted Δ, percent.
 * @property {import("./drawings/tree.js").Layout} layout
 * @property {string} title
 * @property {Omit<import("./drawings/bars.js").Bars, "tasks" | "domain">} bars
 * @property {[number, number] | null} domain Null for the scale that the front shares.
 * @property {string} delta
 * @property {string} interval
 * @property {string} share Cost as a share.
 * @property {string} amount Cost with its unit.
 * @property {number} recommends Place of the cheapest that noise can't tell from it.
 * @property {string} advice Why that one is recommended where this is the best.
 * @property {string} sure Confidence where it was picked.
 * @property {string} sureNote
 */

/**
 * @typedef {object} Data What Python sends.
 * @property {string} plane Drawings by rising width, packed.
 * @property {string} front Packed.
 * @property {string} confidences Packed.
 * @property {Scale[]} scales Of each drawing.
 * @property {Entry | null} picked A layout chosen by hand.
 * @property {number} budget Fraction of single-task networks.
 * @property {[string, string] | null} sure The confidence in what is recommended within a budget of no whole percent.
 * @property {string[]} tasks
 * @property {number[]} costs Of one copy of each block.
 * @property {[number, number]} domain
 * @property {string} caption
 * @property {string} filename
 * @property {string} stamp
 * @property {Record<string, string>} words
 * @property {boolean} [editable] False where no server could cut a block.
 * @property {boolean} [compact] Only what a first look needs: no measured gains, no files, and a point is a budget.
 */

/**
 * @typedef {object} Scale Where costs lie in the drawing of the plane.
 * @property {number} x0
 * @property {number} x1
 * @property {number} low The cost at `x0`.
 * @property {number} high The cost at `x1`.
 * @property {number} bottom
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/**
 * @typedef {object} State
 * @property {boolean} dragging Whether the budget here is newer than that of the server.
 * @property {number} budget
 * @property {Entry | null} picked
 * @property {Entry[]} front By rising cost.
 * @property {([string, string] | null)[]} confidences In what is recommended within 1 … 100 %, and what that means.
 * @property {string[]} plane SVG texts.
 * @property {{ front?: string, plane?: string, confidences?: string }} [packed] What was unpacked.
 * @property {string} [planeShown]
 * @property {string | null} [shown] Which layout stands on the page.
 * @property {string} [pickedBefore]
 * @property {{ block: number, tasks: number[], layout: string } | null} [edited] Which block gets the focus after an edit.
 * @property {number} [timer]
 * @property {() => void} [resized]
 */

/**
 * The front and the plane: unpacked once, however often the page runs again.
 * @param {Data} data
 * @param {State} state
 */
async function unpack(data, state) {
  for (const name of /** @type {const} */ (["front", "plane", "confidences"])) {
    if (state.packed?.[name] === data[name]) continue;
    state[name] = await unpackedJson(data[name]);
    state.packed = { ...state.packed, [name]: data[name] };
  }
}

/**
 * @param {import("./runtime/component.js").Component<Data>} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render(component, root, state) {
  const { data, setStateValue, setTriggerValue } = component;
  const find = (/** @type {string} */ selector) => part(root, selector);
  if (!state.dragging) {
    state.budget = data.budget;
    state.picked = data.picked;
  }
  const drawn = () => stretched(data.scales.map((each) => each.width), find(".drawing"));
  const which = drawn();
  const scale = data.scales[which];
  const entries = state.front;
  if (state.planeShown !== state.plane[which]) {
    // An SVG by Python's own functions, which escape every name.
    state.planeShown = find(".drawing").innerHTML = state.plane[which];
  }
  /** @type {SVGSVGElement} */
  const svg = part(root, ".drawing svg");
  const dots = parts(svg, "[data-cost]").map((node) => ({ node, cost: Number(node.dataset.cost) }));
  const fronts = parts(svg, ".front");
  const over = part(svg, ".over");
  const grip = find(".grip");
  const xOf = (/** @type {number} */ cost) => scale.x0 + ((cost - scale.low) / (scale.high - scale.low)) * (scale.x1 - scale.x0);

  fronts.forEach((dot, i) => {
    dot.replaceChildren(svgNode("title", {}, `${entries[i].title}: ${entries[i].delta} at ${entries[i].share}`));
  });
  grip.setAttribute("aria-valuemin", "1");
  grip.setAttribute("aria-valuemax", String(Math.round(scale.high * 100)));

  const draw = () => {
    const x = Math.min(scale.x1, Math.max(scale.x0, xOf(state.budget)));
    const left = (x / scale.width) * 100;
    Object.assign(find(".line").style, {
      left: `${left}%`, top: `${(scale.top / scale.height) * 100}%`,
      height: `${((scale.bottom - scale.top) / scale.height) * 100}%`,
    });
    grip.style.left = `${left}%`;
    // Below the cheapest layout the line has no place in the drawing: the grip waits at its edge.
    const below = xOf(state.budget) < scale.x0;
    find(".line").hidden = below;
    grip.textContent = `${below ? "" : "◂ "}${budgetWords(state.budget)} ▸`;
    for (const mark of parts(svg, ".mark")) placeMark(mark, x);
    over.setAttribute("x", String(x));
    over.setAttribute("width", String(Math.max(0, scale.x1 - x)));
    for (const { node, cost } of dots) node.classList.toggle("dim", !fits(cost, state.budget));
    const { best, place } = advised(entries, state.budget);
    fronts.forEach((dot, i) => dot.classList.toggle("best", !state.picked && i === place));
    placeClear(grip, shownMark(place), {
      low: `${(scale.bottom / scale.height) * 100}%`, high: `${(scale.top / scale.height) * 100}%`,
    });
    const percent = budgetWords(state.budget).replace(" %", "");
    grip.setAttribute("aria-valuenow", percent);
    grip.setAttribute("aria-valuetext",
      `${percent} percent: ${place < 0 ? "nothing fits" : entries[place].title}`);
    show(best, place);
  };

  // The point of the layout that is shown; one that was picked may be in the plane as any kind of point.
  const shownMark = (/** @type {number} */ place) => {
    if (!state.picked) return fronts[place];
    const { cost, code } = state.picked;
    const onFront = entries.findIndex((entry) => entry.code === code);
    return onFront < 0 ? dots.find((dot) => Math.abs(dot.cost - cost) < 1e-6)?.node : fronts[onFront];
  };

  const placeMark = (/** @type {HTMLElement} */ mark, /** @type {number} */ line) => {
    const point = Number(mark.dataset.x);
    const isCrossed = line > point && line < point + 12 + LETTER * (mark.textContent ?? "").length;
    mark.setAttribute("x", String(point + (isCrossed ? -8 : 8)));
    mark.setAttribute("text-anchor", isCrossed ? "end" : "start");
  };

  const show = (/** @type {number} */ best, /** @type {number} */ place) => {
    /** @type {Entry | undefined} */
    const entry = state.picked || entries[place];
    const percent = budgetWords(state.budget);
    const over = state.picked && !fits(state.picked.cost, state.budget);
    find(".follow").hidden = !state.picked;
    find(".kind").textContent = state.picked ? data.words.picked + (over ? `, ${data.words.over} ${percent}` : "")
      : `${entry ? data.words.best : data.words.nothingWithin} ${percent}`;
    find(".kind").classList.toggle("warn", Boolean(over));
    find(".advice").textContent = unbroken(!entry ? cheapest() : !state.picked && best >= 0 ? entries[best].advice : "");
    const content = entry ? entry.code : "none";
    if (state.shown !== content + data.stamp) {
      state.shown = content + data.stamp;
      find(".title").textContent = entry ? entry.title : data.words.nothing;
      closeMenu(root);
      find(".tree").replaceChildren();
      find(".bars").replaceChildren(...(entry ? [barsOf(entry)] : []));
      find(".tree").replaceChildren(...(entry ? [treeOf(entry)] : []));
      if (entry) listenToBlocks(entry);
      focusEdited();
    }
    showFigures(entry, place);
  };

  const treeOf = (/** @type {Entry} */ entry) => tree({
    layout: entry.layout, tasks: data.tasks, costs: data.costs, label: entry.title, selectable: data.editable !== false,
    width: widthOf(find(".tree")), lane: lane(),
  });
  const barsOf = (/** @type {Entry} */ entry) => bars({
    tasks: data.tasks, domain: entry.domain ?? data.domain, width: widthOf(find(".bars")), ...entry.bars,
    ...(data.compact ? { trained: null } : {}),
  });
  // One column: the tree must be low enough to stay in sight while the line below it is dragged.
  // Beside the plane it takes the height that the words and the bars leave.
  const lane = () => {
    const { length } = data.tasks;
    if (isPresenting()) return laneWithin(length, 140, 60); // gains stay in sight below the tree
    if (data.compact) return laneWithin(length, 140, 60);
    if (root.clientWidth <= NARROW) return laneWithin(length, 100, 26);
    const edge = (/** @type {string} */ selector) => find(selector).getBoundingClientRect();
    const left = edge(".caption").bottom - edge(".figure").top;
    return laneWithin(length, left - (edge(".bars").bottom - edge(".over-line").top) - AROUND_LANES, 140);
  };
  state.resized = () => {
    state.shown = null;
    if (drawn() !== which) return render(component, root, state);
    keepTextSize(svg);
    draw();
  };

  const confidence = (/** @type {Entry} */ entry) => {
    const whole = wholePercent(state.budget);
    const recommended = whole === null ? data.sure : state.confidences[Math.min(100, whole) - 1];
    return state.picked || !recommended ? [entry.sure, entry.sureNote] : recommended;
  };

  const showFigures = (/** @type {Entry | undefined} */ entry, /** @type {number} */ place) => {
    const cards = entry
      ? [[data.words.delta, entry.delta, entry.interval], [data.words.cost, shareOf(entry), entry.amount],
         [data.words.sure, ...confidence(entry)], moreBudget(place)]
      : [[data.words.delta, "–", data.words.nothing], [data.words.cost, "–", ""], [data.words.sure, "–", ""], moreBudget(place)];
    find(".kpis").replaceChildren(...cards.slice(0, data.compact ? 2 : cards.length).map(([label, value, note]) => {
      const card = element("div", "card kpi");
      card.append(element("div", "label", label), element("div", "value", value), element("div", "note", note));
      return card;
    }));
  };

  const shareOf = (/** @type {Entry} */ entry) => fits(entry.cost, state.budget) ? entry.share : costWords(entry.cost, state.budget);
  const cheapest = () => entries.length ? `${data.words.cheapest} ${shareOf(entries[0])} ${data.words.cheapestOf}` : "";

  const moreBudget = (/** @type {number} */ place) => {
    const raised = state.budget + 0.1;
    const { best, place: more } = advised(entries, raised);
    const { words } = data;
    if (more < 0) return [words.more, "–", words.nothing];
    const costs = `${words.moreAt} ${budgetWords(raised)} ${words.moreCosts} ${entries[more].share}`;
    if (place < 0) return [words.more, "–", costs];
    if (more === place) {
      const same = `${words.same} ${budgetWords(raised)} ${words.sameAs}`;
      return [words.more, "0.0 %", best === place ? words.nothingMore : same];
    }
    const gain = entries[more].score - entries[place].score;
    return [words.more, `${gain < 0 ? "−" : "+"}${Math.abs(gain).toFixed(1)} %`, costs];
  };

  // The budget line ------------------------------------------------------------------------
  followBudget({
    svg,
    grip,
    state,
    budgetOf: (x) => {
      const raw = scale.low + ((x * scale.width - scale.x0) / (scale.x1 - scale.x0)) * (scale.high - scale.low);
      return Math.min(scale.high, Math.max(scale.low, 0.01, raw));
    },
    stepped: (event) => {
      const lowest = entries.length ? Math.ceil(entries[0].cost * 100 - 1e-7) / 100 : scale.low;
      if (event.key === "Home") return keyed(event, 0, { low: lowest, high: 1 });
      if (event.key === "End") return keyed(event, 0, { low: 0, high: 1 });
      return keyed(event, state.budget, { low: 0.01, high: Math.max(1, scale.high), step: 0.01, page: 0.1 });
    },
    draw,
    setStateValue,
    marks: ".front, .cloud, .trained",
    pick: (dot) => {
      if (!data.compact) return setTriggerValue("picked", { kind: dot.classList[0], index: Number(dot.dataset.i) });
      const costs = dot.classList.contains("front") ? entries.map((entry) => entry.cost) : [Number(dot.dataset.cost)];
      state.budget = percentOf(costs, costs.length > 1 ? Number(dot.dataset.i) : 0) / 100;
      draw();
      setStateValue("budget", state.budget);
    },
  });
  find(".follow").onclick = () => setTriggerValue("follow", true);

  // Cutting and joining blocks by hand -----------------------------------------------------
  const listenToBlocks = (/** @type {Entry} */ entry) => {
    for (const block of parts(root, ".tree .block")) {
      block.onclick = () => openMenu(entry, block);
      block.onkeydown = (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        openMenu(entry, block);
        find(".menu button").focus();
      };
    }
  };
  const focusEdited = () => {
    if (!state.edited || state.shown === state.edited.layout + data.stamp) return;
    const { block, tasks } = state.edited;
    const wanted = parts(root, `.tree .block[data-block="${block}"]`).find((node) => tasksOf(node).includes(tasks[0]));
    state.edited = null;
    wanted?.focus();
  };
  const openMenu = (/** @type {Entry} */ entry, /** @type {HTMLElement} */ node) => showMenu(root, node, data, (edit) => {
    // The button that was pressed goes with the menu; the keyboard stays at the block that was edited.
    const tasks = edit.op === "merge" ? [...edit.tasks, ...edit.other] : edit.tasks;
    state.edited = { block: edit.block, tasks, layout: entry.code };
    node.focus();
    setTriggerValue("edit", { ...edit, layout: entry.code });
  });

  // Pictures -------------------------------------------------------------------------------
  const picture = () => {
    const copy = resolved(svg);
    const x = xOf(state.budget);
    const ink = LIGHT.text;
    if (x >= scale.x0) copy.append(svgNode("line", { x1: x, x2: x, y1: scale.top, y2: scale.bottom, stroke: ink, "stroke-width": 2 }));
    return written(copy, scale.width, scale.height);
  };
  offerPictures(root, picture, () => data.filename);

  root.classList.toggle("compact", Boolean(data.compact));
  find(".caption .grow").textContent = data.caption;
  keepTextSize(svg);
  draw();
  // A layout that was selected elsewhere on the page, such as in a table below, is shown where it can be seen.
  const picked = data.picked?.code;
  if (picked && state.pickedBefore !== undefined && state.pickedBefore !== picked) bringIntoView(find(".side"));
  state.pickedBefore = picked ?? "";
}

/**
 * Scroll to a part of the page unless it is on the screen already.
 * @param {HTMLElement} part
 */
function bringIntoView(part) {
  const { top, bottom } = part.getBoundingClientRect();
  if (bottom > HEADER + 80 && top < window.innerHeight - 80) return;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  part.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
}
