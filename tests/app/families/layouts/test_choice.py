"""Which layouts and two-task runs are offered, and from which seeds, without Streamlit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.families.layouts.choice import sample, standing_sentence, suggestion_words, worth_training
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.seeds import oracle_seeds, table_seeds
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.studies.advice import Advice, Goal, Suggestion
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


def suggestion(gain, **more):
    fields = {"tasks": (0, 2), "branch_point": 3, "layout": None, "seeds": (0,), "measured": False, "times": 1}
    return Suggestion(**fields | more, gain=gain, change_probability=0.5, seconds=9.0, request=None)


def test_only_trainings_that_may_change_something_are_offered():
    found = tuple(suggestion(gain, branch_point=b) for b, gain in ((1, 0.2), (2, 0.1), (3, 0.001), (4, 0.0)))
    advice = Advice(Layout.all_shared(3, 5), 1.0, 0.3, 0.7, found)
    assert [each.branch_point for each in worth_training(advice)] == [1, 2]
    said = standing_sentence(advice, ("a", "b", "c"), Goal(budget=0.6))
    assert all(number in said for number in ("1.00", "0.30", "70", "0.2"))
    assert "With Bayes, entropy weights, within 60 % of the MACs" in said
    assert "Single-task" not in said
    losing = standing_sentence(Advice(Layout.all_shared(3, 5), -1.0, 0.3, 0.7, ()), ("a", "b", "c"), Goal())
    assert "Single-task networks are expected to be better" in losing


def test_a_training_is_named_with_its_reason():
    tasks = ("depth", "edges", "normals")
    assert suggestion_words(suggestion(1.0), tasks) == "depth and normals, sharing the first 3 blocks (never measured)"
    assert "one more seed" in suggestion_words(suggestion(1.0, measured=True), tasks)
    whole = suggestion(1.0, tasks=(), branch_point=0, layout=Layout.all_shared(3, 5))
    assert "the layout itself" in suggestion_words(whole, tasks)
