"""Whether probabilities and areas of compared families are as they say, by simulation with known expected gains.

Run: python benchmarks/membership.py [--studies N]. Prints Markdown.

A study has families of networks by rising cost, three unless said otherwise, trained from the same seeds. A gain is
the expected one, what the seed does to all networks (they are compared with the same single-task networks), and noise,
whose size differs from network to network. The true front, the best network and the true area are those of the
expected gains.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.costs import CostQuestion, Unit
from core.plane.comparison import Comparison
from core.plane.expected_gains import expected_gains
from core.plane.hypervolume import areas_under_fronts
from core.plane.interval import LEVEL, t_interval
from core.plane.point import GainOrigin, PlanePoint

Array = NDArray[np.float64]
QUESTION, UNIT = CostQuestion.STORED, Unit.PARAMETERS
BINS = ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01))
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """What is simulated; gains in units of the noise of one seed.

    Args:
        name: What it is called.
        n_networks: In all families.
        n_seeds: Of each network.
        spread: Standard deviation of expected gains within a family.
        by_cost: How much more the most expensive network gains than the cheapest.
        noises: Standard deviation of the logarithm of noise.
        two_levels: Whether half of the networks lose as much again as ten times the noise.
        sizes: Networks of each family, whose costs are mixed; three of equal size where empty.
    """

    name: str
    n_networks: int
    n_seeds: int
    spread: float
    by_cost: float = 0.0
    noises: float = 0.0
    two_levels: bool = False
    sizes: tuple[int, ...] = ()

    def families(self, rng: np.random.Generator) -> list[str]:
        """Return the family of each network."""
        if not self.sizes:
            return [f"family {place % 3}" for place in range(self.n_networks)]
        found = [f"family {number}" for number, size in enumerate(self.sizes) for _ in range(size)]
        return [found[place] for place in rng.permutation(len(found))]

    def gains(self, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return expected gains, ``[n_networks]``, and measured ones, ``[n_seeds, n_networks]``."""
        n = self.n_networks
        truth = self.spread * rng.standard_normal(n) + self.by_cost * np.arange(n) / n
        if self.two_levels:
            truth -= 10 * (rng.random(n) < 0.5)
        noise = np.exp(self.noises * rng.standard_normal(n))
        seeds = rng.standard_normal((self.n_seeds, 1))
        return truth, truth + seeds + noise * rng.standard_normal((self.n_seeds, n))


CASES = (
    Case("2 networks", 2, 5, 1),
    Case("12 networks", 12, 5, 1, noises=0.5),
    Case("30 networks, gains rise with cost", 30, 5, 0.5, by_cost=3, noises=0.4),
    Case("30 networks, half of them bad", 30, 5, 0.5, noises=0.5, two_levels=True),
    Case("100 networks as alike as noise lets see", 100, 5, 0.5, noises=0.4),
    Case("families of 1, 4, 7 and 40 networks", 52, 5, 1, noises=0.4, sizes=(1, 4, 7, 40)),
    Case("30 networks, 3 seeds", 30, 3, 1, noises=0.4),
    Case("30 networks, 2 seeds", 30, 2, 1, noises=0.4),
)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=200, help="simulated studies of each case")
    n_studies: int = parser.parse_args().studies
    header = [f"{low:.1f}–{min(high, 1):.1f}" for low, high in BINS]
    print("| case | probability of | " + " | ".join(f"said {each}" for each in header) + " |")
    print("|---|---|" + "---|" * len(BINS))
    covered = []
    for place, case in enumerate(CASES):
        rng = np.random.default_rng(place)
        front, best, inside = [], [], []
        of_family: dict[int, list[tuple[float, bool]]] = {}
        for _ in range(n_studies):
            one = _simulated(case, rng)
            front += one.front
            best += one.best
            for size, pairs in one.family.items():
                of_family.setdefault(size, []).extend(pairs)
            inside.append(one.inside)
        everything = [pair for pairs in of_family.values() for pair in pairs]
        told = [("the front", front), ("the best in a budget", best), ("the best of a family", everything)]
        if case.sizes:
            told += [(f"… of one of {size}", of_family[size]) for size in sorted(of_family)]
        for what, pairs in told:
            print(f"| {case.name} | {what} | " + " | ".join(_cells(pairs)) + " |", flush=True)
        covered.append((case.name, np.mean(inside, axis=0)))
    print(f"\n| case | {LEVEL * 100:.0f} % interval of a gain | of the area of all | of the area of a family |")
    print("|---|---|---|---|")
    for name, shares in covered:
        print(f"| {name} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one study, each with whether it is so.

    Args:
        front: That a network is on the front.
        best: That it is the best within a budget.
        family: That the best is of a family, by the number of its networks.
        inside: Share of intervals of a gain that hold the truth; whether those of the area of all and of a family do.
    """

    front: list[tuple[float, bool]]
    best: list[tuple[float, bool]]
    family: dict[int, list[tuple[float, bool]]]
    inside: tuple[float, float, float]


def _simulated(case: Case, rng: np.random.Generator) -> Told:
    truth, values = case.gains(rng)
    families = case.families(rng)
    points = [_point(place, families[place], case.n_networks, values[:, place]) for place in range(case.n_networks)]
    gains = expected_gains(points, rng=rng, n_draws=DRAWS)
    found = Comparison(gains, QUESTION, UNIT, 100.0)
    running = np.concatenate([[-np.inf], np.maximum.accumulate(truth)[:-1]])
    # The cheapest is on the front whatever it gains.
    front = [
        (found.front_probability(each) or 0.0, bool(truth[each.place] > running[each.place]))
        for each in found.networks[1:]
    ]
    limit = float(rng.uniform(found.networks[0].cost, 100))
    within = [each for each in found.networks if each.cost <= limit]
    winner = max(within, key=lambda each: truth[each.place])
    best = [(found.probability_of_best(each, limit) or 0.0, each is winner) for each in within] if within[1:] else []
    chances = getattr(found.within(limit), "by_family", {}) if within[1:] else {}
    of_family: dict[int, list[tuple[float, bool]]] = {}
    for name, chance in chances.items():
        of_family.setdefault(families.count(name), []).append((chance, name == winner.point.family))
    low, high = np.quantile(gains.draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    inside = [float(np.mean((low <= truth) & (truth <= high)))]
    reference = float(truth.min()) - 1
    for family, area in found.hypervolumes(reference).items():
        if family in (None, "family 0"):
            here = [each for each in found.networks if family in (None, each.point.family)]
            costs = np.array([each.cost for each in here]) / found.independent
            known = areas_under_fronts(costs, truth[None, [each.place for each in here]], reference)[0]
            inside.append(float(area.interval is not None and area.interval[0] <= known <= area.interval[1]))
    return Told(front, best, of_family, (inside[0], inside[1], inside[2]))


def _point(place: int, family: str, n_networks: int, gains: Array) -> PlanePoint:
    mean = float(gains.mean())
    return PlanePoint(
        family=family,
        label=str(place),
        tasks=("task",),
        costs={(QUESTION, UNIT): 100 * (place + 1) / n_networks},
        gains=(mean,),
        gain=mean,
        interval=t_interval(gains.tolist()),
        n_seeds=len(gains),
        origin=GainOrigin.MEASURED,
        seed_gains={seed: (float(gain),) for seed, gain in enumerate(gains)},
    )


def _cells(pairs: list[tuple[float, bool]]) -> list[str]:
    """Return for each bin how often what was said is so, of how many; empty where there are few."""
    said, so = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    cells = []
    for low, high in BINS:
        here = (said >= low) & (said < high)
        cells.append(f"{so[here].mean():.2f} ({here.sum()})" if here.sum() >= 20 else "")
    return cells


if __name__ == "__main__":
    main()
