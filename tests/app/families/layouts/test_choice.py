"""Which layouts and two-task runs are offered, and from which seeds, without Streamlit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.families.layouts.choice import next_submission, sample, worth_measuring
from app.families.layouts.train_form import oracle_seeds
from app.families.train_form import table_seeds
from core.families.layouts.request import OracleRequest, TableRequest
from core.layouts.enumeration import enumerate_layouts
from core.selection.measure_next import NextRun
from core.studies.specification import StudySpecification

SEEDS = st.lists(st.integers(0, 130), min_size=1, max_size=6, unique=True).map(tuple)


def study(table=(0, 1), oracle=(100, 101)) -> StudySpecification:
    return StudySpecification(
        name="small",
        tasks=("a", "b", "c"),
        **({"table": TableRequest(seeds=table)} if table else {}),
        **({"oracle": OracleRequest(seeds=oracle)} if oracle else {}),
    )


@given(SEEDS, SEEDS, st.integers(1, 12))
def test_seeds_of_table_and_oracle_never_meet_and_the_own_come_first(table, oracle, n):
    oracle = tuple(seed + 200 for seed in oracle) if set(table) & set(oracle) else oracle
    asked = study(table, oracle)
    for found, own, other in (
        (table_seeds(asked, n), table, oracle),
        (oracle_seeds(asked, n), oracle, table),
    ):
        assert len(found) == len(set(found)) == n
        assert not set(found) & set(other)
        assert found[: len(own)] == own[:n]
        assert (n < len(own)) or set(own) <= set(found)


def test_a_study_that_asked_for_nothing_starts_at_the_usual_seeds():
    assert table_seeds(study(None, None), 3) == (0, 1, 2)
    assert oracle_seeds(study(None, None), 2) == (100, 101)


@pytest.mark.parametrize("n", [1, 2, 5, 12, 51, 200])
def test_a_sample_has_no_layout_twice_and_half_of_it_is_the_front(scene_of, n):
    view = scene_of("scenes").view
    found = sample(view, n)
    assert len(found) == len(set(found)) == min(n, view.n_layouts)
    front = [choice.layout for choice in view.front]
    assert sum(layout in front for layout in found) >= min((len(found) + 1) // 2, len(front))
    assert found[0] == front[-1]
    assert sample(view, n) == found


def test_a_sample_passes_over_what_is_trained_while_others_remain(scene_of):
    view = scene_of("scenes").view
    every = list(enumerate_layouts(3, 5))
    first = sample(view, 10)
    assert not set(first) & set(sample(view, 10, first))
    assert set(sample(view, 51, first)) == set(every)


def test_a_sample_spreads_over_the_costs(scene_of):
    view = scene_of("scenes").view
    costs = sorted(view.fraction(view.cost(layout)) for layout in sample(view, 12))
    assert costs[0] < 0.45
    assert costs[-1] > 0.9
    assert max(np.diff(costs)) < 0.25


def test_only_runs_that_may_change_something_are_offered():
    runs = [NextRun((0, 1), b, gain, 0.5, False) for b, gain in ((1, 0.2), (2, 0.1), (3, 0.001), (4, 0.0))]
    assert [run.branch_point for run in worth_measuring(runs, 10)] == [1, 2]
    assert len(worth_measuring(runs, 1)) == 1


def test_the_next_runs_take_the_seeds_of_the_study_or_one_more():
    hole, known = NextRun((0, 2), 3, 1.0, 0.5, False), NextRun((0, 1), 1, 1.0, 0.5, True)
    assert next_submission(study(), [hole], one_more=False).seeds == (0, 1)
    both = next_submission(study(), [hole, known], one_more=True)
    assert (both.seeds, both.pairs) == ((0, 1, 2), ((0, 2, 3), (0, 1, 1)))
