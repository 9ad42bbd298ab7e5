"""All networks of a study on one plane, and why some are not."""

import pytest

from core.costs import CostQuestion, Unit, independent_cost
from core.errors import BudgetError
from core.families.treednn.costs import CutBackbone
from core.families.treednn.results import TreeResults
from core.studies.bundled import load_bundled
from core.studies.family import families
from core.studies.study_plane import NO_LATENCY, NOT_MEASURED, NOT_STORED, PAIRS, StudyPlane


@pytest.mark.parametrize("name", ["paths-hierarchy", "virtual-joint", "treednn"])
def test_measured_networks_cost_what_their_families_say(name):
    study = load_bundled(name)
    plane = StudyPlane(study)
    known = {(point.family, point.label): point for point in plane.measured}
    for question, unit in PAIRS:
        for family in families():
            for point in family.points(study, question, unit):
                if point.origin == "measured":
                    same = known[point.family, point.label]
                    assert same.cost(question, unit) == point.cost(question, unit)
                    assert same.seed_gains == point.seed_gains


def test_a_family_that_is_not_drawn_has_a_reason():
    plane = StudyPlane(load_bundled("virtual-joint"))
    missing = plane.missing(CostQuestion.ONE_TASK, Unit.LATENCY)
    assert missing["virtual"] == NO_LATENCY
    assert missing["treednn"] == NOT_MEASURED
    assert "single" not in missing
    assert plane.missing(CostQuestion.STORED, Unit.BYTES).keys() >= {"layouts", "treednn", "multipath"}
    assert not missing.keys() & plane.points(CostQuestion.ONE_TASK, Unit.LATENCY).keys()
    with pytest.raises(BudgetError, match="stored"):
        plane.missing(CostQuestion.STORED, Unit.LATENCY)


def test_a_layout_that_shares_nothing_is_the_single_task_networks_and_there_once():
    study = load_bundled("scenes")
    plane = StudyPlane(study)
    at_zero = [point for point in plane.measured if point.gain == 0]
    assert [point.family for point in at_zero] == ["single"]
    assert len(plane.measured) == len(study.oracle.layouts)
    whole = independent_cost(study.backbone, study.n_tasks, CostQuestion.STORED, Unit.PARAMETERS)
    assert at_zero[0].cost(CostQuestion.STORED, Unit.PARAMETERS) == whole == 3 * study.backbone.params


def test_the_same_network_has_the_same_gain_for_every_question():
    plane = StudyPlane(load_bundled("paths-hierarchy"))
    one, other = (plane.comparison(CostQuestion.STORED, unit) for unit in (Unit.PARAMETERS, Unit.BYTES))
    assert one.gains is other.gains
    assert [each.point.label for each in one.front] == [each.point.label for each in other.front]
    task = plane.comparison(CostQuestion.STORED, Unit.BYTES, task="loop")
    assert task.front[0].score == pytest.approx(task.front[0].point.gains[0])
    assert plane.gains() is one.gains


@pytest.mark.parametrize("name", ["digits", "paths-split", "virtual-joint", "treednn"])
def test_storage_grows_to_what_the_network_of_all_tasks_costs(name):
    study = load_bundled(name)
    plane = StudyPlane(study)
    for curve in plane.storage:
        assert len(curve.params) == study.n_tasks
        assert list(curve.params) == sorted(curve.params)
        if curve.measured is not None:
            assert curve.params[-1] == curve.measured.cost(CostQuestion.STORED, Unit.PARAMETERS)
            assert curve.sizes(Unit.BYTES)[-1] == 4 * curve.params[-1]
    assert plane.without_storage.keys() == {each.name for each in plane.families} - {
        each.family for each in plane.storage
    }
    assert plane.without_storage.get("rivals", NOT_MEASURED) == (
        NOT_MEASURED if name in ("digits", "treednn") else NOT_STORED
    )


def test_storage_of_fewer_tasks_is_that_of_a_network_made_for_them():
    study = load_bundled("treednn")
    tree, single = StudyPlane(study).storage
    results = study.result(TreeResults)
    for k in range(1, study.n_tasks + 1):
        assert tree.params[k - 1] == CutBackbone(study.backbone, results.cut, k).params.tree
        assert single.params[k - 1] == k * study.backbone.params
    shared, best, _ = StudyPlane(load_bundled("scenes")).storage
    assert {*shared.params} == {load_bundled("scenes").backbone.params}
    assert best.measured.gain == max(point.gain for point in StudyPlane(load_bundled("scenes")).measured)
    with pytest.raises(BudgetError, match="bytes"):
        best.sizes(Unit.MACS)
