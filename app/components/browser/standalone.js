// A component in a file without a server: what a server would answer to, this does, as far as it can.

import { unpackedJson } from "./runtime/packed.js";

/**
 * Draw a component, and again whenever something was picked in it.
 * @param {(component: import("./runtime/component.js").Component) => unknown} draw The component's entry point.
 * @param {string} place Address of its element, whose shadow root holds its markup.
 * @param {any} data What it shows.
 */
export function start(draw, place, data) {
  const parentElement = /** @type {any} */ (document.getElementById(place)?.shadowRoot);
  if (!parentElement) return;
  const show = (/** @type {Record<string, unknown>} */ changes) => {
    Object.assign(data, changes);
    draw({ parentElement, data, setStateValue, setTriggerValue });
  };
  const setStateValue = (/** @type {string} */ name, /** @type {unknown} */ value) => {
    if (name in data) show({ [name]: value, picked: null });
  };
  const setTriggerValue = async (/** @type {string} */ name, /** @type {any} */ value) => {
    if (name === "follow") show({ picked: null });
    // The plane of all families knows a network by its code; of layouts, only of the front everything is known here.
    if (name === "picked" && typeof value === "string") {
      show({ picked: (await unpackedJson(data.selectable)).find((/** @type {any} */ each) => each.code === value) ?? null });
    } else if (name === "picked" && value.kind === "front") show({ picked: (await unpackedJson(data.front))[value.index] ?? null });
  };
  show({});
}
