// A table of runs that is refreshed in place. What is chosen are runs, not rows: a refresh changes the text of
// cells and never a choice, and while somebody points at the table or is in it by keyboard, no row moves.

import { csvOf, nextOrder, nextSort } from "./runs_order.js";
import { entryPoint, part } from "./runtime/component.js";
import { saveText } from "./runtime/downloads.js";
import { button, element } from "./runtime/svg.js";

/** @typedef {import("./runs_order.js").RunRow} RunRow */
/** @typedef {import("./runs_order.js").Column} Column */

/**
 * @typedef {object} Data What Python sends.
 * @property {string} view Which list and page it is.
 * @property {RunRow[]} rows
 * @property {RunRow[]} more Runs that stood here a moment ago or are chosen elsewhere.
 * @property {Column[]} columns
 * @property {{ keys: string[], count: number }} chosen
 * @property {Record<string, string>} words
 */

/**
 * @typedef {object} State
 * @property {string[]} chosen Keys in the order in which they were chosen.
 * @property {number} count Number of choices made so far.
 * @property {string} view
 * @property {string[]} order
 * @property {Map<string, RunRow>} known
 * @property {import("./runs_order.js").Sort | null} sort
 * @property {Map<string, HTMLTableRowElement>} shown
 * @property {boolean} pointed
 * @property {boolean} begun
 * @property {Data} data
 * @property {import("./runtime/component.js").Component<Data>} component
 */

const initial = () => ({
  chosen: [], count: 0, view: "", order: [], known: new Map(), sort: null, shown: new Map(), pointed: false, begun: false,
});

/**
 * @param {import("./runtime/component.js").Component<Data>} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render({ data }, root, state) {
  if (!state.begun) begin(root, state);
  // Not `adopt`: choices are counted, so that of two that cross each other the later one counts on both sides.
  if (data.chosen.count >= state.count) Object.assign(state, { count: data.chosen.count, chosen: [...data.chosen.keys] });
  if (state.view !== data.view) Object.assign(state, { view: data.view, order: [] });
  state.data = data;
  for (const row of [...data.rows, ...data.more]) state.known.set(row.key, row);
  draw(root, state);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function begin(root, state) {
  state.begun = true;
  const place = part(root, ".scroll");
  place.addEventListener("pointerenter", () => { state.pointed = true; });
  place.addEventListener("pointerleave", () => { state.pointed = false; draw(root, state); });
  place.addEventListener("focusout", () => setTimeout(() => { if (root.isConnected) draw(root, state); }));
  part(root, ".csv").onclick = () => saveText(csvOf(state, state.data.columns), "text/csv", state.data.words.file);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function draw(root, state) {
  const held = state.pointed || Boolean(root.querySelector("tbody :focus-visible"));
  state.order = nextOrder(state, state.data.rows.map((each) => each.key), held);
  head(root, state);
  const body = part(root, "tbody");
  const inside = /** @type {Document | ShadowRoot} */ (root.getRootNode());
  const focused = /** @type {HTMLElement | null} */ (inside.activeElement);
  const rows = state.order.map((key) => rowOf(root, state, key));
  rows.forEach((tr, i) => { if (body.children[i] !== tr) body.insertBefore(tr, body.children[i] || null); });
  while (body.children.length > rows.length) body.lastElementChild?.remove();
  // A row that moves drops the focus of its checkbox.
  if (focused?.isConnected && inside.activeElement !== focused) focused.focus({ preventScroll: true });
  chips(root, state);
  part(root, ".csv").textContent = state.data.words.csv;
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function head(root, state) {
  const { columns, words } = state.data;
  const tr = part(root, "thead tr");
  if (!tr.childElementCount) {
    part(root, "table").setAttribute("aria-label", words.table);
    const first = element("th", "pick");
    const all = checkbox();
    all.ariaLabel = words.all;
    all.onchange = () => {
      const others = state.chosen.filter((key) => !state.order.includes(key));
      choose(root, state, all.checked ? [...others, ...state.order] : others);
    };
    first.append(all);
    tr.append(first, ...columns.map((column) => header(root, state, column)));
  }
  columns.forEach(({ name, label }, i) => {
    const way = state.sort?.column === name ? state.sort.way : 0;
    const th = tr.children[i + 1];
    th.setAttribute("aria-sort", way === 0 ? "none" : way > 0 ? "ascending" : "descending");
    write(th.children[0], label + (way === 0 ? "" : way > 0 ? " ↑" : " ↓"));
  });
  const ticked = state.order.filter((key) => state.chosen.includes(key)).length;
  const all = /** @type {HTMLInputElement} */ (part(tr, "input"));
  all.checked = ticked > 0 && ticked === state.order.length;
  all.indeterminate = ticked > 0 && ticked < state.order.length;
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {Column} column
 */
function header(root, state, { name, label, help }) {
  const th = element("th", name);
  th.scope = "col";
  const press = button(isNumber(name) ? "number" : "", label, () => {
    state.sort = nextSort(state.sort, name);
    state.order = [];
    draw(root, state);
  });
  press.title = help;
  th.append(press);
  return th;
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {string} key
 */
function rowOf(root, state, key) {
  const tr = state.shown.get(key) ?? newRow(root, state, key);
  const values = /** @type {RunRow} */ (state.known.get(key));
  const chosen = state.chosen.includes(key);
  tr.classList.toggle("on", chosen);
  const box = /** @type {HTMLInputElement} */ (part(tr, "input"));
  box.checked = chosen;
  // Runs of two studies may be called the same.
  box.ariaLabel = values.study ? `${values.label}, ${values.study}` : values.label;
  state.data.columns.forEach(({ name }, i) => fill(tr.children[i + 1], name, values[name]));
  write(part(tr, ".where"), values.study);
  return tr;
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {string} key
 */
function newRow(root, state, key) {
  /** @type {HTMLTableRowElement} */
  const tr = element("tr");
  const box = checkbox();
  const toggle = () => {
    const rest = state.chosen.filter((each) => each !== key);
    choose(root, state, rest.length < state.chosen.length ? rest : [...rest, key]);
  };
  box.onchange = toggle;
  tr.onclick = (event) => { if (event.target !== box && !String(getSelection())) toggle(); };
  const first = element("td", "pick");
  first.append(box);
  tr.append(first, ...state.data.columns.map(({ name }) => cell(name)));
  state.shown.set(key, tr);
  return tr;
}

function checkbox() {
  /** @type {HTMLInputElement} */
  const box = element("input");
  box.type = "checkbox";
  return box;
}

/** @param {keyof RunRow} name */
function cell(name) {
  const td = element("td", `${name}${isNumber(name) ? " number" : ""}`);
  if (name === "progress") {
    const track = element("span", "track");
    track.ariaHidden = "true";
    track.append(element("span", "fill"));
    td.append(track, element("span"));
  } else td.append(element("span", "text"));
  // In a narrow window, instead of its column.
  if (name === "run") td.append(element("span", "where"));
  return td;
}

/**
 * @param {Element} td
 * @param {keyof RunRow} name
 * @param {string | number} value
 */
function fill(td, name, value) {
  const first = /** @type {HTMLElement} */ (td.children[0]);
  if (name === "progress") {
    /** @type {HTMLElement} */ (first.children[0]).style.width = `${value}%`;
    write(td.children[1], `${Math.round(Number(value))} %`);
  } else {
    write(first, String(value));
    if (first.title !== value) first.title = String(value);
  }
}

/**
 * Show what is chosen, also on other pages of the list, each with a way to take it back.
 * @param {HTMLElement} root
 * @param {State} state
 */
function chips(root, state) {
  const { words } = state.data;
  const place = part(root, ".chosen");
  const labels = state.chosen.map((key) => state.known.get(key)?.label ?? key);
  const shown = JSON.stringify([state.chosen, labels]);
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.ariaLabel = words.chosen;
  place.replaceChildren(labels.length ? `${words.chosen}:` : words.none, ...labels.map((label, i) => {
    const key = state.chosen[i];
    const chip = button("", `${label} ✕`, () => choose(root, state, state.chosen.filter((each) => each !== key)));
    chip.ariaLabel = `${words.remove} ${label}`;
    return chip;
  }));
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {string[]} keys
 */
function choose(root, state, keys) {
  state.chosen = keys;
  state.count += 1;
  draw(root, state);
  state.component.setStateValue("chosen", { keys, count: state.count });
}

/** @param {keyof RunRow} name */
const isNumber = (name) => ["seed", "loss", "time"].includes(name);

/**
 * Write a text where it is another one: a node that stays as it is keeps a selection.
 * @param {Element} node
 * @param {string} words
 */
function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

export default entryPoint({ initial, render });
