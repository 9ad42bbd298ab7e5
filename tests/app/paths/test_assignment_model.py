import itertools

import numpy as np
import pytest

from app.paths.assignment_model import AssignmentView, assigned_frame, front_frame, headline
from app.paths.model import backbone_ladder, paths_frame, preset_ladder, study_ladder
from app.ui.formatting import percent
from core.backbones import Backbone, Block
from core.costs import Unit
from core.families.multipath.assignment import AssignmentQuestion, assignment_cost
from core.families.multipath.results import MultiPathResults


@pytest.fixture
def found(study_of):
    study = study_of("paths")
    return study, study.result(MultiPathResults)


@pytest.mark.parametrize("question", AssignmentQuestion)
@pytest.mark.parametrize("budget", [0.2, 0.45, 0.7, 1.0])
def test_within_a_budget_no_other_assignment_is_better(found, question, budget):
    study, results = found
    view = AssignmentView.of(results, study.backbone, Unit.MACS, question)
    best = view.within(budget)
    usage = results.usage if question is AssignmentQuestion.ACTIVE else ()
    scores = [
        np.mean([view.gains[task, exit_] for task, exit_ in enumerate(exits)])
        for exits in itertools.product(range(4), repeat=3)
        if assignment_cost(exits, view.costs.tolist(), question, usage) <= budget * view.whole + 1e-6
    ]
    assert best.score == pytest.approx(max(scores))


def test_a_task_loses_what_its_best_exit_has_more(found):
    study, results = found
    view = AssignmentView.of(results, study.backbone, Unit.PARAMETERS, AssignmentQuestion.OWN_INPUT)
    frame = assigned_frame(view, view.within(0.4))
    assert (frame["loses (points)"] >= 0).all()
    assert frame["loses (points)"].tolist() == pytest.approx(
        (view.gains.max(axis=1) - frame["Δ, validation"].to_numpy()).tolist()
    )
    assert "usage" not in frame


def test_every_row_of_every_budget_costs_more_and_gains_more(found):
    study, results = found
    for question in AssignmentQuestion:
        frame = front_frame(AssignmentView.of(results, study.backbone, Unit.LATENCY, question))
        assert frame["cost"].is_monotonic_increasing
        assert frame["mean Δ, validation"].is_monotonic_increasing


def test_the_study_s_exits_are_chosen_at_first(found):
    ladder = study_ladder(*found)
    assert ladder.chosen == (0, 1, 2, 3)
    assert paths_frame(ladder)["ms"].tolist() == pytest.approx([1, 2, 3, 4])


def test_the_end_is_always_an_exit_and_exits_outside_are_not():
    ladder = preset_ladder("mobilenetv2-0.5-3").with_exits([3, 99, 3, -1])
    assert ladder.chosen == (3, ladder.last)
    assert ladder.exits[-1].name == "features.17"


def test_a_backbone_of_one_block_has_one_path():
    ladder = backbone_ladder(Backbone("tiny", (Block("only", 10, 20),)))
    frame = paths_frame(ladder)
    assert frame["share of parameters"].tolist() == [100.0]


def test_shares_of_a_backbone_without_parameters_are_unknown():
    frame = paths_frame(backbone_ladder(Backbone("no parameters", (Block("a", 0, 1), Block("b", 0, 1)))))
    assert frame["share of parameters"].isna().all()
    assert frame["share of MACs"].tolist() == [50.0, 100.0]


def test_the_headline_says_each_split_s_own_number(found):
    study, results = found
    view = AssignmentView.of(results, study.backbone, Unit.MACS, AssignmentQuestion.OWN_INPUT)
    best = view.within(0.5)
    test = results.matrix.gains["test"][:, range(3), best.exits].mean()
    assert view.tested(best).value == pytest.approx(test)
    assert test != pytest.approx(best.score, abs=0.05)
    words = headline(view, best).replace("\u00a0", " ")
    assert f"{view.tested(best).written} on the test split" in words
    assert f"On the validation split, which chose it, that is {percent(best.score)}:" in words
    row = front_frame(view).iloc[view.front.index(best)]
    assert row["mean Δ, test"] == pytest.approx(test)
