// The one rule of the browser for what a budget allows. Twin in Python: `core.plane.point.best_within`.

const TOLERANCE = 1e-9; // a budget is inclusive within this relative error, as in the search

/**
 * Tell whether a budget allows a cost.
 * @param {number} cost
 * @param {number} budget In the unit of the cost.
 */
export function fits(cost, budget) {
  return cost <= budget * (1 + TOLERANCE);
}

/**
 * Return the place of the best point that a budget allows, or −1 where nothing fits.
 * @param {{ cost: number }[]} front By rising cost, so also by rising score.
 * @param {number} budget
 */
export function bestWithin(front, budget) {
  return front.findLastIndex((point) => fits(point.cost, budget));
}
