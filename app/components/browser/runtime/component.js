// What every component of ours does when Streamlit calls it: find its root and its state, fill in the colours, unpack,
// draw. And how a value that both sides can change goes to and fro.

import { drawingScale, followPresenting } from "./presenting.js";
import { followTheme, paintNames } from "./theme.js";

export const REST = 350; // milliseconds without another step before the server is told: one rerun when the keys rest

/**
 * @template [Data=any]
 * @typedef {object} Component What Streamlit hands over.
 * @property {HTMLElement} parentElement
 * @property {Data} data
 * @property {(name: string, value: unknown) => void} setStateValue
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

/**
 * @typedef {object} OnPage A component that stands on the page, for what shows the page to a class.
 * @property {string} name Of its files.
 * @property {HTMLElement} root
 * @property {any} state
 * @property {string[]} follow Names of the values in its data that a hand moves.
 */

/**
 * Return the components that stand on the page. Each of them loads this module under an address of its own.
 * @returns {Set<OnPage>}
 */
export function onPage() {
  return ((/** @type {any} */ (globalThis)).branchwiseOnPage ??= new Set());
}

/**
 * Note a component on the page, and forget those that are gone: a component is also told to leave while it stays.
 * @param {OnPage} figure
 */
function note(figure) {
  for (const each of onPage()) if (!each.root.isConnected) onPage().delete(each);
  onPage().add(figure);
}

/**
 * Return a component's entry point.
 * @param {object} parts
 * @param {string} [parts.name] Of its files, where a class can follow it.
 * @param {string[]} [parts.follow] Values of its data that a hand moves; its state has them by the same names.
 * @param {() => any} [parts.initial] State of a root that is drawn for the first time.
 * @param {(data: any, state: any) => Promise<void>} [parts.unpack] Unpacks what came packed, if it is new.
 * @param {(component: Component, root: any, state: any) => void} parts.render Draws.
 * @param {(root: any, state: any) => void} [parts.resized] Called when the root gets another width.
 * @param {(state: any) => void} [parts.leave] Called when the component leaves the page.
 */
export function entryPoint({ name = "", follow = [], initial = () => ({}), unpack, render, resized, leave }) {
  // Kept by the root, not by its parent: when the HTML is made anew, nothing is drawn in it yet.
  const states = new WeakMap();
  return function draw(/** @type {Component} */ component) {
    /** @type {HTMLElement | null} */
    const root = component.parentElement.querySelector(".bw");
    if (!root || !component.data) return undefined;
    if (!states.has(root)) {
      states.set(root, initial());
      followTheme(root);
    }
    const state = states.get(root);
    state.onPage ??= { name, root, state, follow };
    if (name) note(state.onPage);
    paintNames(root);
    state.component = component;
    const now = () => {
      if (state.component !== component) return;
      root.hidden = false; // its HTML comes first, and a slider that can't move yet should not be shown
      zoom(root, state);
      render(component, root, state);
      state.stands = component;
    };
    if (unpack) unpack(component.data, state).then(now);
    else now();
    if (resized && !state.watch) watch(root, state, resized);
    const forget = followPresenting(() => {
      if (state.stands !== component) return; // still unpacking: it is drawn for the first time soon
      now();
      resized?.(root, state);
    });
    return () => {
      forget();
      state.watch?.disconnect();
      state.watch = null;
      leave?.(state);
    };
  };
}

/**
 * Return the element of a selector, which is in our own markup.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {T}
 */
export function part(root, selector) {
  return /** @type {T} */ (root.querySelector(selector));
}

/**
 * Return all elements of a selector, as an array.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {T[]}
 */
export function parts(root, selector) {
  return [.../** @type {NodeListOf<T>} */ (root.querySelectorAll(selector))];
}

/**
 * Make what is drawn in pixels larger as a whole while somebody presents; what is inside is measured in its own pixels.
 * @param {HTMLElement} root
 * @param {any} state
 */
function zoom(root, state) {
  const scale = drawingScale();
  if (scale === (state.scale ?? 1)) return;
  state.scale = scale;
  for (const each of parts(root, ".zoomed")) each.style.zoom = scale > 1 ? String(scale) : "";
}

/**
 * @param {HTMLElement} root
 * @param {any} state
 * @param {(root: any, state: any) => void} resized
 */
function watch(root, state, resized) {
  let width = root.clientWidth;
  state.watch = new ResizeObserver(() => {
    if (!root.clientWidth || Math.abs(root.clientWidth - width) <= 1) return;
    width = root.clientWidth;
    resized(root, state);
  });
  state.watch.observe(root);
}

/**
 * Take a value from the server where it is news: an answer on its way must not undo a later step.
 * @param {any} state
 * @param {string} name
 * @param {unknown} value
 */
export function adopt(state, name, value) {
  state.given ??= {};
  state.pending ??= {};
  const written = JSON.stringify(value);
  if (state.pending[name] === written) delete state.pending[name];
  if (state.given[name] === written || state.pending[name] !== undefined) return;
  state.given[name] = written;
  state[name] = value;
}

/**
 * Tell the server, after a wait, of the values that it does not know.
 * @param {any} state
 * @param {string[]} names
 * @param {number} [wait] Milliseconds.
 */
export function tell(state, names, wait = 0) {
  clearTimeout(state.timer);
  state.timer = setTimeout(() => {
    for (const name of names) {
      const written = JSON.stringify(state[name]);
      if (state.given[name] === written) continue;
      state.pending[name] = state.given[name] = written;
      state.component.setStateValue(name, state[name]);
    }
  }, wait);
}
