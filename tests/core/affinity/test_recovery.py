"""From losses that follow a known tree, the tree comes out again; benchmarks/recovery.py plots up to which noise."""

import numpy as np
import pytest

from core.affinity.distance import distances
from core.affinity.recombined import RecombinedLosses
from core.layouts import Layout
from core.selection.branched import alpha_path
from core.selection.branched_case import BranchedCase

PLANTED = Layout.parse("0,1,2,3 | 0,1,2,3 | 0,1;2,3 | 0,1;2;3")


def path_of(noise, seed):
    rng = np.random.default_rng(seed)
    together = np.array(
        [[[PLANTED.group_of(i, b) == PLANTED.group_of(j, b) for j in range(4)] for i in range(4)] for b in range(4)]
    )
    mean = np.where(np.eye(4, dtype=bool), 0.0, np.where(together, 0.05, 1.0))
    values = mean[None, ..., None] + noise * rng.standard_normal((1, 4, 4, 4, 500))
    losses = RecombinedLosses(("a", "b", "c", "d"), (0,), values.astype(np.float32))
    case = BranchedCase(distances(losses.affinity()), (2.0, 1.0, 0.0, 0.0))
    return [tree.layout for _, tree in alpha_path(case)]


@pytest.mark.parametrize("noise", [0.2, 0.5, 1.0])
def test_a_planted_tree_is_on_the_path(noise):
    assert all(PLANTED in path_of(noise, seed) for seed in range(8))


def test_in_noise_alone_it_is_lost():
    assert not all(PLANTED in path_of(200.0, seed) for seed in range(8))


def test_without_noise_a_small_loss_looks_like_a_large_one():
    """A tournament sees who wins, not by how much."""
    assert PLANTED not in path_of(0.0, 0)
