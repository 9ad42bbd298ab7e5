import json
import re
from dataclasses import replace

import pytest

from app.budget.figure import BudgetFigure
from app.plane.scene import Scene
from app.ui.formatting import amount, cost_share, count, percent
from app.ui.links import layout_from_code
from core.costs import Unit
from core.estimators import TwoTaskTable
from core.families.layouts.predictions import budget_view
from core.families.layouts.trained import TrainedView
from core.layouts import Layout
from core.selection.budget import percent_of
from core.studies.measured import LayoutResults


@pytest.fixture(scope="session", params=["five", "ten", "marked", "trained", "trained, shown"])
def scene(request, scene_of):
    name, _, shown = request.param.partition(", ")
    return scene_of(name, shown=bool(shown))


def test_entries_are_the_front_by_rising_cost_and_rising_score(scene):
    costs, scores = ([getattr(entry, key) for entry in scene.entries] for key in ("cost", "score"))
    assert len(scene.entries) == len(scene.front)
    assert costs == sorted(set(costs))
    assert scores == sorted(scores)
    assert all(0 < cost <= 1 + 1e-9 for cost in costs)


def test_an_entry_says_what_its_layout_is_and_costs(scene):
    view, study = scene.view, scene.view.study
    for entry, choice in zip(scene.entries, scene.front, strict=True):
        assert layout_from_code(entry.code, study.n_tasks, study.n_blocks) == choice.layout
        assert entry.share == cost_share(view.fraction(choice.cost))
        assert entry.amount.startswith(amount(choice.cost, view.unit))
        assert entry.delta == percent(scene.figures(choice.layout).score)


def test_an_entry_holds_what_its_drawings_are_made_of(scene):
    for entry, choice in zip(scene.entries, scene.front, strict=True):
        assert entry.layout == choice.layout.to_json()
        assert len(entry.bars["values"]) == len(entry.bars["written"]) == scene.view.study.n_tasks


def test_a_release_sends_the_front_and_the_plane_in_few_and_always_the_same_bytes(scene_of):
    scene = scene_of("ten")
    sent = [json.dumps(BudgetFigure(scene, budget, 0.2).data()) for budget in (0.4, 0.6)]
    assert len(scene.front) > 100
    assert len(sent[0]) < 100_000
    assert sent[0].replace('"budget": 0.4', '"budget": 0.6') == sent[1]


def test_the_shown_layout_is_the_recommended_or_the_picked_one(scene):
    view = scene.view
    for percentage in range(1, 101):
        budget = percentage / 100
        fits = [choice for choice in scene.front if 100 * view.fraction(choice.cost) <= percentage * (1 + 1e-9)]
        shown, advice = scene.shown(budget, None), scene.recommended(budget)
        assert (advice is None) == (not fits)
        if advice is None:
            assert shown is None
            continue
        assert scene.front[advice.best] == fits[-1]
        assert shown == scene.front[advice.place].layout
        assert advice.place <= advice.best
        # The browser decides from the entries alone and should come to the same layout.
        assert scene.entries[advice.best].recommends == advice.place
        assert ("can't tell them apart" in scene.entries[advice.best].advice) == advice.is_cheaper
    picked = Layout.all_split(view.study.n_tasks, view.study.n_blocks)
    assert scene.shown(0.01, picked) == picked


def test_the_budget_of_every_point_finds_it_again(scene):
    costs = [entry.cost for entry in scene.entries]
    for place in range(len(costs)):
        address = f"{percent_of(costs, place):.12g}"
        assert scene.recommended(float(address) / 100).best == place


def test_a_layout_off_the_front_says_so(scene_of):
    scene = scene_of("five")
    worst = min(scene.cloud, key=lambda choice: choice.score)
    entry = scene.entry(worst.layout, budget=1.0)
    assert entry.sure == "–"
    assert "dominated" in entry.sureNote
    assert entry.score == pytest.approx(worst.score)


def test_a_choice_over_the_budget_has_no_confidence(scene_of):
    scene = scene_of("five")
    assert "over the budget" in scene.entry(scene.front[-1].layout, budget=0.25).sureNote


def test_the_scale_of_bars_holds_measured_gains_too(scene_of):
    scene = scene_of("trained")
    low, high = scene.domain
    for choice in scene.front:
        measured = scene.trained.figures(choice.layout)
        assert low <= measured.low.min() <= measured.high.max() <= high


def test_an_interval_of_one_seed_is_never_written(scene_of):
    whole = scene_of("trained")
    study = whole.view.study
    oracle = replace(whole.trained.oracle, seeds=(7,), test=whole.trained.oracle.test[:1])
    measured = Scene(whole.view, TrainedView(whole.view, oracle), trained_shown=True)
    table = TwoTaskTable.from_samples(study.task_names, study.table.samples[:1])
    alone = replace(study, results={**study.results, "layouts": LayoutResults(table)})
    predicted = Scene(budget_view(alone, "uniform", Unit.PARAMETERS), None)
    assert {entry.interval for scene in (measured, predicted) for entry in scene.entries} == {"no interval: one seed"}
    assert {entry.sure for entry in predicted.entries} == {"–"}
    assert all(entry.bars["low"] is None for scene in (measured, predicted) for entry in scene.entries)


def test_trained_and_predicted_planes_show_their_own_figures(scene_of):
    predicted, trained = scene_of("trained"), scene_of("trained", shown=True)
    layout = trained.front[-1].layout
    assert trained.figures(layout).score == pytest.approx(trained.trained.figures(layout).score)
    assert predicted.figures(layout).score == pytest.approx(predicted.view.figures(layout).score)
    assert "measured" in predicted.entry(layout).interval
    assert "measured" not in trained.entry(layout).interval
    assert len(predicted.plane([], None).trained) == len(trained.trained.choices)
    # From a dot a line leads to its diamond.
    assert len(predicted.plane([], None).links) == len(predicted.front)
    assert not trained.plane([], None).trained
    # Nothing is drawn twice.
    assert len(trained.cloud) + len(trained.front) == len(trained.trained.choices)


def test_nothing_fits_names_the_cheapest_and_a_budget_that_is_enough(scene):
    share = scene.view.fraction(scene.front[0].cost)
    # So near that one decimal would write the same number twice.
    budget = 0.9999 * share
    costs, enough = (float(found) / 100 for found in re.findall(r"([0-9.]+) %", scene.nothing_fits(budget)))
    assert costs > budget
    assert scene.recommended(budget) is None
    assert scene.recommended(enough) is not None


def test_pins_and_a_choice_by_hand_are_marked(scene):
    study = scene.view.study
    shared, split = (make(study.n_tasks, study.n_blocks) for make in (Layout.all_shared, Layout.all_split))
    assert [pin.mark for pin in scene.plane([shared, split], None).pins] == ["A", "B"]
    assert [pin.mark for pin in scene.plane([shared], split).pins] == ["A", "selected"]
    assert [pin.mark for pin in scene.plane([shared], shared).pins] == ["A"]
    assert scene.plane([], split).pins[0].cost == pytest.approx(1.0)


def test_the_caption_says_what_is_drawn(scene_of):
    whole, sampled, trained = scene_of("scenes"), scene_of("five"), scene_of("trained", shown=True)
    for scene in (whole, sampled, trained):
        assert f"{len(scene.front)} layouts on the Pareto front" in scene.caption()
    assert "51 layouts, exact search" in whole.caption()
    assert "random" not in whole.caption()
    assert f"{count(len(sampled.cloud))} of the others" in sampled.caption()
    assert f"{len(trained.trained.choices)} trained layouts" in trained.caption()
