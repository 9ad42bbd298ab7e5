// Cutting trees by hand: every layout that was made is kept, until all are found. Nothing is asked of the server.

import { smallTree } from "./drawings/small_tree.js";
import { laneWithin, tasksOf, tree } from "./drawings/tree.js";
import { entryPoint, part, parts } from "./runtime/component.js";
import { button, element } from "./runtime/svg.js";
import { widthOf } from "./runtime/text_size.js";

export default entryPoint({ name: "cut_game", render, resized: (root, state) => { if (state.game) draw(root, state); } });

/** @typedef {import("./drawings/tree.js").Layout} Layout */
/** @typedef {{ name: string, tasks: string[], blocks: number, count: number, written: string }} Game How many trees there are. */

/**
 * @typedef {object} Data
 * @property {Game[]} games
 * @property {Record<string, string>} words
 */

/**
 * @typedef {object} State
 * @property {Data} data
 * @property {string} shown
 * @property {Game} game
 * @property {Layout} layout
 * @property {Layout[]} found
 * @property {Layout[]} before Steps back.
 */

/**
 * @param {import("./runtime/component.js").Component<Data>} component
 * @param {HTMLElement} root
 * @param {State} state
 */
function render({ data }, root, state) {
  const sent = JSON.stringify(data);
  if (state.shown === sent) return;
  state.shown = sent;
  state.data = data;
  const games = part(root, ".games");
  games.setAttribute("aria-label", data.words.size);
  games.replaceChildren(...data.games.map((game) => {
    const pick = button("pick", game.name, () => begin(root, state, game));
    pick.setAttribute("role", "radio");
    return pick;
  }));
  part(root, ".undo").textContent = data.words.undo;
  part(root, ".again").textContent = data.words.again;
  part(root, ".hint").textContent = data.words.hint;
  part(root, ".undo").onclick = () => { state.layout = state.before.pop() ?? state.layout; draw(root, state); };
  part(root, ".again").onclick = () => change(root, state, shared(state.game));
  begin(root, state, data.games[0]);
}

/**
 * Return the layout that shares everything.
 * @param {Game} game
 * @returns {Layout}
 */
function shared({ tasks, blocks }) {
  return Array.from({ length: blocks }, () => [tasks.map((_, task) => task)]);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {Game} game
 */
function begin(root, state, game) {
  Object.assign(state, { game, layout: shared(game), found: [shared(game)], before: [] });
  parts(root, ".pick").forEach((pick, i) => pick.setAttribute("aria-checked", String(state.data.games[i] === game)));
  part(root, ".told").textContent = "";
  draw(root, state);
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 * @param {Layout} layout
 */
function change(root, state, layout) {
  state.before.push(state.layout);
  state.layout = layout;
  const { words } = state.data;
  const code = JSON.stringify(layout);
  const isNew = !state.found.some((found) => JSON.stringify(found) === code);
  if (isNew) state.found.push(layout);
  const all = state.found.length === state.game.count;
  part(root, ".told").textContent = all ? words.all : isNew ? words.isNew : words.known;
  draw(root, state);
}

/**
 * Return the layout in which some tasks leave the others from a block on.
 * @param {Layout} layout
 * @param {number} block
 * @param {number[]} leaving
 * @returns {Layout}
 */
export function cut(layout, block, leaving) {
  return layout.map((groups, b) => {
    if (b < block) return groups;
    const parted = groups.flatMap((group) => [group.filter((task) => leaving.includes(task)), group.filter((task) => !leaving.includes(task))]);
    return parted.filter((group) => group.length).toSorted((one, other) => one[0] - other[0]);
  });
}

/**
 * @param {HTMLElement} root
 * @param {State} state
 */
function draw(root, state) {
  const { game, layout, data: { words } } = state;
  const place = part(root, ".layout");
  place.replaceChildren(tree({
    layout, tasks: game.tasks, costs: layout.map(() => 1), label: words.tree, width: Math.min(widthOf(place), 620),
    lane: laneWithin(game.tasks.length, 170, 58), selectable: true,
  }));
  for (const block of parts(root, ".layout .block")) {
    const group = tasksOf(block);
    if (group.length < 2) {
      block.setAttribute("aria-disabled", "true");
      continue;
    }
    const ask = () => askWho(root, state, Number(block.dataset.block), group);
    block.onclick = ask;
    block.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      ask();
    };
  }
  part(root, ".menu").hidden = true;
  part(root, ".count").textContent = words.count.replace("{}", String(state.found.length)).replace("{}", game.written);
  part(root, ".meter").style.width = `${(100 * state.found.length) / game.count}%`;
  /** @type {HTMLButtonElement} */ (part(root, ".undo")).disabled = state.before.length === 0;
  const now = JSON.stringify(layout);
  part(root, ".found").replaceChildren(...state.found.map((found) => {
    const small = element("span", JSON.stringify(found) === now ? "small on" : "small");
    small.append(smallTree({ layout: found, width: 72, height: 44 }));
    return small;
  }));
}

/**
 * Ask which tasks leave: with two there is nothing to ask.
 * @param {HTMLElement} root
 * @param {State} state
 * @param {number} block
 * @param {number[]} group
 */
function askWho(root, state, block, group) {
  const { words } = state.data;
  const go = (/** @type {number[]} */ leaving) => {
    change(root, state, cut(state.layout, block, leaving));
    part(root, ".undo").focus({ preventScroll: true });
  };
  if (group.length === 2) return go([group[1]]);
  const menu = part(root, ".menu");
  const names = (/** @type {number[]} */ tasks) => tasks.map((task) => state.game.tasks[task]).join(", ");
  menu.replaceChildren(
    element("span", "", words.who.replace("{}", String(block + 1))),
    ...halves(group).map((half) => button("act", names(half), () => go(half))),
  );
  menu.hidden = false;
  menu.onkeydown = (event) => { if (event.key === "Escape") menu.hidden = true; };
  /** @type {HTMLElement | null} */ (menu.querySelector("button"))?.focus({ preventScroll: true });
}

/**
 * Return every way of dividing a group in two, each by its smaller half.
 * @param {number[]} group
 */
export function halves(group) {
  const found = [];
  for (let mask = 1; mask < 2 ** (group.length - 1); mask += 1) {
    const half = group.filter((_, i) => i > 0 && (mask >> (i - 1)) & 1);
    const rest = group.filter((task) => !half.includes(task));
    found.push(half.length <= rest.length ? half : rest);
  }
  return found.toSorted((one, other) => one.length - other.length || one[0] - other[0]);
}
