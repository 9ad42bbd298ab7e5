// The line of a budget on a plane: dragged on the plane or by its grip, and moved by keys.

import { REST } from "./component.js";
import { followPointer } from "./slider.js";

/**
 * Let pointer and keys move the budget, and tell it when the pointer lets go or the keys rest.
 * @param {object} parts
 * @param {SVGSVGElement} parts.svg The plane.
 * @param {HTMLElement} parts.grip
 * @param {any} parts.state `budget` is a fraction of single-task networks; `picked` is given up when the line moves.
 * @param {(x: number) => number} parts.budgetOf Budget at a place of the plane, from 0 at its left to 1 at its right.
 * @param {(event: KeyboardEvent) => number | null} parts.stepped Where a key leads; null for another key.
 * @param {() => void} parts.draw
 * @param {(name: string, value: unknown) => void} parts.setStateValue
 * @param {string} parts.marks Selector of what can be picked on the plane, where a press does not move the line.
 * @param {(mark: SVGElement) => void} parts.pick
 */
export function followBudget({ svg, grip, state, budgetOf, stepped, draw, setStateValue, marks, pick }) {
  const release = () => {
    state.dragging = false;
    setStateValue("budget", state.budget);
  };
  const move = (/** @type {number} */ percent) => {
    state.budget = percent / 100;
    state.picked = null;
    draw();
  };
  const drag = (/** @type {PointerEvent} */ event) => {
    if (event.button) return;
    clearTimeout(state.timer);
    state.dragging = true;
    const box = svg.getBoundingClientRect();
    followPointer(event, grip, (at) => move(Math.round(100 * budgetOf((at.clientX - box.left) / box.width))), release);
  };
  svg.onpointerdown = (event) => {
    /** @type {SVGElement | null} */
    const mark = /** @type {Element} */ (event.target).closest(marks);
    if (!mark) return drag(event);
    if (state.dragging) {
      // Keys moved the line just now: told later, the budget would take back what is picked here.
      clearTimeout(state.timer);
      release();
    }
    pick(mark);
  };
  grip.onpointerdown = drag;
  grip.onkeydown = (event) => {
    const next = stepped(event);
    if (next === null) return;
    state.dragging = true; // a rerun on its way must not set the line back
    // From between two whole percents, where a point has put it, the line goes to one of them.
    move(next > state.budget ? Math.floor(100 * next + 1e-9) : Math.ceil(100 * next - 1e-9));
    clearTimeout(state.timer);
    state.timer = setTimeout(release, REST);
  };
}
