"""What a two-task table, and trained layouts where there are some, say of the true gains of any layout.

The gain of a task in a layout is

    Δ_i = Σ_b mean over its partners j of δ_ij(b) + Σ_b e_i(b) · log(number of partners),

δ_ij the steps of the pairs, as the posterior of the table has them, and e_i(b) what a block adds to task i beyond its
pairs once more than two tasks share it: nothing for two tasks. Steps e have mean 0 and a variance of λ times that of
the pairs' steps, a share common to all, a share common to a task's blocks and the rest to each block. λ has a stated
prior; trained layouts say more of λ, of e and of the pairs themselves, by Gaussian conditioning.

Tables carry the sums of e_i over the blocks on their diagonal, where task i would meet itself.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import logsumexp

from core.errors import TableError
from core.estimators.posterior import Posterior, posterior_of
from core.estimators.prediction import Estimator, check_fits, shares
from core.estimators.results_file import TrainedLayouts
from core.estimators.two_task import Array, TwoTaskTable

# Of the variance of steps beyond pairs to that of the pairs' steps, and how likely each is before a layout is trained.
BEYOND: Final = (0.03, 0.1, 0.3, 1.0, 3.0)
PRIOR: Final = tuple(weight / 10.5 for weight in (3, 3, 2, 1.5, 1))
# Shares of it that all tasks and blocks have in common, and all blocks of one task.
COMMON: Final = 0.2
OF_TASK: Final = 0.2
# Gains of single tasks in trained layouts that are taken in; of more, evenly spread layouts.
MOST_GAINS: Final = 600


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """Variances of Δ of each task that one seed measures, ``[n_tasks]``: of its baseline, and of each network."""

    baseline: Array
    own: Array


@dataclass(frozen=True, eq=False)
class LayoutPosterior:
    """What is known of the true gains of pairs and of larger groups.

    Args:
        pairs: What the table says.
        open_blocks: Blocks at which sharing changes a task at all, ``[n_tasks, n_blocks]``.
        trained: Layouts that were trained; None for none.
    """

    pairs: Posterior
    open_blocks: NDArray[np.bool_]
    trained: TrainedLayouts | None = None

    @property
    def values(self) -> Array:
        """Posterior mean of every Δ in percent, ``[n_tasks, n_tasks, n_blocks + 1]``; beyond pairs on the diagonal."""
        if self._rows is None:
            return self.pairs.values
        prior = self._prior_mean
        moved = sum(
            weight * (gain @ self._lacks(prior)) for weight, gain in zip(self.weights, self._gains, strict=True)
        )
        return self._table(prior + moved)

    @property
    def stderr(self) -> Array:
        """Posterior standard deviation of every Δ, same shape."""
        spreads, moves = [], []
        for place, ratio in enumerate(BEYOND):
            variance = np.concatenate([np.diag(each) for each in self._covariances(ratio)])
            if self._rows is not None:
                variance = variance - np.einsum("dr,dr->d", self._gains[place], self._crosses[place])
                moves.append(self._gains[place] @ self._lacks(self._prior_mean))
            spreads.append(variance)
        found = np.einsum("l,ld->d", self.weights, np.array(spreads))
        if moves:
            centre = np.einsum("l,ld->d", self.weights, np.array(moves))
            found = found + np.einsum("l,ld->d", self.weights, (np.array(moves) - centre) ** 2)
        return self._table(np.sqrt(found.clip(min=0.0)))

    def draws(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return draws of the true gains, and of the noise of a new mean over seeds.

        Args:
            n: How many.
            rng: Source of randomness.

        Returns:
            Tables with steps beyond pairs on the diagonal, ``[n, n_tasks, n_tasks, n_blocks + 1]``, and what new seeds
            add to Δ of each task, ``[n, n_tasks]``.
        """
        tables, noise, pair_steps = self.pairs.draws_with_steps(n, rng)
        n_tasks, n_blocks = self.open_blocks.shape
        chosen = rng.choice(len(BEYOND), n, p=self.weights)
        # How large pairs' steps are is uncertain, too; trained layouts tell their product with the ratio.
        scale = pair_steps.mean(axis=1) if self._rows is None else self._step
        spread = np.sqrt(np.array(BEYOND)[chosen] * scale)[:, None, None]
        steps = np.sqrt(COMMON) * rng.standard_normal((n, 1, 1)) + np.sqrt(OF_TASK) * rng.standard_normal(
            (n, n_tasks, 1)
        )
        steps = steps + np.sqrt(1 - COMMON - OF_TASK) * rng.standard_normal((n, n_tasks, n_blocks))
        diagonal = np.arange(n_tasks)
        tables[:, diagonal, diagonal, 1:] = np.cumsum(spread * steps * self.open_blocks, axis=2)
        if self._rows is None:
            return tables, noise
        # Matheron's rule: a draw of all, moved by what its own measurement would lack.
        flat = tables[..., 1:].reshape(n, -1)
        wrong = self._lacks(flat) - self._rows.noise(n, self._noise, rng)
        for place, gain in enumerate(self._gains):
            flat[chosen == place] += wrong[chosen == place] @ gain.T
        return np.concatenate([np.zeros_like(tables[..., :1]), flat.reshape(tables[..., 1:].shape)], axis=-1), noise

    def beyond(self) -> Array:
        """Return the covariance of what groups gain beyond their pairs, ``[n_tasks * n_blocks, n_tasks * n_blocks]``.

        As it is for the ratios that the trained layouts make likely, before these layouts are taken in.
        """
        n_tasks = len(self.open_blocks)
        found: Array = np.block(
            [[self._beyond_covariance(task, other) for other in range(n_tasks)] for task in range(n_tasks)]
        )
        return float(self.weights @ np.array(BEYOND)) * self._step * found

    @cached_property
    def weights(self) -> Array:
        """How likely each ratio of BEYOND is: the stated prior, or what trained layouts make of it."""
        if self._rows is None:
            return np.array(PRIOR)
        lacks = self._lacks(self._prior_mean)
        likely = [
            np.log(prior) - 0.5 * float(lacks @ cho_solve(factor, lacks)) - float(np.log(np.diag(factor[0])).sum())
            for prior, factor in zip(PRIOR, self._factors, strict=True)
        ]
        found: Array = np.exp(np.array(likely) - logsumexp(likely))
        return found

    @cached_property
    def _rows(self) -> "_Rows | None":
        return None if self.trained is None else _Rows.of(self.trained, self.open_blocks)

    @cached_property
    def _step(self) -> float:
        """Variance of a step of pairs, the mean over tasks."""
        steps = [[part.weight * part.scale**2 * part.step for part in parts] for parts in self.pairs.parts]
        return float(np.mean([sum(each) for each in steps]))

    @cached_property
    def _noise(self) -> Noise:
        one = [
            [(part.weight * (part.scale * part.noise) ** 2 * part.n_seeds, part.baseline) for part in parts]
            for parts in self.pairs.parts
        ]
        return Noise(
            np.array([sum(size * share for size, share in parts) for parts in one]),
            np.array([sum(size * (1 - share) for size, share in parts) for parts in one]),
        )

    @cached_property
    def _prior_mean(self) -> Array:
        found: Array = self.pairs.values[..., 1:].ravel()
        return found

    def _covariances(self, ratio: float) -> list[Array]:
        """Return the covariance of all cells of each task, its own among them, before layouts are trained."""
        n_tasks, n_blocks = self.open_blocks.shape
        found = []
        for task, cells in enumerate(self._pair_covariances):
            whole = np.zeros((n_tasks, n_blocks, n_tasks, n_blocks))
            others = np.flatnonzero(np.arange(n_tasks) != task)
            pairs = cells.reshape(n_tasks - 1, n_blocks, n_tasks - 1, n_blocks)
            # Indices that are apart put their axis first.
            whole[others[:, None], :, others[None, :]] = pairs.transpose(0, 2, 1, 3)
            whole[task, :, task] = ratio * self._step * self._beyond_covariance(task, task)
            found.append(whole.reshape(n_tasks * n_blocks, -1))
        return found

    @cached_property
    def _pair_covariances(self) -> list[Array]:
        found = []
        for parts in self.pairs.parts:
            centre = np.sum([part.weight * part.mean for part in parts], axis=0)
            found.append(
                np.sum(
                    [
                        part.weight
                        * (part.scale**2 * part.covariance + np.outer(part.mean - centre, part.mean - centre))
                        for part in parts
                    ],
                    axis=0,
                )
            )
        return found

    def _beyond_covariance(self, task: int, other: int) -> Array:
        """Return the covariance of the sums of steps of two tasks, divided by their variance."""
        ours, theirs = (np.tril(np.ones((len(each), len(each)))) * each for each in self.open_blocks[[task, other]])
        found: Array = COMMON * np.outer(ours.sum(axis=1), theirs.sum(axis=1))
        if task == other:
            found += OF_TASK * np.outer(ours.sum(axis=1), ours.sum(axis=1)) + (1 - COMMON - OF_TASK) * ours @ ours.T
        return found

    @cached_property
    def _crosses(self) -> list[Array]:
        """Covariance of all cells with the trained gains, for each ratio, ``[n_cells, n_gains]``."""
        assert self._rows is not None
        n_tasks, n_blocks = self.open_blocks.shape
        counted, tasks = self._rows.counted, self._rows.tasks
        found = []
        for ratio in BEYOND:
            cross = np.zeros((n_tasks, n_tasks * n_blocks, len(tasks)))
            for task, covariance in enumerate(self._covariances(ratio)):
                ours = tasks == task
                cross[task][:, ours] = covariance @ counted[ours].T
                own = slice(task * n_blocks, (task + 1) * n_blocks)
                for other in set(range(n_tasks)) - {task}:
                    rows = np.flatnonzero(tasks == other)
                    beyond = counted[rows, other * n_blocks : (other + 1) * n_blocks]
                    cross[task][own, rows] = ratio * self._step * self._beyond_covariance(task, other) @ beyond.T
            found.append(cross.reshape(-1, len(tasks)))
        return found

    @cached_property
    def _factors(self) -> list[tuple[Array, bool]]:
        assert self._rows is not None
        noise = self._rows.noise_covariance(self._noise)
        return [cho_factor(self._rows.predicted(cross.T).T + noise, lower=True) for cross in self._crosses]

    @cached_property
    def _gains(self) -> list[Array]:
        """How far a lack of each trained gain moves each cell, for each ratio, ``[n_cells, n_gains]``."""
        return [cho_solve(factor, cross.T).T for factor, cross in zip(self._factors, self._crosses, strict=True)]

    def _lacks(self, cells: Array) -> Array:
        """Return what trained gains are above what cells predict, ``[…, n_gains]``."""
        assert self._rows is not None
        return self._rows.gains - self._rows.predicted(cells)

    def _table(self, cells: Array) -> Array:
        n_tasks, n_blocks = self.open_blocks.shape
        return np.concatenate([np.zeros((n_tasks, n_tasks, 1)), cells.reshape(n_tasks, n_tasks, n_blocks)], axis=2)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Gains of tasks that share something in trained layouts.

    Args:
        gains: Δ, the mean over seeds, ``[n_gains]``.
        tasks: Whose, ``[n_gains]``.
        counted: What each cell of the task counts for it, ``[n_gains, n_tasks * n_blocks]``.
        n_seeds: Of the mean.
    """

    gains: Array
    tasks: NDArray[np.int64]
    counted: Array
    n_seeds: int

    @classmethod
    def of(cls, trained: TrainedLayouts, open_blocks: NDArray[np.bool_]) -> "_Rows | None":
        n_tasks, n_blocks = open_blocks.shape
        means, rows = trained.means, []
        for place in taken_in(trained):
            points = trained.layouts[place].branch_points()
            counted = shares(points, n_blocks, Estimator.BAYES)[..., 1:]
            # The diagonal of branch points is no partner.
            together = (points[:, :, None] > np.arange(n_blocks)) & ~np.eye(n_tasks, dtype=bool)[:, :, None]
            sharing = np.flatnonzero((together.any(axis=1) & open_blocks).any(axis=1))
            rows += [(means[place, task], task, counted[task].ravel()) for task in sharing]
        if not rows:
            return None
        gains, tasks, cells = zip(*rows, strict=True)
        return cls(
            np.array(gains),
            np.array(tasks, dtype=np.int64),
            np.array(cells),
            len(trained.deltas),
        )

    def predicted(self, cells: Array) -> Array:
        """Return the gains, ``[…, n_gains]``, that cells predict, ``[…, n_tasks * n_tasks * n_blocks]``."""
        size = self.counted.shape[1]
        found = np.empty((*cells.shape[:-1], len(self.tasks)))
        for task in np.unique(self.tasks):
            ours = self.tasks == task
            found[..., ours] = cells[..., task * size : (task + 1) * size] @ self.counted[ours].T
        return found

    def noise_covariance(self, noise: Noise) -> Array:
        """Return the covariance of the noise of the gains, ``[n_gains, n_gains]``; a seed's baseline is that of all."""
        same = self.tasks[:, None] == self.tasks
        found: Array = (same * noise.baseline[self.tasks] + np.diag(noise.own[self.tasks])) / self.n_seeds
        return found + 1e-9 * np.eye(len(found))

    def noise(self, n: int, noise: Noise, rng: np.random.Generator) -> Array:
        """Return draws of the noise of the gains, ``[n, n_gains]``."""
        baseline = rng.standard_normal((n, len(noise.baseline))) * np.sqrt(noise.baseline / self.n_seeds)
        own = rng.standard_normal((n, len(self.tasks))) * np.sqrt(noise.own[self.tasks] / self.n_seeds)
        found: Array = baseline[:, self.tasks] + own
        return found


def taken_in(trained: TrainedLayouts) -> list[int]:
    """Return the places of the trained layouts that are taken in: all, or evenly spread ones where there are many."""
    n, most = len(trained.layouts), max(MOST_GAINS // trained.deltas.shape[-1], 1)
    return list(range(n)) if n <= most else sorted(set(np.linspace(0, n - 1, most).round().astype(int).tolist()))


@lru_cache(maxsize=8)
def layout_posterior(table: TwoTaskTable, trained: TrainedLayouts | None = None) -> LayoutPosterior:
    """Return what a table and trained layouts say of the true gains of layouts.

    Args:
        table: With holes or without.
        trained: Layouts of the same tasks and blocks with the gains that were measured.

    Raises:
        TableError: The table has too many cells, or a gain is no finite number.
        LayoutError: A layout has other tasks or blocks than the table.
    """
    for layout in trained.layouts if trained else ():
        check_fits(table.values, layout)
    if trained is not None and not np.isfinite(trained.deltas).all():
        raise TableError("A gain of a trained layout is no finite number. Leave out layouts that were not trained.")
    return LayoutPosterior(posterior_of(table), _open_blocks(table), trained if trained and trained.layouts else None)


def _open_blocks(table: TwoTaskTable) -> NDArray[np.bool_]:
    """Return at which blocks sharing changes a task: not where all cells are 0 in every seed, as where it is frozen."""
    samples = table.values[None] if table.samples is None else table.samples
    others = ~np.eye(table.n_tasks, dtype=bool)[:, :, None]
    known = ~np.isnan(samples) & others
    zero = known.any(axis=(0, 2)) & ~(known & (samples != 0)).any(axis=(0, 2))
    # Up to the last branch point at which nothing has changed.
    closed = np.flip(np.logical_or.accumulate(np.flip(zero[:, 1:], axis=1), axis=1), axis=1)
    found: NDArray[np.bool_] = ~closed
    return found
