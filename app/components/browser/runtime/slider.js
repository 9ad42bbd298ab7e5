// A value that follows the pointer or the keys.

const CLEAR = 2; // pixels between a grip and the end of its line
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1 };

/**
 * Return where a key of a slider leads, or null for another key; the event is taken where it is one of a slider.
 * @param {KeyboardEvent} event
 * @param {number} value
 * @param {{ low: number, high: number, step?: number, page?: number }} range `page` is what Page Up and Page Down add.
 * @returns {number | null}
 */
export function keyed(event, value, { low, high, step = 1, page = 5 * step }) {
  /** @type {Record<string, number>} */
  const ends = { Home: low, End: high };
  /** @type {Record<string, number>} */
  const pages = { PageDown: -page, PageUp: page };
  const by = event.key in STEPS ? STEPS[/** @type {keyof typeof STEPS} */ (event.key)] * step : pages[event.key];
  const next = event.key in ends ? ends[event.key] : by === undefined ? null : value + by;
  if (next === null) return null;
  event.preventDefault();
  return Math.min(high, Math.max(low, next));
}

/**
 * Follow the pointer from a press until it is let go.
 * @param {PointerEvent} event The press.
 * @param {HTMLElement} grip Gets the focus.
 * @param {(event: PointerEvent) => void} move Called for the press and each move.
 * @param {() => void} release Called once at the end.
 */
export function followPointer(event, grip, move, release) {
  if (event.button) return;
  event.preventDefault();
  grip.focus({ preventScroll: true });
  const target = /** @type {HTMLElement} */ (event.currentTarget);
  target.setPointerCapture(event.pointerId);
  move(event);
  target.onpointermove = move;
  target.onpointerup = target.onpointercancel = () => {
    target.onpointermove = target.onpointerup = target.onpointercancel = null;
    release();
  };
}

/**
 * Place the grip of a line within its lower end, clear of the axis; within its upper end where it would cover a mark.
 * @param {HTMLElement} grip
 * @param {Element | null | undefined} mark
 * @param {{ low: string, high: string }} ends Of the line, as lengths from the top.
 */
export function placeClear(grip, mark, { low, high }) {
  const within = grip.offsetHeight / 2 + CLEAR;
  grip.style.top = `calc(${low} - ${within}px)`;
  if (!mark) return;
  const [one, other] = [grip.getBoundingClientRect(), mark.getBoundingClientRect()];
  const apart = one.right < other.left || other.right < one.left || one.bottom < other.top || other.bottom < one.top;
  if (!apart) grip.style.top = `calc(${high} + ${within}px)`;
}
