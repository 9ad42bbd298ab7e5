// One step forward or back by the keys of a keyboard or a clicker; a step that was taken begins at its top.

import { entryPoint } from "./runtime/component.js";

/** @type {Record<string, number>} */
const KEYS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
// These have a use of their own for such keys.
const OWN = "input, textarea, select, [role=slider], [role=radio], [role=tab], [role=grid], [role=gridcell], [contenteditable]";

export default entryPoint({ render, leave: (state) => removeEventListener("keydown", state.listener) });

/**
 * @param {import("./runtime/component.js").Component<{ step: number, last: number }>} component
 * @param {HTMLElement} _root
 * @param {{ step?: number, listener?: (event: KeyboardEvent) => void }} state
 */
function render({ data, setTriggerValue }, _root, state) {
  if (state.step !== undefined && state.step !== data.step) {
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
    focusHeading();
  }
  state.step = data.step;
  if (state.listener) removeEventListener("keydown", state.listener);
  state.listener = (event) => {
    const by = KEYS[event.key];
    if (!by || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    // Inside a component the event comes from its element; the path also names what is in it.
    if (event.composedPath().some((node) => node instanceof Element && node.matches(OWN))) return;
    const next = data.step + by;
    if (next < 0 || next > data.last) return;
    event.preventDefault();
    setTriggerValue("go", next);
  };
  addEventListener("keydown", state.listener);
}

/** Let Tab and screen readers go on at the beginning of the step, not where the pressed button was. */
function focusHeading() {
  const main = document.querySelector("[data-testid=stMain]");
  const found = main?.querySelector(".st-key-lesson-step :is(h2, h3)") ?? main?.querySelector("h1");
  if (!(found instanceof HTMLElement)) return;
  found.tabIndex = -1;
  found.style.outline = "none";
  found.focus({ preventScroll: true });
}
