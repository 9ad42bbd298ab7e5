// Text of a drawing has the same size on the screen however wide the drawing stands: its units grow and shrink instead.

const MOST = 1.25; // in a narrower drawing larger letters would run into each other
const LEGEND_MOST = 1.15; // the legend breaks into rows that fit at this size

/**
 * Give the text of a drawing, and its legend as a whole, the size in pixels that they have in units.
 * @param {any} svg A drawing that stands on the page.
 */
export function keepTextSize(svg) {
  const [, , units] = (svg.getAttribute("viewBox") ?? "").split(" ").map(Number);
  const pixels = svg.getBoundingClientRect().width;
  if (!pixels || !units) return;
  const times = Math.min(MOST, units / pixels);
  for (const node of svg.querySelectorAll("text")) {
    if (node.closest(".legend")) continue;
    if (!node.hasAttribute("data-size")) node.setAttribute("data-size", node.getAttribute("font-size"));
    node.setAttribute("font-size", String(Math.round(1000 * times * Number(node.getAttribute("data-size"))) / 1000));
  }
  for (const legend of svg.querySelectorAll(".legend")) {
    const [x, y] = [legend.getAttribute("data-x"), legend.getAttribute("data-y")];
    legend.setAttribute("transform", `translate(${x} ${y}) scale(${Math.min(times, LEGEND_MOST)}) translate(-${x} -${y})`);
  }
}

/**
 * Undo that in a copy of a drawing, as a file holds it.
 * @param {any} svg
 */
export function ownTextSize(svg) {
  for (const node of svg.querySelectorAll("[data-size]")) {
    node.setAttribute("font-size", node.getAttribute("data-size"));
    node.removeAttribute("data-size");
  }
  for (const legend of svg.querySelectorAll(".legend")) legend.removeAttribute("transform");
}

/**
 * Return the width that a drawing has on the page, for those that are drawn as wide as they stand.
 * @param {any} place Where it will stand.
 * @param {number} least In pixels; also where the place is not on the screen yet.
 */
export function widthOf(place, least = 240) {
  return Math.max(least, Math.floor(place.clientWidth));
}
