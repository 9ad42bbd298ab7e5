"""Studies for the tests of pages and browser: made-up and seeded numbers, kept by the real database."""

import os
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from app.plane.scene import Scene
from core.backbones import Backbone, Block
from core.costs import Unit
from core.estimators import TwoTaskTable
from core.families.layouts.predictions import budget_view
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.trained import TrainedView
from core.runs.result import Environment, RunResult, RunState
from core.runs.run import Run
from core.studies.database import Database
from core.studies.expand import trainings
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Metric, Task

# Two workers of pytest share the cores; each with a thread per core would wait for the other's. Set before torch loads.
for library in ("OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
# A page that estimates time would otherwise measure this machine, for seconds in every new home.
os.environ["BRANCHWISE_CALIBRATION"] = "off"
# How long an example takes says more about the machine than about the code.
settings.register_profile("branchwise", deadline=None)
settings.load_profile("branchwise")

MARKED = ("*starred* :red", "$x_1$ & more", "~~gone~~ #1")
# Name → title, tasks and blocks.
MADE_UP = {
    "scenes": ("Made-up scenes", ("segmentation", "normals", "depth"), 5),
    "five": ("Five tasks", ("segmentation", "normals", "depth", "edges", "keypoints"), 5),
    "ten": ("Ten tasks", tuple(f"task {i}" for i in range(10)), 16),
    "forty": ("Forty tasks", tuple(f"task {i}" for i in range(40)), 8),
    "marked": ("Names that look like *Markdown*", MARKED, 3),
}


def _table(tasks: tuple[str, ...], n_blocks: int, rng: np.random.Generator) -> TwoTaskTable:
    n, points = len(tasks), np.arange(n_blocks + 1)
    peak = rng.uniform(0.2, 0.8, (n, n, 1)) * n_blocks
    mean = 4 * np.exp(-(((points - peak) / (n_blocks * 0.3)) ** 2)) - 8 * (points / n_blocks) ** 4 * rng.random(
        (n, n, 1)
    )
    samples = mean + rng.normal(0, 0.5, (3, n, n, n_blocks + 1))
    samples[..., 0] = 0.0
    samples[:, np.arange(n), np.arange(n)] = 0.0
    return TwoTaskTable.from_samples(tasks, samples)


def _backbone(n_blocks: int, *, timed: bool) -> Backbone:
    return Backbone(
        "made-up",
        tuple(
            Block(f"block{i}", 1000 * 2 ** min(i, 9), 1_000_000 + 250_000 * i, (8, 16, 16), 0.001 if timed else None)
            for i in range(n_blocks)
        ),
    )


def _trained(database: Database) -> None:
    """Store a study of which every layout "was trained"."""
    tasks = (
        Task("*shape*", Kind.CLASSIFICATION, (Metric("accuracy", True),), 5),
        Task("far", Kind.DEPTH, (Metric("error", False, "m"), Metric("δ < 1.25", True)), 1),
        Task("facing", Kind.NORMALS, (Metric("angle", False, "°"),), 3),
    )
    names = tuple(task.name for task in tasks)
    asked = StudySpecification(
        name="trained",
        title="All trained",
        tasks=names,
        backbone=BackboneSpecification(blocks=3),
        table=TableRequest(seeds=(0, 1, 2)),
        oracle=OracleRequest(seeds=(7, 8)),
    )

    def result(run: Run) -> RunResult:
        rng = np.random.default_rng(int(run.key[:8], 16))
        kept = [task for task in tasks if task.name in run.measured_tasks]
        metrics = {
            split: {task.name: {metric.name: float(rng.uniform(0.7, 1.0)) for metric in task.metrics} for task in kept}
            for split in ("validation", "test")
        }
        surroundings = Environment(device="cpu", machine="a test", threads=1, versions={"torch": "2"})
        return RunResult(
            state=RunState.DONE, metrics=metrics, seconds=1.5, params=500, head_params=9, environment=surroundings
        )

    record = StudyRecord("trained", names, _backbone(3, timed=True), asked, tasks, title="All trained")
    database.put(record, {run.key: result(run) for run in trainings(asked)})


@pytest.fixture(autouse=True)
def own_main_module():
    """Keep ``__main__`` what it is: a page that was run stays there, and processes started later would run it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session")
def studies_home(tmp_path_factory) -> Path:
    """A folder for ``BRANCHWISE_HOME`` with studies of 3 to 40 tasks, one with every layout trained."""
    home = tmp_path_factory.mktemp("home")
    database, rng = Database(home / DATABASE_FILE), np.random.default_rng(1)
    for name, (title, tasks, n_blocks) in MADE_UP.items():
        backbone = _backbone(n_blocks, timed=name != "marked")
        database.put(StudyRecord(name, tasks, backbone, table=_table(tasks, n_blocks, rng), title=title))
    _trained(database)
    return home


@pytest.fixture(scope="session")
def study_of(studies_home):
    """Give the made-up study of a name."""
    return cache(Database(studies_home / DATABASE_FILE).study)


@pytest.fixture(scope="session")
def scene_of(study_of):
    """Give the plane of a made-up study, made once: large ones take seconds."""

    @cache
    def scene(name: str, unit: Unit = Unit.PARAMETERS, shown: bool = False) -> Scene:
        view = budget_view(study_of(name), "uniform", unit)
        oracle = view.study.oracle
        return Scene(view, TrainedView(view, oracle) if oracle else None, shown)

    return scene
