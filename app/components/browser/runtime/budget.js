// The one rule of the browser for what a budget allows. Twin in Python: `core.plane.point.best_within`.

const TOLERANCE = 1e-9; // a budget is inclusive within this relative error, as in the search
const MOST_DIGITS = 10; // more decimals of a percentage than an address holds

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
 * Return the budget in percent whose best choice is a given one of a front: its cost, rounded up to tenths of a percent,
 * or to more decimals where a costlier choice would fit into the tenth, too.
 * Twin in Python: `core.selection.budget.percent_of`.
 * @param {number[]} shares Costs as fractions of single-task networks, rising.
 * @param {number} place Of the choice among them.
 */
export function percentOf(shares, place) {
  const percent = 100 * shares[place] * (1 - TOLERANCE / 2);
  for (let digits = 1; digits < MOST_DIGITS; digits += 1) {
    const rounded = Math.ceil(percent * 10 ** digits) / 10 ** digits;
    if (!(place + 1 < shares.length && fits(shares[place + 1], rounded / 100))) return rounded;
  }
  return 100 * shares[place];
}

/**
 * Return a budget as it is written. Twin in Python: `app.ui.formatting.budget_share`.
 * @param {number} budget A fraction.
 */
export function budgetWords(budget) {
  return `${Number((100 * budget * (1 + 1e-12)).toPrecision(6))} %`; // half away from zero, as in Python
}

/**
 * Return a cost that is over a budget as it is written, with as many decimals as show that it is.
 * Twin in Python: `app.ui.formatting.cost_share`.
 * @param {number} cost A fraction.
 * @param {number} budget A fraction.
 */
export function costWords(cost, budget) {
  const percent = 100 * cost;
  const whole = Math.round(percent);
  if (Math.abs(percent - whole) <= 1e-9 * whole) return `${whole} %`;
  let text = "";
  for (let digits = 1; digits < MOST_DIGITS; digits += 1) {
    text = (percent * (1 + 1e-12)).toFixed(digits); // half away from zero, as in Python
    if (Number(text) > 100 * budget) break;
  }
  return `${text} %`;
}

/**
 * Return the whole percent of a budget, or null where it is none.
 * @param {number} budget A fraction.
 */
export function wholePercent(budget) {
  const whole = Math.round(100 * budget);
  return Math.abs(100 * budget - whole) <= 1e-9 * whole ? whole : null;
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
