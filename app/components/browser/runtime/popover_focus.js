// Streamlit draws an open popover at the end of the page, where Tab comes to it last. Here a popover that a key opened
// takes the focus, Tab leads from its ends back to its button, and so does Escape.

const BUTTON = "[data-testid=stPopover] button";
const BODY = "[data-testid=stPopoverBody]";
// The page runs, or a control in the popover still loads its own code.
const UNFINISHED = `[data-testid=stApp][data-test-script-state=running], ${BODY} [data-testid=stSkeleton]`;
const REACHED = "a[href], button:enabled, input:enabled, select:enabled, textarea:enabled, [tabindex='0']";
// Milliseconds that the server may take to fill a popover, and after which one that did not grow is whole.
const PATIENCE = 10_000;
const SETTLED = 150;

/** One popover is open at a time. @type {{ listens: boolean, button: HTMLElement | null }} */
const seen = { listens: false, button: null };

/** Lead keys into popovers and back, from now on. */
export function leadIntoPopovers() {
  if (!seen.listens) addEventListener("keydown", pressed);
  seen.listens = true;
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  const at = event.target instanceof HTMLElement ? event.target : null;
  const button = at?.closest(BUTTON);
  if (button instanceof HTMLElement) {
    seen.button = button;
    const isOpen = document.querySelector(BODY) !== null;
    if (event.key === "Tab" && !event.shiftKey && isOpen && enter()) event.preventDefault();
    if ((event.key === "Enter" || event.key === " ") && !isOpen) enterWhenDrawn(performance.now() + PATIENCE, 0);
    return;
  }
  // What has the focus may be drawn anew; the page as a whole has it then.
  const body = at?.closest(BODY) ?? (at === document.body ? document.querySelector(BODY) : null);
  const isItsOwn = seen.button?.isConnected && seen.button.getAttribute("aria-expanded") === "true";
  if (!body || !seen.button || !isItsOwn) return;
  const found = reached(body);
  if (event.key === "Escape") requestAnimationFrame(() => body.isConnected || seen.button?.focus());
  if (event.key !== "Tab") return;
  if (at === document.body && !event.shiftKey) {
    if (enter()) event.preventDefault();
    return;
  }
  if (at !== document.body && at !== (event.shiftKey ? found[0] : found.at(-1))) return;
  event.preventDefault();
  seen.button.focus();
}

/**
 * Enter the popover once it is drawn, unless the focus has gone elsewhere.
 * @param {number} until
 * @param {number} before how much there was to reach
 */
function enterWhenDrawn(until, before) {
  if (document.activeElement !== seen.button || performance.now() > until) return;
  const now = inPopover().length;
  if (now > 0 && now === before && !document.querySelector(UNFINISHED)) enter();
  else setTimeout(() => enterWhenDrawn(until, now), SETTLED);
}

/** Give the focus to what comes first in the open popover; return whether there is anything. */
function enter() {
  const [first] = inPopover();
  first?.focus();
  return first !== undefined;
}

function inPopover() {
  return [...document.querySelectorAll(BODY)].flatMap(reached);
}

/**
 * Return what Tab reaches in a part of the page.
 * @param {Element} part
 * @returns {HTMLElement[]}
 */
function reached(part) {
  return /** @type {HTMLElement[]} */ ([...part.querySelectorAll(REACHED)]).filter((each) => each.offsetParent !== null);
}
