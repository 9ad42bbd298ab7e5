// The bar of a class on every page: back to the presenter for members; for the presenter whether this page is shown.

import { Showing } from "./runtime/class_showing.js";
import { entryPoint, part } from "./runtime/component.js";

const LOOK = 5_000; // milliseconds between two looks at who is here
const GONE = 410; // the server's status once the class has ended
const PAUSED = "branchwise-class-paused";

/** One for each window: the bar itself is made anew when the page changes. */
const showing = new Showing();

export default entryPoint({ render, leave: (state) => clearTimeout(state.timer) });

/**
 * @param {import("./runtime/component.js").Component<{ presenter: boolean, panel: boolean }>} component
 * @param {HTMLElement} root
 * @param {any} state
 */
function render({ data }, root, state) {
  const place = /** @type {HTMLAnchorElement} */ (part(root, ".place"));
  const said = part(root, ".said");
  const bar = part(root, ".bar");
  if (bar.isConnected && !bar.matches(":popover-open")) bar.showPopover();
  if (!data.presenter) {
    said.textContent = "On your own";
    place.textContent = "Follow the presenter";
    place.href = "/class/follow";
    clearTimeout(state.timer);
    void watch(root, state);
    return;
  }
  place.textContent = "Class";
  place.href = "/classroom";
  place.hidden = data.panel;
  const pause = part(root, ".pause");
  const draw = () => {
    const paused = sessionStorage.getItem(PAUSED) === "yes";
    const shown = !paused && !data.panel;
    if (shown) showing.begin();
    else showing.end();
    part(root, ".dot").classList.toggle("on", shown);
    pause.hidden = data.panel;
    pause.textContent = paused ? "Show this page" : "Pause";
    const what = data.panel ? "Not shown to the class" : paused ? "The class sees what you showed last" : "Shown to the class";
    const words = [what, state.here].filter(Boolean).join(" · ");
    if (said.textContent !== words) said.textContent = words;
  };
  pause.onclick = () => {
    sessionStorage.setItem(PAUSED, sessionStorage.getItem(PAUSED) === "yes" ? "no" : "yes");
    draw();
  };
  const look = async () => {
    try {
      const answer = await fetch("/class/here");
      if (answer.ok) {
        const { members, here } = await answer.json();
        state.here = `${here} of ${members} here`;
        draw();
      }
    } catch {
      // The server is away; the next look may find it.
    }
    clearTimeout(state.timer);
    if (root.isConnected) state.timer = setTimeout(() => void look(), LOOK);
  };
  draw();
  clearTimeout(state.timer);
  void look();
}

/**
 * Look whether the class goes on; when it has ended, the page may still be read, and nothing on it answers.
 * @param {HTMLElement} root
 * @param {any} state
 */
async function watch(root, state) {
  const status = await fetch("/class/going").then((answer) => answer.status, () => 0);
  if (!root.isConnected) return;
  if (status !== GONE) {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => void watch(root, state), LOOK * (1 + Math.random()));
    return;
  }
  part(root, ".said").textContent = "The class has ended.";
  part(root, ".place").hidden = true;
  const own = /** @type {ShadowRoot} */ (root.getRootNode()).host ?? root;
  for (const each of document.querySelectorAll("[data-testid=stSidebar], [data-testid=stElementContainer]")) {
    /** @type {HTMLElement} */ (each).inert = !each.contains(own);
  }
}
