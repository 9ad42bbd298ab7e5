// What a projector needs: whether somebody presents, and how large text has to be for the last row.

const USUAL = 16; // pixels of the root's font
const ROOT = "max(22px, 1.46vw)"; // 28 pixels on a screen of 1,920
const CHANGED = "branchwise-presenting";
const LEAST = 24 / 28; // of that: no text is smaller
const SMALLEST = 12; // pixels of the smallest text in our drawings

/** @returns {HTMLElement | undefined} */
function pageRoot() {
  return globalThis.document?.documentElement;
}

/** Return whether somebody presents. */
export function isPresenting() {
  return pageRoot()?.dataset?.presenting === "yes";
}

/** Return the pixels that no text should be smaller than; 0 while nobody presents. */
export function leastText() {
  const root = pageRoot();
  return root && isPresenting() ? Math.ceil(LEAST * (parseFloat(getComputedStyle(root).fontSize) || USUAL)) : 0;
}

/** Return how much larger a drawing is made as a whole; 1 while nobody presents. */
export function drawingScale() {
  return Math.max(1, leastText() / SMALLEST);
}

/**
 * Begin or end to present: Streamlit's text and that of our components is written in units of the root's font.
 * @param {boolean} on
 */
export function present(on) {
  const root = pageRoot();
  if (!root || on === isPresenting()) return;
  root.dataset.presenting = on ? "yes" : "no";
  root.style.fontSize = on ? ROOT : "";
  if (on) root.style.setProperty("--bw-least", `${leastText()}px`);
  else root.style.removeProperty("--bw-least");
  globalThis.dispatchEvent(new Event(CHANGED));
}

/**
 * Call a function whenever somebody begins or ends to present; return what ends that.
 * @param {() => void} call
 */
export function followPresenting(call) {
  globalThis.addEventListener?.(CHANGED, call);
  return () => globalThis.removeEventListener?.(CHANGED, call);
}
