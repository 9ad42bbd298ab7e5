// Presenter mode: large type, no sidebar, and one step forward or back by the keys of a clicker.

import { entryPoint } from "./runtime/component.js";
import { leadIntoPopovers } from "./runtime/popover_focus.js";
import { isPresenting, leastText, present } from "./runtime/presenting.js";

const MAIN = "[data-testid=stMain]";
const BLOCK = "[data-testid=stMainBlockContainer]";
const SECTIONS = `${MAIN} [class*="st-key-"][class*="_section"] [role=radio]`;
const PAGES = "[data-testid=stSidebarNavLink]";
const LESSON = ".st-key-lesson-step"; // a lesson goes from step to step by itself
const KEY = "p";
const FOLDED = "branchwise-folded"; // in the browser's own store
const HEADER = 5; // lines of text that Streamlit's header covers, about
const HIGH = 0.4; // of the screen
const FAR = 0.3; // of the screen, by which a section may be lower than it would be shown
// Around a page that is presented.
const SIDES = "2rem";
const TOP = "3.5rem";

/** @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
// These have a use of their own for letters, and these for arrows.
const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable]";
const MOVING = `${TYPING}, [role=slider], [role=radio], [role=tab], [role=grid], [role=listbox], [role=dialog]`;

/** One for each window: the component itself is made anew when the sidebar closes. */
const seen = { listens: false, toggle: () => {} };

/** @param {import("./runtime/component.js").Component<{ page: string, on: boolean, waits: boolean }>} component */
function render({ data, setTriggerValue }) {
  seen.toggle = () => setTriggerValue("toggle", true);
  if (!seen.listens) addEventListener("keydown", pressed);
  seen.listens = true;
  leadIntoPopovers();
  const changed = data.on !== isPresenting();
  present(data.on);
  const block = /** @type {HTMLElement | null} */ (document.querySelector(BLOCK));
  if (block) Object.assign(block.style, { paddingInline: data.on ? SIDES : "", paddingTop: data.on ? TOP : "" });
  if (data.waits) setTriggerValue("ready", true);
  if (!changed) return unfold(data.on);
  fold(data.on);
  note(data.on);
}

/**
 * Close the sidebar, or open it.
 * @param {boolean} closed
 */
function fold(closed) {
  const name = closed ? "stSidebarCollapseButton" : "stExpandSidebarButton";
  const found = document.querySelector(`[data-testid=${name}]`);
  const button = found?.matches("button") ? found : found?.querySelector("button");
  if (button instanceof HTMLElement) button.click();
}

/**
 * Streamlit remembers a closed sidebar for ever: open what we closed, where a page is opened without presenting.
 * @param {boolean} on
 */
function unfold(on) {
  if (on || !wasNoted()) return;
  fold(false);
  note(false);
}

/** @param {boolean} folded */
function note(folded) {
  try {
    if (folded) localStorage.setItem(FOLDED, "yes");
    else localStorage.removeItem(FOLDED);
  } catch {
    // A browser that stores nothing remembers no sidebar either.
  }
}

function wasNoted() {
  try {
    return localStorage.getItem(FOLDED) !== null;
  } catch {
    return false;
  }
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const within = (/** @type {string} */ selector) =>
    event.composedPath().some((node) => node instanceof Element && node.matches(selector));
  if (event.key === KEY && !within(TYPING)) return seen.toggle();
  const by = STEPS[event.key];
  if (!by || !isPresenting() || within(MOVING) || document.querySelector(LESSON)) return;
  event.preventDefault();
  step(by);
}

/**
 * Go to the next section of the page, or behind the last one to the next page; back in the same way. An open section that
 * is still below what is on the screen comes first.
 * @param {number} by
 */
function step(by) {
  const sections = [...document.querySelectorAll(SECTIONS)];
  const open = sections.findIndex((each) => each.getAttribute("aria-checked") === "true");
  const here = sections[open];
  if (by > 0 && here instanceof HTMLElement && downTo(here) > FAR * innerHeight) return show(here, false);
  const next = sections[open + by];
  if (next instanceof HTMLElement) {
    next.click();
    return show(next, open + by === 0);
  }
  const pages = [...document.querySelectorAll(PAGES)];
  const current = pages.findIndex((each) => each.getAttribute("aria-current") === "page");
  const page = pages[current + by];
  if (page instanceof HTMLElement) page.click();
}

/**
 * Bring a section to the top of the screen; where its control stands high enough, the page begins.
 * @param {HTMLElement} control
 * @param {boolean} first
 */
function show(control, first) {
  const main = document.querySelector(MAIN);
  if (!main) return;
  const top = first ? 0 : topOf(main, control);
  main.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

/**
 * Return how far the page is scrolled where a section is shown.
 * @param {Element} main
 * @param {HTMLElement} control
 */
function topOf(main, control) {
  const above = main.scrollTop + control.getBoundingClientRect().top - HEADER * leastText();
  return above < HIGH * innerHeight ? 0 : above;
}

/**
 * Return how far the page can still be scrolled down to a section.
 * @param {HTMLElement} control
 */
function downTo(control) {
  const main = document.querySelector(MAIN);
  return main ? Math.min(topOf(main, control), main.scrollHeight - main.clientHeight) - main.scrollTop : 0;
}

export default entryPoint({ render });
