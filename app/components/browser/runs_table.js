// A table of runs that is refreshed in place. What is chosen are runs, not rows: a refresh changes the text of
// cells and never a choice, and while somebody points at the table or is in it by keyboard, no row moves.

const states = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".runs");
  if (!root || !data) return;
  const state = states.get(root) || begin(root);
  state.send = setStateValue;
  // Older than what was chosen here: a refresh that was on its way.
  if (data.chosen.count >= state.count) Object.assign(state, { count: data.chosen.count, chosen: [...data.chosen.keys] });
  if (state.view !== data.view) Object.assign(state, { view: data.view, order: [] });
  state.data = data;
  for (const row of [...data.rows, ...data.more]) state.known.set(row.key, row);
  render(root, state);
}

function begin(root) {
  const state = { chosen: [], count: 0, order: [], known: new Map(), shown: new Map(), pointed: false, sort: null };
  states.set(root, state);
  const body = root.querySelector(".scroll");
  body.addEventListener("pointerenter", () => { state.pointed = true; });
  body.addEventListener("pointerleave", () => { state.pointed = false; render(root, state); });
  body.addEventListener("focusout", () => setTimeout(() => { if (root.isConnected) render(root, state); }));
  root.querySelector(".csv").onclick = () => download(state);
  return state;
}

function render(root, state) {
  state.order = nextOrder(state, root);
  head(root, state);
  const body = root.querySelector("tbody");
  const focused = root.getRootNode().activeElement;
  const rows = state.order.map((key) => row(root, state, key));
  rows.forEach((tr, i) => { if (body.children[i] !== tr) body.insertBefore(tr, body.children[i] || null); });
  while (body.children.length > rows.length) body.lastChild.remove();
  // A row that moves drops the focus of its checkbox.
  if (focused && focused.isConnected && root.getRootNode().activeElement !== focused) focused.focus({ preventScroll: true });
  chips(root, state);
  const csv = root.querySelector(".csv");
  csv.textContent = state.data.words.csv;
}

// The rows in the order of the server or of the chosen column; held while somebody is at the table.
export function nextOrder(state, root) {
  const fresh = state.data.rows.map((each) => each.key);
  const held = state.pointed || Boolean(root && root.querySelector("tbody :focus-visible"));
  if (held && state.order.length) {
    const room = Math.max(fresh.length - state.order.length, 0);
    return [...state.order, ...fresh.filter((key) => !state.order.includes(key)).slice(0, room)];
  }
  if (!state.sort) return fresh;
  const { column, way } = state.sort;
  const value = (key) => state.known.get(key)[column];
  return fresh.sort((a, b) => way * compare(value(a), value(b)));
}

function compare(a, b) {
  const [x, y] = [a, b].map((each) => (each === "" ? NaN : Number(each)));
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return String(a).localeCompare(String(b));
}

function head(root, state) {
  const { columns, words } = state.data;
  const tr = root.querySelector("thead tr");
  if (!tr.childElementCount) {
    root.querySelector("table").setAttribute("aria-label", words.table);
    const all = element("input", "", { type: "checkbox", ariaLabel: words.all });
    all.onchange = () => {
      const others = state.chosen.filter((key) => !state.order.includes(key));
      choose(root, state, all.checked ? [...others, ...state.order] : others);
    };
    const first = element("th", "pick");
    first.append(all);
    tr.append(first, ...columns.map(({ name, label, help }) => {
      const th = element("th", name, { scope: "col" });
      const button = element("button", isNumber(name) ? "number" : "", { type: "button", textContent: label, title: help || "" });
      button.onclick = () => {
        const { column, way } = state.sort || {};
        state.sort = column !== name ? { column: name, way: 1 } : way === 1 ? { column: name, way: -1 } : null;
        state.order = [];
        render(root, state);
      };
      th.append(button);
      return th;
    }));
  }
  columns.forEach(({ name, label }, i) => {
    const way = state.sort && state.sort.column === name ? state.sort.way : 0;
    const th = tr.children[i + 1];
    th.setAttribute("aria-sort", way === 0 ? "none" : way > 0 ? "ascending" : "descending");
    write(th.firstChild, label + (way === 0 ? "" : way > 0 ? " ↑" : " ↓"));
  });
  const ticked = state.order.filter((key) => state.chosen.includes(key)).length;
  const all = tr.querySelector("input");
  all.checked = ticked > 0 && ticked === state.order.length;
  all.indeterminate = ticked > 0 && ticked < state.order.length;
}

function row(root, state, key) {
  let tr = state.shown.get(key);
  if (!tr) {
    tr = element("tr", "");
    const box = element("input", "", { type: "checkbox" });
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
  }
  const values = state.known.get(key);
  const chosen = state.chosen.includes(key);
  tr.classList.toggle("on", chosen);
  const box = tr.querySelector("input");
  box.checked = chosen;
  // Runs of two studies may be called the same.
  box.ariaLabel = values.study ? `${values.label}, ${values.study}` : values.label;
  state.data.columns.forEach(({ name }, i) => fill(tr.children[i + 1], name, values[name]));
  return tr;
}

function cell(name) {
  const td = element("td", `${name}${isNumber(name) ? " number" : ""}`);
  if (name === "progress") {
    const track = element("span", "track", { ariaHidden: "true" });
    track.append(element("span", "fill"));
    td.append(track, element("span", ""));
  } else td.append(element("span", "text"));
  return td;
}

function fill(td, name, value) {
  if (name === "progress") {
    td.firstChild.firstChild.style.width = `${value}%`;
    write(td.lastChild, `${Math.round(value)} %`);
  } else {
    write(td.firstChild, value);
    if (td.firstChild.title !== value) td.firstChild.title = value;
  }
}

// What is chosen, also on other pages of the list, each with a way to take it back.
function chips(root, state) {
  const { words } = state.data;
  const place = root.querySelector(".chosen");
  const labels = state.chosen.map((key) => (state.known.get(key) || { label: key }).label);
  const shown = JSON.stringify([state.chosen, labels]);
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.ariaLabel = words.chosen;
  place.replaceChildren(labels.length ? `${words.chosen}:` : words.none, ...labels.map((label, i) => {
    const button = element("button", "", { type: "button", textContent: `${label} ✕`, ariaLabel: `${words.remove} ${label}` });
    const key = state.chosen[i];
    button.onclick = () => choose(root, state, state.chosen.filter((each) => each !== key));
    return button;
  }));
}

function choose(root, state, keys) {
  state.chosen = keys;
  state.count += 1;
  render(root, state);
  state.send("chosen", { keys, count: state.count });
}

function download(state) {
  const { columns, words } = state.data;
  const quoted = (value) => `"${asText(String(value)).replaceAll('"', '""')}"`;
  const lines = [columns.map(({ label }) => quoted(label)), ...state.order.map((key) =>
    columns.map(({ name }) => quoted(state.known.get(key)[name])))];
  const link = element("a", "", { download: words.file, href: URL.createObjectURL(
    new Blob([lines.map((line) => line.join(",")).join("\n")], { type: "text/csv" })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// As core/csv_text.py: what a spreadsheet would compute is marked as text.
export const asText = (cell) => /^'*[=+\-@\t\r\n＝＋－＠]/.test(cell)
  && !/^[+-]?(\d+(\.\d*)?|\.\d+|inf|nan)(e[+-]?\d+)?( ?%)?$/i.test(cell) ? `'${cell}` : cell;

const isNumber = (name) => ["seed", "loss", "time"].includes(name);

function write(node, text) { if (node.textContent !== text) node.textContent = text; }

function element(name, className, properties = {}) {
  return Object.assign(document.createElement(name), { className }, properties);
}
