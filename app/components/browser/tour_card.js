// The guided tour: a card above the page, which stays usable, and a ring around what the card is about.

import { entryPoint, part } from "./runtime/component.js";

const ASKED = "branchwise-tour"; // in the browser's own store: whether somebody was asked
const MARGIN = 6; // pixels between what is ringed and the ring
const PAGE = "[data-testid=stMainBlockContainer]";
const FOLLOW = 200; // milliseconds after which the ring is where the page has moved to
const MAIN = "[data-testid=stMain]";
const HEADER = 64; // pixels that Streamlit's header covers
const LEADING = 12; // pixels of a title's line above its letters
const GROWS = 3_000; // milliseconds in which a page's figures come, and what is ringed is kept in view
const HANDS = ["wheel", "pointerdown", "keydown"];

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };

/**
 * @typedef {object} Stop
 * @property {number} number From 1.
 * @property {string} title
 * @property {string} words
 * @property {string} ring Selector on the page.
 */

/**
 * @param {import("./runtime/component.js").Component<{ stop: Stop | null, of: number, offers: boolean }>} component
 * @param {HTMLElement} root
 * @param {{ shown?: string, timer?: number, until?: number }} state
 */
function render({ data, setTriggerValue }, root, state) {
  const { stop, of } = data;
  const card = part(root, ".card");
  if (stop) remember();
  const isOffer = !stop && data.offers && !wasAsked();
  if (!stop && !isOffer) return hide(root, state);
  const number = stop?.number ?? 0;
  const go = (/** @type {number} */ to) => {
    remember();
    if (to < 1 || to > of) hide(root, state);
    setTriggerValue("go", to > of ? 0 : to);
  };
  const write = (/** @type {string} */ name, /** @type {string} */ words) => { part(root, name).textContent = words; };
  write(".count", stop ? `Tour, ${number} of ${of}` : "New here?");
  write(".title", stop ? stop.title : "A tour of two minutes");
  write(".words", stop ? stop.words : `${of} stops on ${of} pages. You can end it at each of them, and find it here again.`);
  write(".end", number === of ? "" : stop ? "End the tour" : "No, thanks");
  write(".next", !stop ? "Take the tour" : number === of ? "Done" : "Next");
  part(root, ".back").hidden = number < 2;
  part(root, ".end").hidden = number === of;
  part(root, ".end").onclick = () => go(0);
  part(root, ".back").onclick = () => go(number - 1);
  part(root, ".next").onclick = () => go(number + 1);
  card.onkeydown = (event) => {
    if (event.key === "Escape") go(0);
    else if (stop && event.key in STEPS && number + STEPS[event.key] >= 1) go(number + STEPS[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  // The ring first, so that the card lies above it.
  if (stop) open(part(root, ".ring"));
  open(card);
  const shown = `${number}`;
  // An offer leaves the focus where it is; a stop takes it once, so that keys and screen readers are there.
  if (stop && state.shown !== shown) {
    card.focus({ preventScroll: true });
    state.until = performance.now() + GROWS;
    // From then on it is the reader who scrolls.
    for (const hand of HANDS) addEventListener(hand, () => { state.until = 0; }, { once: true, capture: true });
  }
  state.shown = shown;
  clearInterval(state.timer);
  if (stop) {
    const follow = () => {
      besideSidebar(card);
      if (performance.now() < (state.until ?? 0)) bringIntoView(stop.ring, card);
      ring(root, stop.ring);
    };
    follow();
    state.timer = setInterval(follow, FOLLOW);
  }
}

/**
 * Lay the card below the page, not over the sidebar, and let the page be scrolled until nothing is behind it.
 * @param {HTMLElement} card
 */
function besideSidebar(card) {
  const wide = innerWidth >= 900; // as in the style
  const sidebar = document.querySelector("[data-testid=stSidebar]")?.getBoundingClientRect().right ?? 0;
  card.style.left = wide ? `calc(${Math.max(0, sidebar)}px + 1.5rem)` : "";
  const page = /** @type {HTMLElement | null} */ (document.querySelector(PAGE));
  if (page) page.style.paddingBottom = `calc(${card.offsetHeight}px + 2rem)`;
}

/**
 * Scroll until what a selector finds is not behind the card, or begins at the top of the screen: there, too, where the
 * header would cut the page's title otherwise.
 * @param {string} selector
 * @param {HTMLElement} card
 */
function bringIntoView(selector, card) {
  const box = selector ? document.querySelector(selector)?.getBoundingClientRect() : undefined;
  if (!box?.height) return;
  const hidden = box.bottom + 2 * MARGIN - card.getBoundingClientRect().top;
  const most = box.top - HEADER - MARGIN;
  const by = hidden > 0 && isTitleCut(hidden) ? most : Math.min(hidden, most);
  if (by > 0) document.querySelector(MAIN)?.scrollBy(0, by);
}

/**
 * Return whether the header hides the upper part of the title once the page is scrolled.
 * @param {number} by Pixels.
 */
function isTitleCut(by) {
  const title = document.querySelector(`${PAGE} h1`);
  if (!title) return false;
  const { top, bottom } = title.getBoundingClientRect();
  return bottom - by > HEADER && top + parseFloat(getComputedStyle(title).paddingTop) - by < HEADER - LEADING;
}

/**
 * Draw the ring around what a selector finds first; none where it finds nothing.
 * @param {HTMLElement} root
 * @param {string} selector
 */
function ring(root, selector) {
  const drawn = part(root, ".ring");
  const box = selector ? document.querySelector(selector)?.getBoundingClientRect() : undefined;
  drawn.style.visibility = box?.height ? "" : "hidden";
  if (!box) return;
  Object.assign(drawn.style, {
    left: `${box.left - MARGIN}px`, top: `${box.top - MARGIN}px`,
    width: `${box.width + 2 * MARGIN}px`, height: `${box.height + 2 * MARGIN}px`,
  });
}

/**
 * @param {HTMLElement} root
 * @param {{ shown?: string, timer?: number }} state
 */
function hide(root, state) {
  clearInterval(state.timer);
  const card = part(root, ".card");
  const hadFocus = card.matches(":focus-within");
  if (state.shown) /** @type {HTMLElement | null} */ (document.querySelector(PAGE))?.style.removeProperty("padding-bottom");
  state.shown = undefined;
  close(part(root, ".ring"));
  close(card);
  // Keys and screen readers go on at the beginning of the page, not nowhere.
  const heading = /** @type {HTMLElement | null} */ (document.querySelector(`${PAGE} h1`));
  if (!hadFocus || !heading) return;
  heading.tabIndex = -1;
  heading.style.outline = "none";
  heading.focus({ preventScroll: true });
}

/** @param {HTMLElement} box */
function open(box) {
  if (box.isConnected && !box.matches(":popover-open")) box.showPopover();
}

/** @param {HTMLElement} box */
function close(box) {
  if (box.matches(":popover-open")) box.hidePopover();
}

function remember() {
  try {
    localStorage.setItem(ASKED, "yes");
  } catch {
    // A browser that stores nothing asks again.
  }
}

/** Return whether somebody was asked before. A browser that a program drives is never asked. */
function wasAsked() {
  try {
    return navigator.webdriver || localStorage.getItem(ASKED) !== null;
  } catch {
    return true;
  }
}

export default entryPoint({ render, leave: (state) => clearInterval(state.timer) });
