"""Networks of several families compared at one question of cost: joint Pareto front, and the best within a budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.costs import CostQuestion, Unit
from core.plane.difference import Difference, difference
from core.plane.expected_gains import ExpectedGains
from core.plane.hypervolume import Hypervolume, hypervolume
from core.plane.interval import t_interval
from core.plane.noise import NEGLIGIBLE_LOSS, cheapest_equal, without_harm
from core.plane.point import PlanePoint, advised, affordable

Array = NDArray[np.float64]

# Budgets, in percent of single-task networks, of which the best family is told.
PERCENTS: Final = tuple(range(10, 101, 10))
# Costs that differ by less are equal.
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Priced:
    """A measured network with the requested cost.

    Args:
        point: The network.
        cost: In the unit of the question.
        place: Its place among the networks whose gains are drawn.
        score: Mean gain over seeds, percent, that it is ranked by.
    """

    point: PlanePoint
    cost: float
    place: int
    score: float


@dataclass(frozen=True, slots=True)
class BestWithin:
    """What a budget buys, over all families.

    Args:
        limit: The budget in the unit of the costs.
        best: The network with the largest mean gain within it.
        advised: The recommended network: the cheapest on the front that noise can't tell from the best, and that does
            not lose against single-task networks where the best doesn't.
        probability: That ``advised`` is the best within the budget; None where it has one seed.
        near: Probability that it gains at most 0.2 points less than the best; None where it has one seed.
        family: The family that wins: the most probable one, or that of ``best`` where all have one seed.
        by_family: Family → probability that the best within the budget is one of its networks, the most probable
            first; families of which every network has one seed are left out.
        alike: Families whose best network within the budget noise can't tell from that of ``family``.
        unknown: Families left out of ``by_family``.
    """

    limit: float
    best: Priced
    advised: Priced
    probability: float | None
    near: float | None
    family: str
    by_family: Mapping[str, float]
    alike: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_cheaper(self) -> bool:
        """Whether a cheaper one than the best is recommended, because the difference is within noise."""
        return self.advised.place != self.best.place

    @property
    def certainty(self) -> float | None:
        """Probability that the best within the budget is a network of the family that wins; None with one seed."""
        return self.by_family.get(self.family)

    @property
    def is_only_family(self) -> bool:
        """Whether no other family has a network within the budget: a probability would say nothing."""
        return len(self.by_family) + len(self.unknown) == 1


@dataclass(frozen=True, eq=False)
class Comparison:
    """Measured networks of all families that answer one question of cost.

    Predicted and published gains are no part of it: they have no seeds.

    Args:
        gains: Draws of the expected gains of networks; some may not answer the question.
        question: Which question costs answer.
        unit: Unit of cost.
        independent: Cost of one network per task, in the unit: the 100 % of a budget.
    """

    gains: ExpectedGains
    question: CostQuestion
    unit: Unit
    independent: float

    @cached_property
    def networks(self) -> tuple[Priced, ...]:
        """The networks by rising cost, of equal cost the one with the larger gain first."""
        found = [
            Priced(point, cost, place, float(self.gains.means[place]))
            for place, point in enumerate(self.gains.points)
            if (cost := point.cost(self.question, self.unit)) is not None and np.isfinite(self.gains.means[place])
        ]
        return tuple(sorted(found, key=lambda each: (each.cost, -each.score)))

    @cached_property
    def front(self) -> tuple[Priced, ...]:
        """The networks that no other beats in both cost and mean gain, by rising cost."""
        found: list[Priced] = []
        for each in self.networks:
            if not found or each.score > found[-1].score:
                found.append(each)
        return tuple(found)

    @cached_property
    def cheapest_gain(self) -> Priced | None:
        """The cheapest network that reached as much as single-task networks in the mean; None where all lose."""
        return next((each for each in self.front if each.score >= 0), None)

    @property
    def families(self) -> tuple[str, ...]:
        """Families that have a network here, in the order of the points."""
        here = {each.point.family for each in self.networks}
        return tuple(dict.fromkeys(point.family for point in self.gains.points if point.family in here))

    def priced(self, point: PlanePoint) -> Priced | None:
        """Return a network by its family and label; None where it has no cost or no gain here."""
        place = self.gains.places.get((point.family, point.label))
        return None if place is None else self._by_place.get(place)

    def front_probability(self, network: Priced) -> float | None:
        """Return the probability that no other network beats one in cost and expected gain; None where it has one seed.

        Others of one seed are left out, whatever they gained.
        """
        return self._on_front.get(network.place)

    def within(self, limit: float) -> BestWithin | None:
        """Return what a budget buys over all families; None where no network is within it.

        Args:
            limit: In the unit of the costs.
        """
        found = advised(self.front, self._cheapest_equal, limit)
        if found is None:
            return None
        best, recommended = self.front[found.best], self.front[found.place]
        of_family: dict[str, Priced] = {}
        for each in self.networks:
            if not affordable(each.cost, limit):
                break
            known = of_family.setdefault(each.point.family, each)
            if each.score > known.score:
                of_family[each.point.family] = each
        by_family = self._family_chances(limit)
        family = next(iter(by_family), best.point.family)
        return BestWithin(
            limit,
            best,
            recommended,
            self.probability_of_best(recommended, limit),
            self.probability_near_best(recommended, limit),
            family,
            by_family,
            tuple(
                other
                for other, each in of_family.items()
                if other != family and self.difference(of_family[family], each).is_within_noise
            ),
            tuple(other for other in of_family if other not in by_family),
        )

    def within_share(self, budget: float) -> BestWithin | None:
        """Return what a budget, a fraction of single-task networks, buys; None where no network is within it."""
        return self.within(budget * self.independent)

    def by_percent(self) -> dict[int, BestWithin | None]:
        """Return what 10, 20 … 100 % of single-task networks buy."""
        return {percent: self.within_share(percent / 100) for percent in PERCENTS}

    def probability_of_best(self, network: Priced, limit: float) -> float | None:
        """Return the probability that a network is the best within a budget; None where it has one seed."""
        row = self._rows.get(network.place)
        return None if row is None else float(np.mean(self._winner_within(limit) == row))

    def probability_near_best(self, network: Priced, limit: float, tolerance: float = NEGLIGIBLE_LOSS) -> float | None:
        """Return the probability that a network gains at most so much less than the best within a budget.

        Args:
            network: Within the budget or not.
            limit: In the unit of the costs.
            tolerance: In percentage points.

        Returns:
            None where the network, or every network within the budget, has one seed.
        """
        winners = self._winner_within(limit)
        if network.place not in self._rows or not len(winners):
            return None
        places = np.array([each.place for each in self._known])
        best = self.gains.draws[np.arange(len(winners)), places[winners]]
        return float(np.mean(self.gains.draws[:, network.place] >= best - tolerance))

    def interval(self, network: Priced) -> tuple[float, float] | None:
        """Return the 90 % interval of a network's gain from its own seeds alone; None where it has one seed."""
        return t_interval(list(network.point.scores(self.gains.task).values()))

    def difference(self, one: Priced, other: Priced) -> Difference:
        """Return how much more one network gains than another."""
        found = difference(one.point, other.point, self.gains.task)
        assert found is not None
        return found

    def hypervolumes(self, reference_gain: float | None = None) -> dict[str | None, Hypervolume]:
        """Return family → the area that its networks dominate, and under None that of all families together.

        Args:
            reference_gain: Gain of the reference point; where None the smallest mean gain of a network here, or 0
                where all are above.
        """
        lowest = min([0.0, *(each.score for each in self.networks)]) if reference_gain is None else reference_gain
        found: dict[str | None, Hypervolume] = {}
        for family in (None, *self.families):
            here = [each for each in self.networks if family in (None, each.point.family)]
            costs = np.array([each.cost for each in here]) / self.independent
            scores = np.array([each.score for each in here])
            found[family] = hypervolume(costs, scores, self.gains.draws[:, [each.place for each in here]], lowest)
        return found

    @cached_property
    def _by_place(self) -> dict[int, Priced]:
        return {each.place: each for each in self.networks}

    @cached_property
    def _cheapest_equal(self) -> list[int]:
        """For each network of the front the cheapest one whose gain noise can't tell from it."""
        n = len(self.front)
        equal = np.eye(n, dtype=bool)
        for row in range(n):
            for column in range(row):
                same = bool(self.difference(self.front[row], self.front[column]).is_within_noise)
                equal[row, column] = equal[column, row] = same
        scores = np.array([each.score for each in self.front])
        return cheapest_equal(without_harm(equal, scores, self._low)) if n else []

    def _low(self, place: int) -> float:
        """Return the lower end of the interval of the gain of a network on the front."""
        interval = self.interval(self.front[place])
        return -np.inf if interval is None else interval[0]

    @cached_property
    def _known(self) -> tuple[Priced, ...]:
        """The networks whose gains are drawn, by rising cost."""
        return tuple(each for each in self.networks if self.gains.is_known[each.place])

    @cached_property
    def _winners(self) -> NDArray[np.int32]:
        """Row of the best of the first n + 1 networks in each draw, of equals the cheapest, ``[n_known, n_draws]``."""
        draws = self.gains.draws
        found = np.zeros((len(self._known), len(draws)), dtype=np.int32)
        best = np.full(len(draws), -np.inf)
        for row, each in enumerate(self._known):
            better = draws[:, each.place] > best
            found[row] = np.where(better, row, found[row - 1] if row else row)
            best = np.maximum(best, draws[:, each.place])
        return found

    @cached_property
    def _rows(self) -> dict[int, int]:
        """Place of a network → its row among those whose gains are drawn."""
        return {each.place: row for row, each in enumerate(self._known)}

    def _winner_within(self, limit: float) -> NDArray[np.int32]:
        """Return the row of the best within a budget in each draw; empty where all within it have one seed."""
        n = sum(affordable(each.cost, limit) for each in self._known)
        found: NDArray[np.int32] = self._winners[n - 1] if n else np.empty(0, dtype=np.int32)
        return found

    def _family_chances(self, limit: float) -> dict[str, float]:
        """Return family → probability that the best within a budget is one of its networks, most probable first."""
        winners = self._winner_within(limit)
        n_draws, counts = len(winners), np.bincount(winners, minlength=len(self._known))
        found: dict[str, int] = {}
        for row, each in enumerate(self._known):
            if affordable(each.cost, limit):
                found[each.point.family] = found.get(each.point.family, 0) + int(counts[row])
        return {family: found[family] / n_draws for family in sorted(found, key=lambda name: -found[name])}

    @cached_property
    def _on_front(self) -> dict[int, float]:
        """Place of a network → probability to be on the joint front."""
        draws, found = self.gains.draws, dict[int, float]()
        best, begun = np.full(len(draws), -np.inf), 0
        while begun < len(self._known):
            cost = self._known[begun].cost
            same = [each for each in self._known[begun:] if each.cost <= cost * (1 + _SAME)]
            values = draws[:, [each.place for each in same]]
            most = values.max(axis=1)
            on_front = (values > best[:, None]) & (values >= most[:, None])
            found |= {each.place: float(share) for each, share in zip(same, on_front.mean(axis=0), strict=True)}
            best, begun = np.maximum(best, most), begun + len(same)
        return found
