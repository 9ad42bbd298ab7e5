from dataclasses import replace

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.costs import Unit
from core.estimators import Spread, TwoTaskTable, fill_holes
from core.families.layouts.predictions import BudgetView, budget_view
from core.families.layouts.seed_scores import SeedTables
from core.layouts import Layout
from core.layouts.enumeration import enumerate_layouts
from core.plane.interval import t_interval
from core.studies.measured import LayoutResults
from core.studies.study import Study

TASKS = ("a", "b", "c")


def samples(n_seeds: int, noise: float = 0.5, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    found = rng.normal(0, 2, (3, 3, 3)) + noise * rng.normal(0, 1, (n_seeds, 3, 3, 3))
    found[..., 0] = 0.0
    found[:, np.arange(3), np.arange(3)] = 0.0
    return found


def view_of(table: TwoTaskTable) -> BudgetView:
    backbone = Backbone("net", (Block("x", 1, 1), Block("y", 1, 1)))
    return budget_view(
        Study("s", "S", "", TASKS, backbone, results={"table": LayoutResults(table)}), "uniform", Unit.MACS
    )


def test_a_complete_table_has_the_t_interval_of_its_seeds():
    measured = samples(4)
    view = view_of(TwoTaskTable.from_samples(TASKS, measured))
    for layout in enumerate_layouts(3, 2):
        known, points = view.figures(layout), layout.branch_points()
        gains = [[sum(one[i, j, points[i, j]] for j in range(3) if j != i) / 2 for i in range(3)] for one in measured]
        ends = t_interval([float(view.weights.values @ gain) for gain in gains])
        assert (known.score_low, known.score_high) == pytest.approx(ends)
        for task in range(3):
            assert (known.low[task], known.high[task]) == pytest.approx(t_interval([gain[task] for gain in gains]))


@pytest.mark.parametrize("n_seeds", [2, 3, 5])
def test_intervals_cover_the_true_gain_as_often_as_they_say(n_seeds):
    rng, layout, covered = np.random.default_rng(n_seeds), Layout.all_shared(3, 2), []
    weights = np.full(3, 1 / 3)
    for _ in range(400):
        measured = rng.normal(0, 1, (n_seeds, 3, 3, 3))
        measured[..., 0] = 0.0
        filled = fill_holes(TwoTaskTable.from_samples(TASKS, measured))
        _, half = SeedTables.of(filled).half_widths(layout, weights)
        covered.append(abs(float(SeedTables.of(filled).gains(layout).mean(axis=0) @ weights)) <= half)
    assert 0.85 < np.mean(covered) < 0.95


@pytest.mark.parametrize("holed", [False, True])
def test_one_seed_has_no_interval_whatever_is_missing(holed):
    measured = samples(1)
    if holed:
        measured[:, 0, 1, 1] = np.nan
    view = view_of(TwoTaskTable.from_samples(TASKS, measured))
    assert not view.knows_noise
    assert not any(view.figures(layout).has_interval for layout in enumerate_layouts(3, 2))
    assert view.cheapest_equal == list(range(len(view.front)))


def test_holes_widen_the_interval_of_the_layouts_that_need_them():
    measured = samples(3)
    whole = view_of(TwoTaskTable.from_samples(TASKS, measured))
    measured[:, 0, 1, 1] = np.nan
    holed = view_of(TwoTaskTable.from_samples(TASKS, measured))
    needs, spares = Layout.parse("0,1,2 | 0;1;2"), Layout.all_shared(3, 2)

    def width(view: BudgetView, layout: Layout) -> float:
        return view.figures(layout).score_high - view.figures(layout).score_low

    assert width(holed, spares) == pytest.approx(width(whole, spares))
    assert holed.by_seed.hole_variance(needs)[0] > 0 == holed.by_seed.hole_variance(spares)[0]


def test_a_seed_without_a_cell_does_not_count_where_that_cell_does():
    measured = samples(3)
    measured[2, 0, 1, 1] = np.nan
    tables = SeedTables.of(fill_holes(TwoTaskTable.from_samples(TASKS, measured)))
    assert len(tables.gains(Layout.parse("0,1,2 | 0;1;2"))) == 2
    assert len(tables.gains(Layout.all_shared(3, 2))) == 3
    measured[1, 0, 1, 1] = np.nan
    alone = view_of(TwoTaskTable.from_samples(TASKS, measured))
    assert alone.figures(Layout.parse("0,1,2 | 0;1;2")).spread is Spread.NONE


def test_of_equal_layouts_the_cheapest_is_recommended():
    quiet = view_of(TwoTaskTable.from_samples(TASKS, samples(3, 0.0)))
    rising = np.zeros((3, 3, 3))
    rising[:, :, 1] = 0.2
    rising[:, np.arange(3), np.arange(3)] = 0.0
    noise = np.array([9.0, -9.0, 0.0])[:, None, None, None] * (rising > 0)
    loud = view_of(TwoTaskTable.from_samples(TASKS, rising + noise))
    assert quiet.cheapest_equal == list(range(len(quiet.front)))
    assert len(loud.front) > 1
    advice = loud.recommended(1.0)
    assert (advice.best, advice.place) == (len(loud.front) - 1, 0)
    assert advice.is_cheaper


def test_standard_errors_tell_layouts_apart_too():
    values = samples(1)[0]
    sure = view_of(replace(TwoTaskTable(TASKS, values), stderr=np.full_like(values, 1e-6)))
    unsure = view_of(replace(TwoTaskTable(TASKS, values), stderr=np.full_like(values, 100.0)))
    assert sure.cheapest_equal == list(range(len(sure.front)))
    assert unsure.cheapest_equal == [0] * len(unsure.front)


def test_half_the_width_between_layouts_agrees_with_which_are_within_noise():
    for seed in range(6):
        measured = samples(3, 1.0, seed)
        measured[0, 0, 1, 1] = np.nan
        view = view_of(TwoTaskTable.from_samples(TASKS, measured))
        layouts = [choice.layout for choice in view.front]
        equal = view.by_seed.within_noise(layouts, view.weights.values)
        scores = [view.by_seed.gains(layout).mean(axis=0) @ view.weights.values for layout in layouts]
        for i, one in enumerate(layouts):
            for j, other in enumerate(layouts):
                whole = len(view.by_seed.gains(one)) == len(view.by_seed.gains(other)) == 3
                if i != j and whole:
                    half = view.intervals.half_width_between(one, other)
                    assert (abs(scores[i] - scores[j]) <= half + 1e-9) == equal[i, j]
