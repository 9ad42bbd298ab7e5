// One step forward or back by the keys of a keyboard or a clicker; a step that was taken begins at its top.

import { entryPoint } from "./runtime/component.js";

/** @type {Record<string, number>} */
const KEYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const SETTLED = 300; // milliseconds until what a rerun takes away is gone
// These have a use of their own for such keys.
const OWN = "input, textarea, select, [role=slider], [role=radio], [role=tab], [role=grid], [role=gridcell], [contenteditable]";

/** What a question hides until it is answered, or the step as a whole. */
const ANSWER = ".st-key-lesson-answer h2";
const HEADING = ".st-key-lesson-step :is(h2, h3)";

export default entryPoint({ render, leave: (state) => removeEventListener("keydown", state.listener) });

/**
 * @param {import("./runtime/component.js").Component<{ step: number, last: number, opened: boolean }>} component
 * @param {HTMLElement} _root
 * @param {{ step?: number, opened?: boolean, listener?: (event: KeyboardEvent) => void }} state
 */
function render({ data, setTriggerValue }, _root, state) {
  if (state.step !== undefined && state.step !== data.step) {
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
    focusHeading(HEADING);
  } else if (data.opened && state.opened === false) {
    // The button that was pressed is gone; who pressed another one, or reads on, keeps the focus.
    setTimeout(() => { if (document.activeElement === document.body) focusHeading(ANSWER, true); }, SETTLED);
  }
  [state.step, state.opened] = [data.step, data.opened];
  if (state.listener) removeEventListener("keydown", state.listener);
  state.listener = (event) => {
    const by = KEYS[event.key];
    if (!by || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // Inside a component the event comes from its element; the path also names what is in it.
    if (event.composedPath().some((node) => node instanceof Element && node.matches(OWN))) return;
    // In a figure arrows belong to it, also where they do nothing yet.
    if (event.key.startsWith("Arrow") && event.composedPath()[0] !== event.target) return;
    const next = data.step + by;
    if (next < 0 || next > data.last) return;
    event.preventDefault();
    setTriggerValue("go", next);
  };
  addEventListener("keydown", state.listener);
}

/**
 * Let Tab and screen readers go on at a heading, not where the pressed button was.
 * @param {string} selector
 * @param {boolean} scroll Whether it is brought into view.
 */
function focusHeading(selector, scroll = false) {
  const main = document.querySelector("[data-testid=stMain]");
  const found = main?.querySelector(selector) ?? main?.querySelector("h1");
  if (!(found instanceof HTMLElement)) return;
  found.tabIndex = -1;
  found.style.outline = "none";
  found.focus({ preventScroll: true });
  // With as much as fits of what stands below it.
  if (scroll) (found.closest("[class*=st-key-]") ?? found).scrollIntoView({ block: "nearest" });
}
