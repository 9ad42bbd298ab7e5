"""A small study with made-up, seeded results: closed forms, no training."""

from collections.abc import Callable

import numpy as np
import pytest

from core.affinity import Similarity
from core.backbones import Backbone, Block
from core.estimators import TwoTaskTable
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import expand as layout_trainings
from core.families.single.runs import NetworkRun
from core.runs.result import CurvePoint, Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.studies.study import Gallery
from core.tasks import Kind, Metric, Task

TASKS = (
    Task("a", Kind.SEGMENTATION, (Metric("mIoU", True),), 5),
    Task("b", Kind.DEPTH, (Metric("absolute error", False), Metric("δ < 1.25", True)), 1),
    Task("c", Kind.NORMALS, (Metric("mean angle", False, "°"),), 3),
)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def database(tmp_path, clock):
    return Database(tmp_path / "home" / "studies.sqlite", clock)


@pytest.fixture
def specification():
    return StudySpecification(
        name="small",
        title="A small study",
        tasks=("a", "b", "c"),
        backbone=BackboneSpecification(blocks=2),
        table=TableRequest(seeds=(0, 1)),
        oracle=OracleRequest(seeds=(7, 8)),
    )


@pytest.fixture
def backbone():
    return Backbone("net", (Block("stem", 10, 100, (4, 8, 8), 0.001), Block("body", 30, 50)), (3, 16, 16), "torch 2")


@pytest.fixture
def record(specification, backbone):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (4, 2, 6, 5, 3)).astype(np.uint8)
    gallery = Gallery(pictures[0], {task.name: pictures[i + 1] for i, task in enumerate(TASKS)})
    return StudyRecord(
        "small", ("a", "b", "c"), backbone, specification, TASKS, gallery=gallery, title="A small study", command="x"
    )


@pytest.fixture
def table_record(backbone):
    values = np.random.default_rng(1).normal(size=(3, 3, 3))
    values[..., 0] = 0.0
    values[np.arange(3), np.arange(3)] = 0.0
    values[0, 1, 2] = np.nan
    table = TwoTaskTable(("a", "b", "c"), values)
    return StudyRecord("own", ("a", "b", "c"), backbone, table=table, title="My own table", description="Mine.")


@pytest.fixture
def similarity():
    values = np.array([[[1, 0.25, -0.5], [0.25, 1, 0], [-0.5, 0, 1]]] * 2, dtype=np.float64)
    return Similarity(values, 0, 200)


@pytest.fixture
def result_of() -> Callable[[NetworkRun], RunResult]:
    def result(run: NetworkRun) -> RunResult:
        rng = np.random.default_rng(int(run.key[:8], 16))
        metrics = {
            split: {
                task.name: {metric.name: float(rng.uniform(0.5, 1.0)) for metric in task.metrics}
                for task in TASKS
                if task.name in run.tasks
            }
            for split in ("validation", "test")
        }
        curve = tuple(CurvePoint(step=s, losses={t: round(1.0 / s, 4) for t in run.tasks}) for s in (50, 100))
        return RunResult(
            state=RunState.DONE,
            metrics=metrics,
            curve=curve,
            steps=100,
            seconds=1.5,
            params=sum(n * len(groups) for n, groups in zip((10, 30), run.layout, strict=True)) + 100 * len(run.tasks),
            head_params=100 * len(run.tasks),
            environment=Environment(device="cpu", machine="test bench", threads=1, versions={"torch": "2"}),
        )

    return result


@pytest.fixture
def results(specification, result_of):
    return {run.key: result_of(run) for run in layout_trainings(specification)}
