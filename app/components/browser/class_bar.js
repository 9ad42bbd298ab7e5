// The bar of a class on every page: back to the presenter for members; for the presenter whether this page is shown.

import { Showing } from "./runtime/class_showing.js";
import { entryPoint, part } from "./runtime/component.js";

const LOOK = 5_000; // milliseconds between two looks at who is here
const GONE = 410; // the server's status once the class has ended
const PAUSED = "branchwise-class-paused";

/** What is said of a window; one that is not the one that is shown offers to be. */
const WORDS = { asking: "Shown to the class", this: "Shown to the class", other: "Another window is shown to the class",
  none: "Not shown to the class" };

/** One for each window: the bar itself is made anew when the page changes. */
const showing = new Showing(() => drawn());
let drawn = () => {};

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
    const instead = showing.part === "other" || showing.part === "none";
    if (!paused && !data.panel) showing.begin();
    else showing.end();
    const shown = !paused && !data.panel && !instead;
    part(root, ".dot").classList.toggle("on", shown);
    pause.hidden = data.panel;
    pause.textContent = paused || instead ? "Show this page" : "Pause";
    const what = data.panel ? WORDS.none : paused && !instead ? "The class sees what you showed last" : WORDS[showing.part];
    const words = [what, state.here].filter(Boolean).join(" · ");
    if (said.textContent !== words) said.textContent = words;
  };
  drawn = draw;
  pause.onclick = () => {
    const show = pause.textContent === "Show this page";
    if (show && (showing.part === "other" || showing.part === "none")) showing.take();
    sessionStorage.setItem(PAUSED, show ? "no" : "yes");
    draw();
  };
  const look = async () => {
    try {
      const found = await showing.ask();
      if (found) {
        state.here = `${found.here} of ${found.members} here`;
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
