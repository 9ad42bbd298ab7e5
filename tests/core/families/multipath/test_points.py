"""Multi-path networks on the plane: costs of nested paths from arithmetic, gains from made-up results."""

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.costs import CostQuestion, Unit, block_costs
from core.families.multipath.network import backbone_ladder
from core.families.multipath.payload import ExitRecord, MatrixPayload, MultiPathPayload, records_of
from core.families.multipath.points import multipath_points, network_cost, path_costs
from core.families.multipath.results import MultiPathResults, multipath_results
from core.families.multipath.runs import MultiPathRun, PathMatrixRun, expand
from core.families.single.gain import delta
from core.networks.study_blocks import blocks_of
from core.plane.point import GainOrigin
from core.runs.result import Environment, RunResult, RunState
from core.runs.settings import BackboneSpecification
from core.studies.study import assemble
from core.tasks import Kind, Metric, Task
from core.training.prepare_study import profile
from tests.core.families.multipath.study import study_of

TASKS = tuple(Task.usual(name, Kind.CLASSIFICATION, 4) for name in ("task A", "task B"))
EXITS = tuple(
    ExitRecord(name=name, params=p, macs=m, published_params=p, published_macs=m, output_shape=(2, 4, 4))
    for name, p, m in (("0", 10, 100), ("2.conv1", 40, 250), ("4", 100, 600))
)
# 100 MACs a block, but 200 in blocks 2 and 4's stead: paths end at 100, within block 2, and at 600.
BACKBONE = Backbone(
    "b", tuple(Block(f"b{n}", 20, m, (2, 4, 4), latency=t) for n, (m, t) in enumerate(
        [(100, 1.0), (100, 1.0), (100, 4.0), (100, 1.0), (200, 1.0)]
    )), (3, 16, 16),
)  # fmt: skip
STUDY = study_of(
    'seeds = [0, 1]\nexits = ["0", "2.conv1", "4"]\nusage = {"task A" = 3.0, "task B" = 1.0}\n'
    '[[multipath.networks]]\nassign = [0, 2]\n[[multipath.networks]]\nname = "shared"\nassign = "shared"\n'
)
ENVIRONMENT = Environment(device="cpu", machine="m", threads=1, versions={})


def _done(metrics, payload=None):
    both = dict.fromkeys(("validation", "test"), metrics) if metrics else {}
    return RunResult(state=RunState.DONE, environment=ENVIRONMENT, metrics=both, payload=payload)


def _results(leave_out=()):
    found = {}
    for run in expand(STUDY):
        if isinstance(run, MultiPathRun):
            gain = 0.05 if run.seed == 0 else 0.15
            metrics = {"task A": {"accuracy": 0.5 * (1 + gain)}, "task B": {"accuracy": 0.8 * (1 - gain)}}
            if run.assign == (2, 2):
                metrics = {"task A": {"accuracy": 0.55}, "task B": {"accuracy": 0.88}}
            result = _done(metrics, MultiPathPayload(exits=EXITS, head_params=(9, 18)).model_dump(mode="json"))
        elif isinstance(run, PathMatrixRun):
            rows = {
                "task A": tuple({"accuracy": x} for x in (0.55, 0.5, 0.525)),
                "task B": tuple({"accuracy": x} for x in (0.4, 0.8, 0.96)),
            }
            payload = MatrixPayload(
                exits=EXITS, head_params=((9,) * 3,) * 2, metrics={"validation": rows, "test": rows}
            )
            result = _done(None, payload.model_dump(mode="json"))
        else:
            (task,) = run.tasks
            result = _done({task: {"accuracy": {"task A": 0.5, "task B": 0.8}[task]}})
        if (run.kind, run.seed) not in leave_out:
            found[run.key] = result
    return found


def _study(**options):
    return assemble(STUDY, TASKS, BACKBONE, _results(**options))


@pytest.mark.parametrize(
    "backbone",
    [BackboneSpecification(width=3), BackboneSpecification(name="torchvision:squeezenet1_1", blocks=4)],
    ids=lambda backbone: backbone.name,
)
def test_a_path_to_the_end_of_a_block_costs_what_the_studys_blocks_cost(backbone):
    blocks = blocks_of(backbone, (32, 32))
    profiled = profile(backbone, (32, 32))
    names = [str(number) for number in range(backbone.blocks)]
    exits = records_of(backbone_ladder(blocks, names, (32, 32)).exits)
    for unit in Unit:
        expected = np.cumsum(block_costs(profiled, unit))
        assert path_costs(exits, profiled, unit) == pytest.approx(expected), unit


def test_costs_of_paths_by_unit():
    assert path_costs(EXITS, BACKBONE, Unit.PARAMETERS).tolist() == [10, 40, 100]
    assert path_costs(EXITS, BACKBONE, Unit.BYTES).tolist() == [40, 160, 400]
    assert path_costs(EXITS, BACKBONE, Unit.MACS).tolist() == [100, 250, 600]
    # Half of block 2 by multiply-accumulates is half of its 4 seconds.
    assert path_costs(EXITS, BACKBONE, Unit.LATENCY).tolist() == [1, 4, 8]


def test_each_question_has_its_cost():
    costs = np.array([100.0, 250.0, 600.0])
    found = {question: network_cost((0, 2), costs, question, (0.75, 0.25)) for question in CostQuestion}
    assert found == {
        CostQuestion.STORED: 600,
        CostQuestion.ALL_TASKS: 600,
        CostQuestion.ONE_TASK: 0.75 * 100 + 0.25 * 600,
        CostQuestion.RESIDENT: 600,
    }


@pytest.mark.parametrize("question", CostQuestion)
@pytest.mark.parametrize("unit", Unit)
def test_networks_are_measured_points_and_the_matrix_predicts(question, unit):
    points = multipath_points(_study(), question, unit)
    if unit not in question.units:
        assert points == []
        return
    split, shared, *predicted = points
    costs = path_costs(EXITS, BACKBONE, unit)
    assert split.cost(question, unit) == network_cost((0, 2), costs, question, (0.75, 0.25))
    assert split.origin is GainOrigin.MEASURED
    assert split.gains == pytest.approx((10.0, -10.0))
    assert split.gain == pytest.approx(0.0)
    assert split.interval == pytest.approx((0.0, 0.0), abs=1e-9)
    assert shared.gains == pytest.approx((10.0, 10.0))
    assert split.label == "paths: task A at 0; task B at 4"
    assert shared.cost(question, unit) == costs[2]
    assert all(point.origin is GainOrigin.PREDICTED and point.interval is None for point in predicted)
    assert [point.gain for point in predicted] == sorted(point.gain for point in predicted)
    # Task A is best at the first exit, task B at the last one.
    assert predicted[-1].gains == pytest.approx((10.0, 20.0))
    assert predicted[-1].label == "matrix: task A at 0; task B at 4"
    assert predicted[-1].cost(question, unit) == split.cost(question, unit)


def test_missing_runs_leave_out_their_seed():
    study = _study(leave_out={("multipath", 1)})
    (point, *_) = multipath_points(study, CostQuestion.STORED, Unit.PARAMETERS)
    assert (point.n_seeds, point.interval) == (1, None)
    assert point.gains == pytest.approx((5.0, -5.0))
    study = _study(leave_out={("layout", 0), ("layout", 1)})
    assert multipath_points(study, CostQuestion.STORED, Unit.PARAMETERS) == []
    results = study.result(MultiPathResults)
    assert np.isnan(results.networks[0].gains["test"]).all()
    assert results.networks[0].values["test"][0, 0] == pytest.approx(0.525)


def test_nothing_measured_is_nothing_shown():
    study = assemble(STUDY, TASKS, BACKBONE, {})
    results = study.result(MultiPathResults)
    assert results.exits == ()
    assert results.matrix.mean_gains() is None
    assert multipath_points(study, CostQuestion.ALL_TASKS, Unit.MACS) == []
    assert multipath_results(study_of("", "name = 'x'\ntasks = ['depth', 'edges']\n"), TASKS, {}) is None


def test_backbones_without_times_have_no_points_in_seconds():
    untimed = Backbone(
        "b", tuple(Block(b.name, b.params, b.macs, b.output_shape) for b in BACKBONE.blocks), (3, 16, 16)
    )
    study = assemble(STUDY, TASKS, untimed, _results())
    assert multipath_points(study, CostQuestion.ALL_TASKS, Unit.LATENCY) == []
    assert multipath_points(study, CostQuestion.ALL_TASKS, Unit.MACS)


def test_a_change_relative_to_nothing_is_unknown():
    task = Task("t", Kind.CLASSIFICATION, (Metric("accuracy", True),), 2)
    assert np.isnan(delta({"accuracy": 0.5}, _done({"t": {"accuracy": 0.0}}), "test", task))
    assert np.isnan(delta({"accuracy": 0.5}, None, "test", task))
    assert delta({"accuracy": 0.5}, _done({"t": {"accuracy": 0.4}}), "test", task) == pytest.approx(25)
