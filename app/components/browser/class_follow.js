// The page of a follower: draws what the presenter shows with the components of the dashboard, and moves as they move.

import { alone } from "./runtime/alone.js";
import { part } from "./runtime/component.js";

const AGAIN = 1_000; // milliseconds before the first try to connect again; each further try waits longer, to a limit
const LONGEST = 8_000;
const ENDED = 4000; // the server's code for the end of the class
const GONE = "The connection is lost. Trying again …";
const OVER = "The class has ended.";
const PROSE = "class_prose"; // with what a lesson says beside its figures
/** What belongs to the presenter's own browser. */
const THEIRS = ["present"];

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {Record<string, unknown>} data
 * @property {Record<string, string>} fields Field → address of its value.
 */

/**
 * @typedef {object} Frame What stands on the presenter's page.
 * @property {string} page
 * @property {string} title
 * @property {string} caption
 * @property {Figure[]} figures
 */

/** @typedef {Record<string, unknown> | null} Moved Values that a hand moves; null where they are as before. */

/**
 * @typedef {object} Drawn A figure on this page.
 * @property {string} name
 * @property {HTMLElement} host
 * @property {(changes: Record<string, unknown>) => void} [show] Draws it with other data.
 */

/** @type {{ place: string, drawn: Drawn[], wait: number, turn: Promise<void>, over: boolean }} */
const page = { place: "", drawn: [], wait: AGAIN, turn: Promise.resolve(), over: false };
/** @type {Map<string, Promise<unknown>>} */
const fields = new Map();

connect();

function connect() {
  const scheme = location.protocol.endsWith("s:") ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/class/events`);
  socket.onmessage = (event) => {
    page.wait = AGAIN;
    const { pages_open: open, paused, shown } = JSON.parse(event.data);
    connection(paused ? "The presenter has paused" : "Following the presenter", !paused);
    part(document, ".own").hidden = !open;
    // One after the other: data of a figure may still be on its way when the next message comes.
    page.turn = page.turn.then(() => take(shown)).catch(() => connection("A figure could not be loaded.", false));
  };
  socket.onclose = ({ code }) => {
    if (code === ENDED) over();
    else void lost();
  };
}

/** Try again, unless the server says that there is nothing to follow any more. */
async function lost() {
  connection(GONE, false);
  const status = await fetch("/class/going").then((answer) => answer.status, () => 0);
  if (status === 410) {
    over();
    return;
  }
  if (status === 403) {
    location.replace("/class/join");
    return;
  }
  setTimeout(connect, page.wait * (0.5 + Math.random()));
  page.wait = Math.min(LONGEST, page.wait * 2);
}

/** What is on the screen may still be read; nothing of it answers. */
function over() {
  page.over = true;
  connection(OVER, false);
  part(document, ".own").hidden = true;
  part(document, ".rest").hidden = true;
  const figures = part(document, ".figures");
  figures.inert = true;
  figures.classList.add("over");
  if (figures.children.length) return;
  part(document, "h1").textContent = OVER;
  part(document, ".caption").textContent = "What the server kept of it is deleted, all guesses included.";
}

/**
 * @param {string} words
 * @param {boolean} on
 */
function connection(words, on) {
  const said = part(document, ".connection");
  if (said.textContent !== words) said.textContent = words;
  said.classList.toggle("on", on);
}

/** @param {{ frame?: Frame, states: Moved[] }} shown */
async function take({ frame, states }) {
  if (page.over) return;
  if (frame) await stand(frame, states);
  else states.forEach((moved, i) => { if (moved) page.drawn[i]?.show?.(moved); });
}

/**
 * @param {Frame} frame
 * @param {Moved[]} states
 */
async function stand(frame, states) {
  const data = await Promise.all(frame.figures.map(dataOf));
  const place = placeOf(frame.page);
  const figures = part(document, ".figures");
  // Figures stay where they are while their page does: who reads the last one is not thrown to the top.
  const left = place === page.place ? [...page.drawn] : [];
  const drawn = await Promise.all(frame.figures.map(({ name }) => {
    const at = left.findIndex((each) => each.name === name);
    return at < 0 ? fresh(name) : left.splice(0, at + 1)[at];
  }));
  const modules = await Promise.all(drawn.map(({ name }) => import(new URL(`./${name}.js`, import.meta.url).href)));
  head(frame);
  for (const host of [...figures.children]) if (!drawn.some((each) => each.host === host)) host.remove();
  drawn.forEach((each, i) => {
    if (figures.children[i] !== each.host) figures.insertBefore(each.host, figures.children[i] ?? null);
    const now = { ...data[i], ...states[i] };
    if (each.show) each.show(now);
    else each.show = shows(modules[i].default, each.host, now);
  });
  if (place !== page.place) scrollTo(0, 0);
  [page.place, page.drawn] = [place, drawn];
}

/**
 * Return what tells one page, study or step of a lesson from another; not where a control on it stands.
 * @param {string} address
 */
function placeOf(address) {
  const { pathname, searchParams } = new URL(address, location.origin);
  return [pathname, ...["study", "lesson", "step", "notes"].map((name) => searchParams.get(name) ?? "")].join("|");
}

/**
 * @param {string} name
 * @returns {Promise<Drawn>}
 */
async function fresh(name) {
  return { name, host: await host(name) };
}

/**
 * Draw a figure; return the function that draws it with other data. What a follower does in it stays here.
 * @param {(component: import("./runtime/component.js").Component) => unknown} draw The component's entry point.
 * @param {HTMLElement} element
 * @param {Record<string, unknown>} data
 */
function shows(draw, element, data) {
  const answer = alone(draw);
  const parentElement = /** @type {any} */ (element.shadowRoot);
  const show = (/** @type {Record<string, unknown>} */ changes) => {
    Object.assign(data, changes);
    answer({ parentElement, data });
  };
  show({});
  return show;
}

/** @param {Frame} frame */
function head({ page: address, title, caption, figures }) {
  part(document, "h1").textContent = title;
  part(document, ".caption").textContent = caption;
  document.title = `${title} · Branchwise`;
  const own = new URL(address, location.origin);
  for (const name of THEIRS) own.searchParams.delete(name);
  /** @type {HTMLAnchorElement} */ (document.querySelector(".own")).href = own.pathname + own.search;
  const rest = part(document, ".rest");
  // Of a lesson everything is here.
  rest.hidden = figures.some(({ name }) => name === PROSE);
  rest.textContent = figures.length ? "Tables and text of this page are not shown here."
    : `The presenter is on the page “${title}”, which has no figure to follow.`;
}

/**
 * Return what a figure shows; here no block can be cut, for there is no server to answer.
 * @param {Figure} figure
 */
async function dataOf({ data, fields: addresses }) {
  const large = await Promise.all(Object.entries(addresses).map(async ([name, address]) => [name, await field(address)]));
  return { ...data, ...Object.fromEntries(large), editable: false };
}

/** @param {string} address */
function field(address) {
  if (!fields.has(address)) fields.set(address, loaded(`/class/field/${address}`).then((answer) => answer.json()));
  return fields.get(address);
}

/** @param {string} name */
async function host(name) {
  const [html, css, more] = await Promise.all([`${name}.html`, `${name}.css`, "standalone.css"].map(async (file) =>
    (await loaded(new URL(`./${file}`, import.meta.url).href)).text()));
  const element = document.createElement("div");
  const style = document.createElement("style");
  style.textContent = css + more;
  const shadow = element.attachShadow({ mode: "open" });
  shadow.innerHTML = html; // a file of ours
  shadow.prepend(style);
  return element;
}

/** @param {string} address */
async function loaded(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}
