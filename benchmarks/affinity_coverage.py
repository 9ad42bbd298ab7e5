"""Whether intervals of affinities hold what they say, by simulation with known true affinities.

Run: python benchmarks/affinity_coverage.py [--tensors N] [STUDY …]. Prints Markdown; a table of docs/results.md is its
output.

Losses are simulated as those of a bundled study are: how good each encoder is for each target and depth, how far that
moves from seed to seed (the same encoder for all of a seed's samples), and how much of what decides a sample is the
same for all seeds. The true affinity is that of infinitely many samples and seeds. Beside the intervals of the pages
stand those of drawing samples and seeds again, which they replace.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from core.affinity.distance import proportions
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import certainty, resampled_affinities
from core.affinity.tournament import scores
from core.families.recombined.losses import bundled_losses

Array = NDArray[np.float64]
Method = Callable[..., Array]

SEEDS = (1, 2, 3, 5)
_CLEAR = 0.999


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What losses of samples are drawn from: whose utility is highest has the lowest loss.

    Args:
        mean: Utility of each encoder, in deviations of a difference on one sample, ``[n_depths, target, source]``.
        spread: Deviation of a utility between seeds, ``[n_depths, target]``.
        same: Share of the variance of samples that is the same for all seeds, ``[n_depths, target]``.
        n_samples: Validation samples.
    """

    mean: Array = field(repr=False)
    spread: Array = field(repr=False)
    same: Array = field(repr=False)
    n_samples: int

    def losses(self, n_seeds: int, rng: np.random.Generator, *, tails: float = np.inf) -> RecombinedLosses:
        """Return simulated losses of some seeds; with ``tails`` seeds have Student's distribution of that freedom."""
        n_depths, n_tasks, _ = self.mean.shape
        shape = (n_seeds, n_depths, n_tasks, n_tasks)
        seeds = rng.standard_normal(shape)
        if np.isfinite(tails):
            seeds = rng.standard_t(tails, shape) * np.sqrt((tails - 2) / tails)
        utility = self.mean + self.spread[..., None] * seeds
        same = rng.standard_normal((1, n_depths, n_tasks, n_tasks, self.n_samples), dtype=np.float32)
        own = rng.standard_normal((*shape, self.n_samples), dtype=np.float32)
        share = self.same[None, ..., None, None].astype(np.float32)
        found = utility[..., None] + np.sqrt(share / 2) * same + np.sqrt((1 - share) / 2) * own
        names = tuple(f"task {place}" for place in range(n_tasks))
        return RecombinedLosses(names, tuple(range(n_seeds)), -found.astype(np.float32))

    def truth(self) -> Array:
        """Return normalised affinities of infinitely many samples and seeds, ``[n_depths, n_tasks, n_tasks]``."""
        wider = np.sqrt(1 + 2 * self.spread**2)[..., None, None]
        shares = norm.cdf((self.mean[..., :, None] - self.mean[..., None, :]) / wider)
        rows = np.array([[scores(one) for one in depth] for depth in shares])
        return proportions((rows + rows.transpose(0, 2, 1)) / 2.0)


def fitted(losses: RecombinedLosses, rng: np.random.Generator) -> Model:
    """Return the model that a study's losses are like."""
    n_seeds, n_depths, n_tasks = losses.values.shape[:3]
    utilities = _utilities(losses)
    spread = np.zeros((n_depths, n_tasks))
    own = (n_seeds - 1) * (n_tasks - 1)
    moved = ((utilities - utilities.mean(axis=0)) ** 2).sum(axis=(0, 3)) / own
    drawn = []
    for _ in range(30):
        rows = rng.integers(0, losses.n_samples, losses.n_samples)
        again = _utilities(RecombinedLosses(losses.tasks, losses.seeds, losses.values[..., rows])) - utilities
        drawn.append(((again - again.mean(axis=0)) ** 2).sum(axis=(0, 3)) / own)
    spread = np.sqrt(np.maximum(moved - np.mean(drawn, axis=0), 0.0))
    same = np.zeros((n_depths, n_tasks))
    for depth in range(n_depths):
        for target in range(n_tasks):
            outcomes = np.stack([losses.outcomes(seed, depth, target) for seed in range(n_seeds)]).astype(np.float64)
            outcomes -= outcomes.mean(axis=2, keepdims=True)
            outcomes /= np.maximum(outcomes.std(axis=2, keepdims=True), 1e-9)
            alike = [(outcomes[a] * outcomes[b]).mean() for a in range(n_seeds) for b in range(a)]
            same[depth, target] = np.clip(np.sin(np.pi / 2 * np.mean(alike)), 0.0, 1.0)
    return Model(utilities.mean(axis=0), spread, same, losses.n_samples)


def _utilities(losses: RecombinedLosses) -> Array:
    """Return the utility of each encoder for each seed, centred, ``[n_seeds, n_depths, target, source]``."""
    found = []
    for place, seed in enumerate(losses.seeds):
        shares = RecombinedLosses(losses.tasks, (seed,), losses.values[place : place + 1]).shares()
        found.append(norm.ppf(np.clip(shares, 1 - _CLEAR, _CLEAR)).mean(axis=-1))
    return np.stack(found)


def drawn_again(losses: RecombinedLosses, *, rng: np.random.Generator, n: int = 200) -> Array:
    """Return affinity tensors of samples and seeds drawn with replacement, the usual bootstrap."""
    found = []
    for _ in range(n):
        samples = rng.integers(0, losses.n_samples, losses.n_samples)
        seeds = rng.integers(0, len(losses.seeds), len(losses.seeds))
        found.append(RecombinedLosses(losses.tasks, losses.seeds, losses.values[seeds][..., samples]).affinity())
    return np.stack(found)


@dataclass
class Found:
    """What came of all simulated tensors, a value for each."""

    holds: list[float] = field(default_factory=list)
    width: list[float] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)

    def add(self, truth: Array, shown: Array, draws: Array) -> None:
        """Judge the intervals and orders of one tensor."""
        first, second = np.triu_indices(truth.shape[1], 1)
        found = certainty(shown, proportions(draws))
        low, high, true = (each[:, first, second] for each in (found.low, found.high, truth))
        self.holds.append(float(((low <= true) & (true <= high)).mean()))
        self.width.append(float((high - low).mean()))
        self.said.append(float(np.nanmean(found.order)))
        self.kept.append(float(np.nanmean(certainty(shown, truth[None]).order)))


def main() -> None:
    """Print a row for every study and number of seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="*", default=["scenes", "digits"], help="whose losses are simulated")
    parser.add_argument("--tensors", type=int, default=200, help="simulated tensors of each row")
    parser.add_argument("--old", type=int, default=30, help="of these, with samples and seeds drawn again beside it")
    parser.add_argument("--tails", type=float, default=np.inf, help="freedom of Student's distribution of the seeds")
    chosen = parser.parse_args()
    print(
        "| losses like | seeds | drawn again: holds | width | as shown: holds | width | orders said to be kept | are |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in chosen.studies:
        losses = bundled_losses(name)
        assert losses is not None
        model = fitted(losses, np.random.default_rng(0))
        truth = model.truth()
        for n_seeds in SEEDS:
            old, new = Found(), Found()
            for place in range(chosen.tensors):
                rng = np.random.default_rng([n_seeds, place])
                simulated = model.losses(n_seeds, rng, tails=chosen.tails)
                shown = proportions(simulated.affinity())
                new.add(truth, shown, resampled_affinities(simulated, rng=rng))
                if place < chosen.old:
                    old.add(truth, shown, drawn_again(simulated, rng=rng))
            columns = (old.holds, old.width, new.holds, new.width, new.said, new.kept)
            print(
                f"| {name} | {n_seeds} | " + " | ".join(f"{np.mean(each):.2f}" for each in columns) + " |", flush=True
            )


if __name__ == "__main__":
    main()
