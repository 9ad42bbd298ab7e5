"""Random small problems, and the oracle that looks at every layout with plain Python sums."""

import math
from functools import cache, cached_property

import numpy as np
import pytest

from core.layouts import enumerate_layouts

# (n_tasks, n_blocks): at most 187 layouts each, so that hundreds of problems take seconds.
SIZES = [(2, 1), (2, 4), (3, 1), (3, 3), (3, 5), (4, 2), (4, 3), (5, 1), (5, 2)]


class Problem:
    """Δ values, weights and block costs of one problem, and its brute-force answers."""

    def __init__(self, values, weights, costs):
        self.values, self.weights, self.costs = values, weights, costs

    @cached_property
    def ranked(self):
        """All layouts as (−score, cost, groups, layout, exact cost), in the one tie order."""
        n_tasks, n_blocks = len(self.values), len(self.costs)
        rows = []
        for layout, points in _layouts(n_tasks, n_blocks):
            score = math.fsum(
                self.weights[i] * self.values[i, j, points[i][j]] / (n_tasks - 1)
                for i in range(n_tasks)
                for j in range(n_tasks)
                if i != j
            )
            cost = math.fsum(n * c for n, c in zip(layout.group_counts, self.costs, strict=False))
            rows.append((-round(score, 9), round(cost, 9), layout.n_groups, layout, cost))
        return sorted(rows)

    def best(self, limit, top):
        """The ``top`` best layouts of cost up to ``limit``."""
        return [row[3] for row in self.ranked if row[4] <= limit * (1 + 1e-9)][:top]

    def front(self):
        """The layouts of the front by rising cost."""
        kept = []
        for row in sorted(self.ranked, key=lambda row: (row[1], row)):
            if not kept or row[0] < kept[-1][0]:
                kept.append(row)
        return [row[3] for row in kept]


@cache
def _layouts(n_tasks, n_blocks):
    return [(layout, layout.branch_points().tolist()) for layout in enumerate_layouts(n_tasks, n_blocks)]


def _problem(rng):
    n_tasks, n_blocks = SIZES[rng.integers(len(SIZES))]
    shape = (n_tasks, n_tasks, n_blocks + 1)
    values = [
        rng.normal(size=shape),
        rng.integers(-2, 3, size=shape).astype(float),
        np.round(rng.normal(size=shape), 1),
        rng.integers(0, 2, size=shape) / 3,
        np.zeros(shape),
    ][rng.integers(5)]
    values[:, :, 0] = 0.0
    weights = [
        rng.random(n_tasks),
        np.full(n_tasks, 1 / n_tasks),
        (rng.random(n_tasks) < 0.4).astype(float),
        rng.integers(0, 3, n_tasks) / 3,
    ][rng.integers(4)]
    costs = [
        rng.random(n_blocks),
        rng.integers(0, 4, n_blocks).astype(float),
        np.round(rng.random(n_blocks), 1),
        np.ones(n_blocks),
        rng.random(n_blocks) * (rng.random(n_blocks) < 0.5),
        rng.integers(1, 5, n_blocks) * 1e6,
    ][rng.integers(6)]
    return Problem(values, weights, costs)


@pytest.fixture(scope="session")
def problems():
    """Give 300 problems: plain, and full of ties, zero weights and blocks that cost nothing."""
    return [_problem(np.random.default_rng(seed)) for seed in range(300)]
