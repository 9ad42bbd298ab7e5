// Which rows the table of runs shows, in which order, and as CSV: values in, values out, no drawing.

/**
 * @typedef {object} RunRow One run as text, made by `app/components/runs_table.py`.
 * @property {string} key
 * @property {string} label
 * @property {string} state
 * @property {string} run
 * @property {string} seed
 * @property {number} progress
 * @property {string} loss
 * @property {string} time
 * @property {string} study
 * @property {string} meaning
 */

/** @typedef {{ name: keyof RunRow, label: string, help: string }} Column */
/** @typedef {{ column: keyof RunRow, way: 1 | -1 }} Sort */

/**
 * @typedef {object} Listed
 * @property {string[]} order Keys of the rows that are shown now.
 * @property {Map<string, RunRow>} known Key → run, also of runs on other pages of the list.
 * @property {Sort | null} sort
 */

/**
 * Return the keys of the rows in the order of the server or of the sorted column.
 *
 * While somebody is at the table no row moves or leaves: runs that are new take the places that are free.
 * @param {Listed} listed
 * @param {string[]} fresh Keys of this page in the order of the server.
 * @param {boolean} held Whether somebody points at the table or is in it by keyboard.
 */
export function nextOrder({ order, known, sort }, fresh, held) {
  if (held && order.length) {
    const room = Math.max(fresh.length - order.length, 0);
    return [...order, ...fresh.filter((key) => !order.includes(key)).slice(0, room)];
  }
  if (!sort) return fresh;
  const value = (/** @type {string} */ key) => known.get(key)?.[sort.column] ?? "";
  return fresh.toSorted((a, b) => sort.way * compare(value(a), value(b)));
}

/**
 * @param {string | number} a
 * @param {string | number} b
 */
function compare(a, b) {
  const [x, y] = [a, b].map((each) => (each === "" ? NaN : Number(each)));
  if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return String(a).localeCompare(String(b));
}

/**
 * Return how a column is sorted after its header is pressed: ascending, descending, then as the server lists it.
 * @param {Sort | null} sort
 * @param {keyof RunRow} column
 * @returns {Sort | null}
 */
export function nextSort(sort, column) {
  if (sort?.column !== column) return { column, way: 1 };
  return sort.way === 1 ? { column, way: -1 } : null;
}

/**
 * Return the shown rows as CSV.
 * @param {Listed} listed
 * @param {Column[]} columns
 */
export function csvOf({ order, known }, columns) {
  const quoted = (/** @type {string | number} */ value) => `"${asText(String(value)).replaceAll('"', '""')}"`;
  const rows = order.map((key) => columns.map(({ name }) => quoted(known.get(key)?.[name] ?? "")));
  return [columns.map(({ label }) => quoted(label)), ...rows].map((row) => row.join(",")).join("\n");
}

/**
 * Return a cell in which a spreadsheet computes nothing. Twin in Python: `core.csv_text`.
 * @param {string} cell
 */
export function asText(cell) {
  return /^'*[=+\-@\t\r\n＝＋－＠]/.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
}

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+|inf|nan)([eE][+-]?\d+)?( ?%)?$/;
