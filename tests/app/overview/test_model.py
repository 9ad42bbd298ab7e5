import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.overview.model import recommendation
from app.overview.pair_words import pair_curves, pair_sentence
from app.ui.formatting import cost_share, number_word, percent, share
from core.backbones import Backbone, Block
from core.costs import Unit, layout_cost
from core.estimators import TwoTaskTable, estimates
from core.estimators.prediction import Estimator
from core.families.layouts.predictions import BudgetView, budget_view
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.studies.measured import LayoutResults, Oracle
from core.studies.study import Study


def study(seed: int = 0, n_tasks: int = 3, n_blocks: int = 3, seeds: int = 3, oracle: bool = False) -> Study:
    rng = np.random.default_rng(seed)
    tasks = tuple(f"task {i}" for i in range(n_tasks))
    samples = rng.normal(scale=2, size=(1, n_tasks, n_tasks, n_blocks + 1)) + rng.normal(
        size=(seeds, n_tasks, n_tasks, n_blocks + 1)
    )
    samples[..., 0] = 0
    samples[:, np.arange(n_tasks), np.arange(n_tasks)] = 0
    backbone = Backbone("net", tuple(Block(f"b{i}", int(rng.integers(1, 50)), 5) for i in range(n_blocks)))
    layouts = tuple(enumerate_layouts(n_tasks, n_blocks))
    real = rng.normal(size=(2, len(layouts), n_tasks))
    trained = Oracle(layouts, (10, 11), real, real) if oracle else None
    results = {"table": LayoutResults(TwoTaskTable.from_samples(tasks, samples), trained)}
    return Study("s", "S", "", tasks, backbone, results=results)


def view(*arguments: int, **more: int | bool) -> BudgetView:
    return budget_view(study(*arguments, **more), "uniform", Unit.PARAMETERS)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.34, 1.0))
def test_what_is_recommended_equals_the_best_of_all_that_fit_within_noise(seed: int, budget: float) -> None:
    plane = view(seed)
    found = recommendation(plane, None, budget)
    assert found is not None
    limit = budget * plane.independent * (1 + 1e-9)
    scores = [
        estimates(plane.filled.values, layout) @ plane.weights.values
        for layout in enumerate_layouts(3, 3)
        if layout_cost(layout, plane.costs) <= limit
    ]
    assert found.choice.cost <= limit
    best = plane.front[found.advice.best]
    assert best.score == pytest.approx(max(scores))
    assert found.choice.cost <= best.cost
    assert plane.by_seed is not None
    pair = plane.by_seed.within_noise([found.layout, best.layout], plane.weights.values)
    assert bool(pair[0, 1])
    assert bool(found.why_not_best) == (found.layout != best.layout)


def test_nothing_is_recommended_below_the_cheapest_layout() -> None:
    assert recommendation(view(), None, 0.3) is None


def test_every_layout_is_offered_once_under_all_its_names() -> None:
    whole = recommendation(view(), None, 1.0)
    assert whole is not None
    layouts = [option.layout for option in whole.options]
    assert len(layouts) == len(set(layouts))
    assert whole.options[0].layout == whole.layout
    assert "Recommended" in whole.options[0].name
    assert any("Best at any cost" in option.name for option in whole.options)
    assert {Layout.all_shared(3, 3), Layout.all_split(3, 3)} <= set(layouts)


def test_the_words_carry_the_numbers_of_the_table() -> None:
    found = recommendation(view(1), None, 0.6)
    assert found is not None
    assert percent(found.choice.score) in found.what_you_get
    assert cost_share(found.view.fraction(found.choice.cost)) in found.what_you_get
    assert "three single-task networks" in found.what_you_get
    assert ("within noise" in found.how_sure) == found.advice.is_cheaper
    assert f"in {share(found.frequency)} of bootstrap samples" in found.how_sure
    assert "paper estimator, equal weights, uploaded table, split unknown, 3 seeds" in found.what_you_get
    assert len(found.pair_reasons) == 3


def test_without_seeds_nothing_is_said_about_certainty() -> None:
    found = recommendation(view(0, seeds=1), None, 0.8)
    assert found is not None
    assert found.frequency is None
    assert found.interval == "no interval: one seed"
    # Said once: beside the gain.
    assert "no interval" not in found.what_you_get + found.how_sure
    assert "90 %" not in found.what_you_get
    assert not found.advice.is_cheaper
    assert "more seeds" in found.how_sure


def test_what_training_gave_is_said_where_it_is_known() -> None:
    plane = view(2, oracle=True)
    assert plane.study.oracle is not None
    trained = TrainedView(plane, plane.study.oracle)
    found = recommendation(plane, trained, 0.7)
    assert found is not None
    limit = plane.limit(0.7)
    best = max(choice.score for choice in trained.choices if choice.cost <= limit)
    reached = trained.figures(found.layout)
    assert reached is not None
    assert f"Measured gain with the same weights: {percent(reached.score)}" in found.how_sure
    assert "two seeds other than the table's, on the test split" in found.how_sure
    assert "has learned" not in found.how_sure
    assert "from only 2 seeds" in found.how_sure
    assert ("layouts trained within this budget is better" in found.how_sure) == (best - reached.score < 0.05)
    assert all(option.trained is not None for option in found.options)


def test_measured_gains_that_a_prediction_learned_from_are_not_called_unseen() -> None:
    learned = budget_view(study(2, oracle=True), "uniform", Unit.PARAMETERS, Estimator.BAYES)
    assert learned.study.oracle is not None
    found = recommendation(learned, TrainedView(learned, learned.study.oracle), 0.7)
    assert found is not None
    assert "has learned from what those seeds gave on the validation split" in found.how_sure


def test_pair_curves_are_the_mean_of_both_tasks() -> None:
    values = np.random.default_rng(0).normal(size=(4, 4, 3))
    curves = pair_curves(values)
    assert len(curves) == 6
    for (i, j), curve in curves.items():
        assert i < j
        assert curve == pytest.approx((values[i, j] + values[j, i]) / 2)


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=14), st.data())
def test_a_pair_sentence_is_one_sentence_with_both_names(deltas: list[float], data: st.DataObject) -> None:
    curve = np.array([0.0, *deltas])
    shared = data.draw(st.integers(0, len(deltas)))
    sentence = pair_sentence((0, 1), curve, shared, ["left", "right"])
    assert sentence.startswith("left and right ")
    assert sentence.endswith(".")
    assert "  " not in sentence
    assert "+-" not in sentence
    assert "nan" not in sentence


def test_a_pair_sentence_says_which_gain_is_interpolated() -> None:
    """Here the one after all three blocks, whether it is that of the layout, the best or what is left."""
    holes, tasks = np.array([False, False, False, True]), ["a", "b"]
    for gains, shared, marked in (
        ([0, 1, 2, 3], 3, 1),
        ([0, 1, 2, 3], 2, 1),
        ([0, 1, 2, -3], 0, 0),
        ([0, 1, 0, 3], 0, 1),
    ):
        said = pair_sentence((0, 1), np.array(gains, dtype=float), shared, tasks, holes)
        assert said.count("interpolated") == marked
        assert pair_sentence((0, 1), np.array(gains, dtype=float), shared, tasks) == said.replace(" (interpolated)", "")


@pytest.mark.parametrize(
    ("curve", "shared", "words"),
    [
        # Of equal ones the cheapest is named, which shares most.
        (
            [0, 0, 0, -4.3],
            3,
            "lose 4.3 % by sharing all three blocks; the first two blocks would be better for",
        ),
        ([0, 2, 2, 1], 0, "though sharing the first two blocks would gain them +2.0 %"),
        ([0, 1, -3], 0, "share nothing here, though sharing the first block would gain them +1.0 %"),
        ([0, -1, -3], 0, "share nothing, and would lose 3.0 % if they shared both blocks"),
        ([0, 2, -3], 1, "gain +2.0 % by sharing the first block, and would lose 3.0 % if they shared both"),
        ([0, 1, 2], 2, "gain +2.0 % by sharing both blocks; sharing fewer"),
        ([0, 3, 2], 2, "the first block would be better for them (+3.0 %)"),
        ([0, -3, -2], 2, "lose 2.0 % by sharing both blocks; separate networks"),
        ([0, -2], 1, "lose 2.0 % by sharing the one block"),
        ([0, 0.01, 1], 1, "break even by sharing the first block, and would gain +1.0 % if they shared both"),
    ],
)
def test_pair_sentences_say_gain_and_loss(curve: list[float], shared: int, words: str) -> None:
    assert words in pair_sentence((0, 1), np.array(curve, dtype=float), shared, ["a", "b"])


def test_small_numbers_are_words() -> None:
    words = [number_word(n) for n in range(14)]
    assert len(set(words)) == 14
    assert all(one != other for one, other in pairwise(words))
    assert words[13] == "13"


@pytest.mark.parametrize("n_others", [0, 1, 2])
def test_it_is_said_with_how_many_trained_layouts_a_measured_gain_was_compared(n_others: int) -> None:
    plain = recommendation(view(1), None, 1.0)
    assert plain is not None
    others = [layout for layout in enumerate_layouts(3, 3) if layout != plain.layout][:n_others]
    layouts = (plain.layout, *others)
    gains = np.stack([np.full((len(layouts), 3), -0.3)] * 2)
    gains[:, 1:] = -2.0
    base = study(1)
    known = base.results["table"]
    assert isinstance(known, LayoutResults)
    oracle = Oracle(layouts, (10, 11), gains, gains)
    plane = budget_view(
        replace(base, results={"table": LayoutResults(known.table, oracle)}), "uniform", Unit.PARAMETERS
    )
    found = recommendation(plane, TrainedView(plane, oracle), 1.0)
    assert found is not None
    words = ("only layout trained", "one other layout", "None of the two other layouts")[n_others]
    assert words in found.how_sure


def test_the_sentence_on_noise_holds_numbers_that_subtract() -> None:
    checked = 0
    for seed in range(40):
        found = recommendation(view(seed), None, 1.0)
        if found is None or not found.why_not_best:
            continue
        best, this = (float(x.replace("−", "-")) for x in re.findall(r"([+−]?[\d.]+) %", found.why_not_best)[0:3:2])
        apart = float(re.findall(r"([\d.]+) points lower", found.why_not_best)[0])
        assert apart > 0
        assert best - this == pytest.approx(apart, abs=1e-9)
        checked += 1
    assert checked > 3
