// A page that is opened by a link begins at its top; Back and Forward find a page where it was left, one step for one act.
// Streamlit keeps the position in pixels whatever page comes next, and makes a new entry of the browser's history of
// every address, also of those that a page gives itself while it opens: Back would then lead to half an address.

import { entryPoint } from "./runtime/component.js";

const MAIN = "[data-testid=stMain]";
const IDLE = "[data-testid=stApp][data-test-script-state=notRunning]";
const REST = 500; // milliseconds that a page stands still before it counts as open
const ANSWER = 3_000; // milliseconds in which the server begins to run a page
const PATIENCE = 10_000; // milliseconds after which a page is left where it is
const SCROLLING_KEYS = ["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End", "Tab"];

/**
 * @typedef {object} Opening A page that is being opened.
 * @property {number | null} top Where it is held, in pixels.
 * @property {number} begun
 * @property {number} still Since when it has stood still.
 * @property {boolean} ran Whether the server has begun to run it.
 */

/**
 * One for each window: the component itself is made anew when the sidebar closes.
 * @type {{ page?: string, path: string, back: number | null, opening: Opening | null, left: Map<string, number>,
 *   acted: boolean, reads: boolean }} Whether somebody acted since the last entry of the history; scrolls, rather than the page.
 */
const seen = { path: "", back: null, opening: null, left: new Map(), acted: true, reads: false };

/** @param {import("./runtime/component.js").Component} component */
function render({ data }) {
  if (seen.page === undefined) {
    listen();
    // Somebody may have followed a link before this was loaded.
    const [first] = performance.getEntriesByType("navigation");
    open(first && new URL(first.name).pathname !== location.pathname ? 0 : null);
  } else if (seen.page !== data.page) {
    open(seen.back ?? 0);
    seen.back = null;
  }
  seen.page = data.page;
  seen.path = location.pathname;
}

function listen() {
  addEventListener("popstate", wentBack);
  const options = { capture: true, passive: true };
  document.addEventListener("scroll", ({ target }) => { if (seen.reads && isMain(target)) note(); }, options);
  addEventListener("pointerdown", ({ target }) => acted(isMain(target)), options); // on the page itself: its scroll bar
  addEventListener("keydown", ({ key }) => acted(SCROLLING_KEYS.includes(key)), options);
  for (const name of ["wheel", "touchmove"]) addEventListener(name, () => reads(true), options);
  const push = history.pushState.bind(history);
  history.pushState = (state, unused, url) => {
    const another = new URL(url ?? "", location.href).pathname !== location.pathname;
    if (another) open(0);
    if (another || seen.acted) push(state, unused, url);
    else history.replaceState(state, unused, url);
    seen.acted = false;
  };
}

function wentBack() {
  seen.acted = false;
  if (location.pathname === seen.path) return open(null);
  seen.path = location.pathname;
  seen.back = addresses().map((address) => seen.left.get(address)).find((top) => top !== undefined) ?? 0;
  open(seen.back);
}

/** @param {boolean} scrolling */
function acted(scrolling) {
  seen.acted = true;
  note(); // a link that is pressed leaves the page as it stands now, before the next one is drawn in its place
  reads(scrolling);
}

/** @param {boolean} scrolling */
function reads(scrolling) {
  seen.reads = scrolling;
  seen.opening = null; // from now on the reader decides
}

function note() {
  // An address that is the next page's already is not that of what is still shown.
  const main = document.querySelector(MAIN);
  if (!main || location.pathname !== seen.path) return;
  // A page's own controls change its address without a scroll: then its last position counts.
  for (const address of addresses()) seen.left.set(address, main.scrollTop);
}

/** @param {EventTarget | null} target */
function isMain(target) {
  return target instanceof Element && target.matches(MAIN);
}

function addresses() {
  return [location.pathname + location.search, location.pathname];
}

/**
 * Hold a page at a position until it stands still.
 * @param {number | null} top Pixels; null to leave it where it is.
 */
function open(top) {
  const now = performance.now();
  const opening = { top, begun: now, still: now, ran: false };
  seen.opening = opening;
  const step = () => {
    if (seen.opening !== opening) return;
    if (hold(opening, performance.now())) requestAnimationFrame(step);
    else seen.opening = null;
  };
  step();
}

/**
 * Return whether a page is still to be held.
 * @param {Opening} opening
 * @param {number} now
 */
function hold(opening, now) {
  const main = document.querySelector(MAIN);
  const idle = Boolean(document.querySelector(IDLE));
  const off = main !== null && opening.top !== null && Math.abs(main.scrollTop - opening.top) > 1;
  if (off) main.scrollTop = /** @type {number} */ (opening.top);
  opening.ran ||= !idle;
  if (!main || !idle || off || !(opening.ran || now - opening.begun > ANSWER)) opening.still = now;
  return now - opening.still <= REST && now - opening.begun <= PATIENCE;
}

export default entryPoint({ render });
