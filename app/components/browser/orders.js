// Orders of units: what tasks share, and how much units learn. Twin in Python: `core.families.virtual.{totals,search}`.

/**
 * Return how many levels of tasks learn each piece, `[n_units][n_units]`; the diagonal is that of the units.
 * @param {number[][]} orders Units in the order in which each task takes them.
 */
export function gradientTotals(orders) {
  const n = orders[0].length;
  const places = orders.map(placesOf);
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) =>
    places.reduce((sum, place) => sum + n - Math.max(place[i], place[j]), 0)));
}

/**
 * Return (most − fewest) / mean of what units learn.
 * @param {number[][]} orders
 */
export function imbalance(orders) {
  const totals = gradientTotals(orders).map((row, unit) => row[unit]);
  const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length;
  return (Math.max(...totals) - Math.min(...totals)) / mean;
}

/**
 * Return the share of units that two tasks have in common, mean over all levels but the last.
 * @param {number[]} one
 * @param {number[]} other
 */
export function sharedBelow(one, other) {
  const [first, second] = [placesOf(one), placesOf(other)];
  let sum = 0;
  for (let level = 1; level < one.length; level += 1) {
    sum += first.filter((place, unit) => Math.max(place, second[unit]) < level).length / level;
  }
  return sum / (one.length - 1);
}

/**
 * Return the mean of what pairs of tasks share below the last level; NaN of one task.
 * @param {number[][]} orders
 */
export function meanShared(orders) {
  const shares = pairs(orders.length).map(([one, other]) => sharedBelow(orders[one], orders[other]));
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/**
 * Return agreement, imbalance and their merit.
 * @param {number[][]} orders
 * @param {number[][]} weights Affinities of pairs less their mean, scaled so that their sizes add up to 1.
 * @param {number} balance How much a unit of imbalance counts.
 */
export function meritOf(orders, weights, balance) {
  const agreement = pairs(orders.length).reduce((sum, [one, other]) =>
    sum + weights[one][other] * sharedBelow(orders[one], orders[other]), 0);
  return { agreement, value: agreement - balance * imbalance(orders) };
}

/**
 * Return orders in other names of the units, of which the first task takes 0, 1, 2, …: they are the same network.
 * @param {number[][]} orders
 */
export function renamed(orders) {
  const names = placesOf(orders[0]);
  return orders.map((order) => order.map((unit) => names[unit]));
}

/**
 * Return an order in which a unit stands at another place.
 * @param {number[]} order
 * @param {number} unit
 * @param {number} place
 */
export function movedTo(order, unit, place) {
  const rest = order.filter((each) => each !== unit);
  return [...rest.slice(0, place), unit, ...rest.slice(place)];
}

/** @param {number[]} order */
function placesOf(order) {
  /** @type {number[]} */
  const places = [];
  order.forEach((unit, place) => { places[unit] = place; });
  return places;
}

/**
 * @param {number} n
 * @returns {[number, number][]}
 */
function pairs(n) {
  return Array.from({ length: n }, (_, one) => one).flatMap((one) =>
    Array.from({ length: n - one - 1 }, (_, more) => /** @type {[number, number]} */ ([one, one + 1 + more])));
}
