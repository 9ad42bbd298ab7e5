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

/**
 * Return the budget that a line at a whole percent allows: every cost that is shown as that percent or less.
 * Twin in Python: `core.selection.budget.percent_fraction`.
 * @param {number} budget A fraction.
 */
export function percentFraction(budget) {
  return ((Math.round(100 * budget) + 0.5) / 100) * (1 - 2 * TOLERANCE);
}

/**
 * Return what is recommended within a budget: the place of the best and of the cheapest that noise can't tell from it.
 * Twin in Python: `core.plane.point.advised`.
 * @param {{ cost: number, recommends: number }[]} front By rising cost.
 * @param {number} budget
 * @returns {{ best: number, place: number }} −1 where nothing fits.
 */
export function advised(front, budget) {
  const best = bestWithin(front, budget);
  return { best, place: best < 0 ? -1 : front[best].recommends };
}
