// A component that answers itself: what a server would answer to, this does, as far as it can.

import { unpackedJson } from "./packed.js";

/** @typedef {import("./component.js").Component} Component */

/**
 * Return a component's entry point that keeps to itself what was done in it, and draws it again.
 * @param {(component: Component) => unknown} draw The component's own entry point.
 */
export function alone(draw) {
  /** @type {WeakMap<object, { sent: string, data: any }>} */
  const held = new WeakMap();
  return function answer(/** @type {{ parentElement: HTMLElement, data: any }} */ { parentElement, data }) {
    const sent = JSON.stringify(data);
    const before = held.get(parentElement);
    // What the page sends again, because something else on it has changed, undoes nothing.
    const own = before?.sent === sent ? before : { sent, data: { ...data } };
    held.set(parentElement, own);
    const show = (/** @type {Record<string, unknown>} */ changes) => {
      Object.assign(own.data, changes);
      return draw({ parentElement, data: own.data, setStateValue, setTriggerValue });
    };
    const setStateValue = (/** @type {string} */ name, /** @type {unknown} */ value) => {
      if (name in own.data) show({ [name]: value, picked: null });
    };
    const setTriggerValue = async (/** @type {string} */ name, /** @type {any} */ value) => {
      if (name === "follow") show({ picked: null });
      // The plane of all families knows a network by its code; of layouts, only of the front everything is known here.
      if (name === "picked" && typeof value === "string") {
        show({ picked: (await unpackedJson(own.data.selectable)).find((/** @type {any} */ each) => each.code === value) ?? null });
      } else if (name === "picked" && value.kind === "front") {
        show({ picked: (await unpackedJson(own.data.front))[value.index] ?? null });
      }
    };
    return show({});
  };
}

/** @type {Map<string, ReturnType<typeof alone>>} */
const answers = new Map();

/**
 * On a page of the dashboard: draw the component that the data name, and never ask the server.
 * @param {{ parentElement: HTMLElement, data: { component: string, data: any } | null }} component
 */
export default function host({ parentElement, data }) {
  if (!data) return undefined;
  const name = data.component;
  let left = false;
  /** @type {unknown} */
  let leave;
  import(`../${name}.js`).then((module) => {
    if (left) return;
    const answer = answers.get(name) ?? alone(module.default);
    answers.set(name, answer);
    leave = answer({ parentElement, data: data.data });
  });
  return () => {
    left = true;
    if (typeof leave === "function") leave();
  };
}
