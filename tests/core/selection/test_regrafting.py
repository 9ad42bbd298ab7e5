import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AffinityError
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.selection.beam import BeamSearch, beam_tree
from core.selection.branched import BranchedCase, best_tree
from core.selection.regrafting import ImprovedBeam, regrafted


def random_case(n_tasks, n_depths, seed):
    rng = np.random.default_rng(seed)
    far = rng.random((n_depths, n_tasks, n_tasks))
    far = (far + far.transpose(0, 2, 1)) / 2
    far[:, range(n_tasks), range(n_tasks)] = 0
    return BranchedCase(far, tuple(range(n_depths - 1, -1, -1)))


def places_of(layout, branch, start):
    """Every tree with a branch grafted elsewhere, written out: shared down to a depth, then alone, then as it was."""
    rest = [task for task in range(layout.n_tasks) if task not in branch]
    others = [[[task for task in group if task in rest] for group in row] for row in layout.partitions]
    others = [[group for group in row if group] for row in others]
    own = [
        [group for group in row if set(group) <= branch] if depth >= start else [branch]
        for depth, row in enumerate(layout.partitions)
    ]
    found = [Layout.of([[*a, *b] for a, b in zip(others, own, strict=True)])]
    for last, to in itertools.product(range(layout.n_blocks), rest):
        joined = [[[*group, *branch] if to in group else group for group in row] for row in others[: last + 1]]
        apart = [[*a, *b] for a, b in zip(others[last + 1 :], own[last + 1 :], strict=True)]
        found.append(Layout.of([*joined, *apart]))
    return found


def neighbours(layout):
    for depth, row in enumerate(layout.partitions):
        for group in row:
            if len(group) < layout.n_tasks and (not depth or group not in layout.partitions[depth - 1]):
                yield from places_of(layout, set(group), depth)
    for group in layout.partitions[-1]:
        if len(group) > 1:
            for task in group:
                yield from places_of(layout, {task}, layout.n_blocks)


@pytest.mark.parametrize("alpha", [0.0, 0.01, 0.05, 0.3])
@pytest.mark.parametrize("seed", range(6))
def test_it_ends_where_no_branch_has_a_cheaper_place(alpha, seed):
    case = random_case(6, 3, seed)
    for begun in (Layout.all_shared(6, 3), Layout.all_split(6, 3), beam_tree(case, alpha).layout):
        found = regrafted(case, case.tree(begun, alpha))
        assert found.cost <= case.tree(begun, alpha).cost + 1e-12
        # That these are neighbours at all, and the layout is a tree, Layout checks.
        best = min(case.tree(other, alpha).cost for other in neighbours(found.layout))
        assert found.cost <= best + 1e-9


@given(
    st.sampled_from([(2, 2), (3, 3), (5, 3), (7, 3), (10, 2)]),
    st.sampled_from([0.0, 0.01, 0.05, 0.2]),
    st.integers(0, 10**6),
)
def test_it_lies_between_the_exact_tree_and_the_beam(size, alpha, seed):
    case = random_case(*size, seed)
    exact, beam = best_tree(case, alpha).cost, beam_tree(case, alpha).cost
    improved = ImprovedBeam(BeamSearch(case)).best(alpha)
    assert exact <= improved.cost + 1e-9
    assert improved.cost <= beam + 1e-9
    assert improved.cost == pytest.approx(case.tree(improved.layout, alpha).cost)


def test_the_cheapest_tree_stays_as_it_is():
    case = random_case(4, 3, 0)
    best = best_tree(case, 0.05)
    assert regrafted(case, best).layout == best.layout
    assert best.cost == pytest.approx(min(case.tree(layout, 0.05).cost for layout in enumerate_layouts(4, 3)))


def test_many_tasks_gain_much_and_always_alike():
    case, gaps = random_case(30, 5, 1), []
    for alpha in (0.005, 0.02):
        beam = beam_tree(case, alpha)
        found = ImprovedBeam(BeamSearch(case)).best(alpha)
        assert found == ImprovedBeam(BeamSearch(case)).best(alpha)
        gaps.append(beam.cost / found.cost - 1)
    assert min(gaps) >= 0
    assert max(gaps) > 0.05


@pytest.mark.parametrize("n_tasks", [4, 14])
def test_the_improved_path_is_the_lower_envelope_of_its_trees_and_nowhere_above_that_of_the_beams(n_tasks):
    case = random_case(n_tasks, 3, n_tasks)
    path, beams = ImprovedBeam(BeamSearch(case)).path(), BeamSearch(case)
    starts = [start for start, _ in path]
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert path[-1][1].layout == Layout.all_shared(n_tasks, 3)
    for (start, tree), (_, other) in itertools.product(path, path):
        assert tree.cost <= case.tree(other.layout, start).cost + 1e-9
    for alpha in beams.alphas(5):
        least = min(case.tree(tree.layout, alpha).cost for _, tree in path)
        assert least <= beams.best(alpha).cost + 1e-9


def test_alpha_and_width_are_checked():
    search = ImprovedBeam(BeamSearch(random_case(3, 2, 0)))
    with pytest.raises(AffinityError, match="α is -1"):
        search.best(-1.0)
    with pytest.raises(AffinityError, match="beam of width 0"):
        search.best(0.1, width=0)
