// What one cell shows: its number, its colour and where it stands.

/**
 * @typedef {object} Data What Python sends.
 * @property {string} packed Values of every field.
 * @property {[string, number][]} fields Name and scale of each field.
 * @property {string[]} tasks Names in index order.
 * @property {number} depths
 * @property {string[]} names Of the depths.
 * @property {Arrangement[]} arrangements One for all depths, or one for each.
 * @property {number} depth Counted from 0.
 * @property {[number, number]} pair
 * @property {string[]} summary Sentences beside the small maps.
 * @property {string} marks What the marks mean.
 * @property {number} sure Pairs that keep their rank in fewer of 100 bootstrap samples are marked.
 * @property {boolean} marked Whether there are such pairs.
 * @property {boolean} holes Whether cells are missing.
 * @property {[number, number]} scale Lowest and highest value of the curve.
 * @property {[number, number]} colours Values of the first and of the last colour.
 * @property {number[]} ticks
 * @property {string} filename
 * @property {string} stamp
 * @property {Record<string, string> & { columns: string[] }} words
 */

/** @typedef {{ order: number[], brackets: Bracket[] }} Arrangement An order of the tasks, with its dendrogram. */
/** @typedef {{ places: [number, number], below: [number, number], height: number }} Bracket Two branches that join. */

/**
 * @typedef {object} Cells What the state of the map says about its cells.
 * @property {Record<string, Float32Array>} fields Name → values at each depth and pair.
 * @property {number[][]} ends Red, green and blue of affinity 0 and of affinity 1.
 * @property {{ data: Data }} component
 */

/**
 * @typedef {object} Shown What is shown, shared by the map and the pair.
 * @property {number} depth Counted from 0.
 * @property {[number, number]} pair The one that is open.
 * @property {[number, number]} focus The cell that Tab reaches: tasks of its row and column.
 * @property {number} zoom
 * @property {string} packed What was unpacked.
 * @property {string} stamp
 * @property {string} [thumbs] What the small maps show.
 * @property {string} [curve] What the curve shows.
 * @property {string} [othersOf] What the faint lines of the curve show.
 * @property {SVGGElement} others The faint lines.
 * @property {boolean} [keys] Whether the scrubber was moved by a key.
 * @property {import("./runtime/component.js").Component<Data>} component
 */

/** @typedef {Cells & Shown & import("./affinity_grid.js").Grid} State */

/**
 * Return a value of a cell; NaN where there is none.
 * @param {Cells} state
 * @param {string} name
 * @param {number} depth
 * @param {number} i
 * @param {number} j
 */
export function at(state, name, depth, i, j) {
  const field = state.fields[name];
  const n = state.component.data.tasks.length;
  return field ? field[(depth * n + i) * n + j] : NaN;
}

/**
 * Return the order of the tasks at a depth.
 * @param {Cells} state
 * @param {number} depth
 * @returns {Arrangement}
 */
export function arrangement(state, depth) {
  const { arrangements } = state.component.data;
  return arrangements[arrangements.length > 1 ? depth : 0];
}

/**
 * Return where a value stands between the first and the last colour, from 0 to 1.
 * @param {Data} data
 * @param {number} value
 */
export function placeOf(data, value) {
  const [low, high] = data.colours;
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

/**
 * @param {Cells} state
 * @param {number} value
 */
function mixed(state, value) {
  const place = placeOf(state.component.data, value);
  return state.ends[0].map((low, k) => Math.round(low + place * (state.ends[1][k] - low)));
}

/**
 * Return the colour of an affinity.
 * @param {Cells} state
 * @param {number} value
 */
export function colour(state, value) {
  return `rgb(${mixed(state, value).join(",")})`;
}

/**
 * Return the colour of text on that of an affinity: dark or light, whichever can be read better.
 * @param {Cells} state
 * @param {number} value
 */
export function ink(state, value) {
  const part = (/** @type {number} */ v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = mixed(state, value).map(part);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#0F171A" : "#FFFFFF";
}

/**
 * Return whether the rank of a cell is uncertain.
 * @param {Cells} state
 * @param {number} depth
 * @param {number} i
 * @param {number} j
 */
export function isUncertain(state, depth, i, j) {
  return i !== j && Math.round(at(state, "order", depth, i, j)) < state.component.data.sure;
}

/**
 * Return a number as text; a dash where there is none.
 * @param {number} value
 * @param {number} [digits]
 */
export function number(value, digits = 2) {
  return Number.isNaN(value) ? "–" : value.toFixed(digits).replace("-", "−");
}
