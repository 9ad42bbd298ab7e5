import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.layouts import Layout
from core.layouts.layout import canonical_partition
from core.layouts.partitions import all_partitions
from core.selection.beam import BeamSearch, beam_tree
from core.selection.branched import BranchedCase, ExactSearch


def random_case(n_tasks, n_depths, seed):
    rng = np.random.default_rng(seed)
    far = rng.random((n_depths, n_tasks, n_tasks))
    far = (far + far.transpose(0, 2, 1)) / 2
    far[:, range(n_tasks), range(n_tasks)] = 0
    return BranchedCase(far, tuple(range(n_depths - 1, -1, -1)))


def plain_beam(case, alpha, width):
    """The paper's beam, written out: every way of joining the groups of the depth below."""
    kept = [(0.0, 0, ())]
    for depth in reversed(range(case.n_depths)):
        grown = []
        for cost, branches, rows in kept:
            below = rows[0] if rows else tuple((task,) for task in range(case.n_tasks))
            ways = all_partitions(len(below))
            for place in range(len(ways)):
                way = canonical_partition([t for part in group for t in below[part]] for group in ways.groups(place))
                inside = np.mean([case.distances[depth][np.ix_(group, group)].max() for group in way])
                own = inside + alpha * (len(way) - 1) * case.branch_costs[depth]
                grown.append((round(cost + own, 10), branches + len(way), (way, *rows)))
        kept = sorted(grown)[:width]
    return case.tree(Layout(kept[0][2]), alpha)


@given(
    st.sampled_from([(2, 2), (3, 3), (4, 3), (5, 3), (6, 2)]),
    st.sampled_from([0.0, 0.01, 0.05, 0.2]),
    st.integers(1, 4),
    st.integers(0, 10**6),
)
def test_it_is_the_papers_beam(size, alpha, width, seed):
    case = random_case(*size, seed)
    plain = min((plain_beam(case, alpha, n) for n in range(1, width + 1)), key=lambda tree: tree.cost)
    assert beam_tree(case, alpha, width=width).cost == pytest.approx(plain.cost, abs=1e-9)


def test_what_one_alpha_learned_serves_the_next():
    search = BeamSearch(random_case(10, 3, 0))
    for alpha in (0.05, 0.01, 0.05):
        assert search.best(alpha) == beam_tree(search.case, alpha)


@pytest.mark.parametrize("n_tasks", [4, 9, 14])
def test_the_path_of_the_beams_is_the_lower_envelope_of_its_trees(n_tasks):
    case = random_case(n_tasks, 3, n_tasks)
    path = BeamSearch(case).path()
    starts = [start for start, _ in path]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert path[0][1].layout == Layout.all_split(n_tasks, 3)
    assert path[-1][1].layout == Layout.all_shared(n_tasks, 3)
    for (start, tree), (_, other) in itertools.product(path, path):
        assert tree.cost <= case.tree(other.layout, start).cost + 1e-9
    for (_, tree), (start, after) in itertools.pairwise(path):
        assert case.tree(tree.layout, start).cost == pytest.approx(after.cost)


def test_the_path_of_the_beams_is_never_below_the_exact_one():
    case = random_case(6, 3, 1)
    exact = ExactSearch(case)
    for start, tree in BeamSearch(case).path():
        assert tree.cost >= case.tree(exact.best(start), start).cost - 1e-9


def test_forty_tasks_have_a_path():
    path = BeamSearch(random_case(40, 3, 2)).path(n_alphas=4)
    assert len(path) > 2


def test_depths_before_all_that_is_kept_has_merged_change_nothing():
    rng = np.random.default_rng(3)
    seen = set()
    for _ in range(40):
        far = rng.random((4, 4, 4))
        far = (far + far.transpose(0, 2, 1)) / 2
        far[:, range(4), range(4)] = 0.0
        alpha = float(rng.choice([0.0, 0.05, 0.2, 0.6]))
        case = BranchedCase(far, (2.0, 1.0, 1.0, 0.0))
        first = BeamSearch(case).first_needed(alpha, width=3)
        seen.add(first)
        other = far.copy()
        other[:first] = np.where(np.eye(4, dtype=bool), 0.0, 0.5)
        again = BeamSearch(BranchedCase(other, (2.0, 1.0, 1.0, 0.0)))
        assert again._one(alpha, 3).layout == BeamSearch(case)._one(alpha, 3).layout
        assert again.first_needed(alpha, width=3) == first
        if first:
            assert all(len(row) == 1 for row in again._one(alpha, 3).layout.partitions[: first + 1])
    assert 0 in seen
    assert len(seen) > 2


def test_without_complexity_every_depth_matters():
    far = np.full((3, 3, 3), 0.4)
    far[:, range(3), range(3)] = 0.0
    assert BeamSearch(BranchedCase(far, (0.0, 0.0, 0.0))).first_needed(0.0) == 0
    # Dear branches: one group after the last block, if no second grouping is kept beside it.
    assert BeamSearch(BranchedCase(far, (0.0, 0.0, 0.0))).first_needed(9.0, width=1) == 2
