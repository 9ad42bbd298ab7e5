"""What the cards say of a study is what was measured."""

import re

import numpy as np
import pytest

from app.families.multipath.overview import best_network as best_exits
from app.families.virtual.overview import best_network as best_units
from app.start.cards import cards
from core.costs import CostQuestion, Unit
from core.estimators.basis import usual_estimator
from core.families.layouts.predictions import available_units, budget_view
from core.families.multipath.results import MultiPathResults
from core.families.rivals.results import RivalResults
from core.families.treednn.results import TreeResults
from core.families.virtual.results import VirtualResults
from core.layouts import Layout
from core.plane.interval import t_interval
from core.plane.point import GainOrigin
from core.studies.bundled import bundled_studies, load_bundled
from core.studies.family import families

pytestmark = pytest.mark.skipif(not bundled_studies(), reason="no study is bundled")


def test_every_bundled_study_has_a_question_and_a_finding_without_figures():
    assert {card.name for card in cards()} == set(bundled_studies())
    for card in cards():
        assert card.question.endswith("?"), card.name
        assert card.finding.endswith("."), card.name
        assert not re.search(r"\d", card.question + card.finding), card.name


def view_of(name: str):
    study = load_bundled(name)
    return budget_view(study, "svde", available_units(study)[0], usual_estimator(study.table))


def low_and_high(gains: np.ndarray) -> tuple[float, float]:
    """Return the 90 % interval over seeds of a mean Δ; ``[n_seeds, …]``."""
    found = t_interval(gains.reshape(len(gains), -1).mean(axis=1).tolist())
    assert found is not None
    return found


def test_scenes_the_first_blocks_help_all_three_and_all_blocks_cost_the_normals():
    view = view_of("scenes")
    first = view.pairs[:, :, 1] + view.pairs[:, :, 2]
    assert (first.sum(axis=1) > 0).all()
    shared = view.figures(Layout.all_shared(3, 5))
    assert shared.high[view.tasks.index("normals")] < 0


def test_mnist_sharing_everything_hurts_and_the_slant_branches_off_first():
    view = view_of("mnist5k4")
    assert view.figures(Layout.all_shared(4, 4)).score < 0
    best = view.front[-1]
    points = best.layout.branch_points()
    slant = view.tasks.index("slant")
    others = [task for task in range(4) if task != slant]
    assert view.figures(best.layout).score_low > 0
    assert max(points[slant, task] for task in others) <= min(points[i, j] for i in others for j in others if i < j)


def test_digits_one_network_for_all_is_recommended_without_a_budget():
    view = view_of("digits")
    advice = view.recommended(1.0)
    assert advice is not None
    assert view.front[advice.place].layout == Layout.all_shared(5, 5)


def test_five_tasks_of_scenes_fall_into_two_groups():
    view = view_of("scenes5")
    advice = view.recommended(1.0)
    assert advice is not None
    best = view.front[advice.place].layout
    groups = [{view.tasks[task] for task in group} for group in best.partitions[0]]
    assert {"edges", "keypoints"} in groups
    assert len(groups) == 2
    assert view.figures(best).score_low < 0 < view.figures(best).score_high


def test_no_family_of_five_is_best_at_every_budget():
    study = load_bundled("five")
    question = CostQuestion.STORED
    points = [
        (point.cost(question, Unit.PARAMETERS), point.gain, family.name)
        for family in families()
        for point in family.points(study, question, Unit.PARAMETERS)
        if point.origin is GainOrigin.MEASURED and family.name != "single"
    ]
    whole = 4 * sum(block.params for block in study.backbone.blocks)
    best = {max((gain, name) for cost, gain, name in points if cost <= share * whole)[1] for share in (0.1, 0.3, 0.6)}
    assert len(best) > 1


def test_one_trunk_helps_some_data_sets_and_harms_others_the_solids_most():
    results = load_bundled("treednn").result(TreeResults)
    assert results is not None
    better = {}
    for branch in results.branches:
        apart = branch.specialised["test"] - branch.dedicated["test"]
        better[branch.name] = low_and_high(apart if branch.metric.higher_is_better else -apart)
    assert any(low > 0 for low, _ in better.values())
    assert min(better, key=lambda name: better[name][1]) == "solids"
    assert better["solids"][1] < 0


@pytest.mark.parametrize(
    ("name", "exits", "gains"),
    [
        ("paths-hierarchy", (1, 2, 4), False),
        ("paths-curriculum", (1, 2, 4), True),
        ("paths-split", (0, 1, 2, 3, 4), None),
    ],
)
def test_leaving_late_gains_more_than_leaving_in_the_order_of_the_paper(name, exits, gains):
    results = load_bundled(name).result(MultiPathResults)
    assert results is not None
    best, early = best_exits(results), best_exits(results, exits)
    assert best is not None
    assert early is not None
    low, high = low_and_high(early.gains["test"])
    assert {True: low > 0, False: high < 0, None: low < 0 < high}[gains]
    assert low_and_high(best.gains["test"])[0] > 0
    assert min(best.assign) >= 3
    assert best.gains["test"].mean() > early.gains["test"].mean()


@pytest.mark.parametrize(
    ("name", "with_all", "with_fewest"),
    [("virtual-joint", True, None), ("virtual-hierarchy", True, False), ("virtual-sets", None, False)],
)
def test_what_a_network_of_all_units_and_one_of_the_fewest_gains(name, with_all, with_fewest):
    results = load_bundled(name).result(VirtualResults)
    assert results is not None
    network = best_units(results)
    assert network is not None
    for level, expected in ((-1, with_all), (0, with_fewest)):
        low, high = low_and_high(network.gains["test"][:, :, level])
        assert {True: low > 0, False: high < 0, None: low < 0 < high}[expected], (level, low, high)


def test_fine_tuning_forgets_about_half_and_learning_without_forgetting_keeps_most():
    results = load_bundled("virtual-sequence").result(RivalResults)
    assert results is not None
    kept = {}
    for method in results.methods:
        stages = method.stages["test"]
        kept[method.title] = float(stages[:, -1, 0].mean() / stages[:, 0, 0].mean())
    assert 0.4 < kept["Fine-tuning"] < 0.6
    assert kept["LwF"] > 0.85
