"""Every family's networks on the plane, from the bundled studies."""

import numpy as np
import pytest

from core.costs import CostQuestion, Unit
from core.families.treednn.costs import CutBackbone
from core.families.treednn.points import branch_gains
from core.families.treednn.results import TreeResults
from core.plane.interval import t_interval
from core.plane.point import GainOrigin
from core.studies.bundled import load_bundled
from core.studies.family import families


def points(name: str, question: CostQuestion, unit: Unit):
    return [point for family in families() for point in family.points(load_bundled(name), question, unit)]


def test_layouts_are_measured_and_predicted_points():
    found = points("scenes", CostQuestion.STORED, Unit.PARAMETERS)
    study = load_bundled("scenes")
    measured = [point for point in found if point.origin is GainOrigin.MEASURED and point.family == "layouts"]
    assert len(measured) == len(study.oracle.layouts)
    assert all(point.n_seeds == len(study.oracle.seeds) and point.interval is not None for point in measured)
    best = max(measured, key=lambda point: point.gain)
    place = study.oracle.layouts.index(best.layout)
    assert best.gain == pytest.approx(study.oracle.test[:, place].mean())
    assert best.interval[0] < best.gain < best.interval[1]
    predicted = [point for point in found if point.origin is GainOrigin.PREDICTED]
    assert [point.gain for point in predicted] == sorted(point.gain for point in predicted)
    whole = study.n_tasks * study.backbone.params
    assert all(0 < point.cost(CostQuestion.STORED, Unit.PARAMETERS) <= whole for point in found)


def test_one_active_task_runs_through_every_block_once_whatever_it_shares():
    found = points("scenes", CostQuestion.ONE_TASK, Unit.MACS)
    assert {point.cost(CostQuestion.ONE_TASK, Unit.MACS) for point in found} == {load_bundled("scenes").backbone.macs}


def test_a_treednn_is_one_point_against_dedicated_networks():
    study = load_bundled("treednn")
    results = study.result(TreeResults)
    stored, single = points("treednn", CostQuestion.STORED, Unit.PARAMETERS)
    case = CutBackbone(study.backbone, results.cut, len(results.branches))
    assert stored.cost(CostQuestion.STORED, Unit.PARAMETERS) == pytest.approx(case.params.tree)
    assert (single.family, single.gain, single.interval) == ("single", 0.0, (0.0, 0.0))
    assert single.cost(CostQuestion.STORED, Unit.PARAMETERS) == study.n_tasks * study.backbone.params
    active, _ = points("treednn", CostQuestion.ONE_TASK, Unit.MACS)
    assert active.cost(CostQuestion.ONE_TASK, Unit.MACS) == study.backbone.macs
    gains = np.array([branch_gains(branch) for branch in results.branches])
    assert stored.gains == pytest.approx(gains.mean(axis=1))
    assert stored.gain == pytest.approx(gains.mean())
    assert stored.n_seeds == len(results.seeds)
    assert stored.interval[0] < stored.gain < stored.interval[1]


def test_the_gain_of_a_branch_has_the_sign_of_the_metric():
    results = load_bundled("treednn").result(TreeResults)
    for branch in results.branches:
        better = branch.specialised["test"] > branch.dedicated["test"]
        if not branch.metric.higher_is_better:
            better = branch.specialised["test"] < branch.dedicated["test"]
        assert ((branch_gains(branch) > 0) == better).all()


@pytest.mark.parametrize("name", ["digits", "paths-hierarchy", "virtual-joint", "treednn"])
def test_gains_of_measured_points_are_means_of_their_seeds(name):
    for point in points(name, CostQuestion.RESIDENT, Unit.PARAMETERS):
        if point.origin is not GainOrigin.MEASURED:
            assert not point.seed_gains
            continue
        assert len(point.seed_gains) == point.n_seeds
        assert np.allclose(np.mean(list(point.seed_gains.values()), axis=0), point.gains)
        assert np.isclose(np.mean(list(point.scores().values())), point.gain)
        if point.family == "layouts":
            # Its noise is pooled over all layouts.
            assert np.isclose(np.mean(point.interval), point.gain)
        else:
            assert np.allclose(point.interval, t_interval(list(point.scores().values())))
        assert set(point.scores(point.tasks[-1]).values()) == {gains[-1] for gains in point.seed_gains.values()}


def test_a_unit_that_does_not_answer_the_question_has_no_point():
    assert points("scenes", CostQuestion.STORED, Unit.MACS) == []
    assert points("treednn", CostQuestion.STORED, Unit.MACS) == []
