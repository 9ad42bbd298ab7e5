// A component in a file without a server.

import { alone } from "./runtime/alone.js";

/**
 * Draw a component, and again whenever something was picked in it.
 * @param {(component: import("./runtime/component.js").Component) => unknown} draw The component's entry point.
 * @param {string} place Address of its element, whose shadow root holds its markup.
 * @param {any} data What it shows.
 */
export function start(draw, place, data) {
  const host = document.getElementById(place);
  const parentElement = /** @type {any} */ (host?.shadowRoot);
  if (!host || !parentElement) return;
  const show = () => alone(draw)({ parentElement, data });
  if (host.getClientRects().length) return void show();
  // It has no width before the part of the page around it is shown.
  const watch = new ResizeObserver(() => {
    if (!host.getClientRects().length) return;
    watch.disconnect();
    show();
  });
  watch.observe(host);
}
