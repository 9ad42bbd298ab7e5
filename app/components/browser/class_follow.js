// The page of a follower: draws what the presenter shows with the components of the dashboard, and moves as they move.

import { alone } from "./runtime/alone.js";
import { part } from "./runtime/component.js";

const AGAIN = 1_000; // milliseconds before the first try to connect again; each further try waits longer, to a limit
const LONGEST = 8_000;
const ENDED = 4000; // the server's code for the end of the class
const GONE = "The connection is lost. Trying again …";

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

/** @type {{ names: string, shows: ((changes: Record<string, unknown>) => void)[], wait: number, turn: Promise<void> }} */
const page = { names: "", shows: [], wait: AGAIN, turn: Promise.resolve() };
/** @type {Map<string, Promise<unknown>>} */
const fields = new Map();

connect();

function connect() {
  const scheme = location.protocol.endsWith("s:") ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/class/events`);
  socket.onmessage = (event) => {
    page.wait = AGAIN;
    connection("Following the presenter", true);
    const { pages_open: open, shown } = JSON.parse(event.data);
    part(document, ".own").hidden = !open;
    // One after the other: data of a figure may still be on its way when the next message comes.
    page.turn = page.turn.then(() => take(shown)).catch(() => connection("A figure could not be loaded.", false));
  };
  socket.onclose = ({ code }) => {
    if (code === ENDED) {
      connection("The class has ended.", false);
      return;
    }
    connection(GONE, false);
    setTimeout(connect, page.wait * (0.5 + Math.random()));
    page.wait = Math.min(LONGEST, page.wait * 2);
  };
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
  if (frame) await stand(frame, states);
  else states.forEach((moved, i) => { if (moved) page.shows[i]?.(moved); });
}

/**
 * @param {Frame} frame
 * @param {Moved[]} states
 */
async function stand(frame, states) {
  const data = await Promise.all(frame.figures.map(dataOf));
  const names = frame.figures.map((figure) => figure.name).join();
  // The figures stay where they are when only what they show has changed.
  if (names === page.names) {
    head(frame);
    data.forEach((each, i) => page.shows[i]({ ...each, ...states[i] }));
    return;
  }
  const hosts = await Promise.all(frame.figures.map(({ name }) => host(name)));
  const modules = await Promise.all(frame.figures.map(({ name }) => import(new URL(`./${name}.js`, import.meta.url).href)));
  head(frame);
  part(document, ".figures").replaceChildren(...hosts);
  page.names = names;
  page.shows = modules.map((module, i) => drawn(module.default, hosts[i], { ...data[i], ...states[i] }));
}

/**
 * Draw a figure; return the function that draws it with other data. What a follower does in it stays here.
 * @param {(component: import("./runtime/component.js").Component) => unknown} draw The component's entry point.
 * @param {HTMLElement} element
 * @param {Record<string, unknown>} data
 */
function drawn(draw, element, data) {
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
  /** @type {HTMLAnchorElement} */ (document.querySelector(".own")).href = address;
  const rest = part(document, ".rest");
  rest.hidden = figures.length > 0;
  rest.textContent = `The presenter is on the page “${title}”, which has no figure to follow.`;
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
