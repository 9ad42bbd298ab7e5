"""Studies for the tests of pages and browser: made-up and seeded numbers, kept by the real database."""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import local_script_runner

from app.plane.scene import Scene
from core.backbones import Backbone, Block
from core.costs import Unit
from core.estimators import TwoTaskTable
from core.families.layouts.predictions import budget_view
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.trained import TrainedView
from core.families.multipath.payload import ExitRecord, LeavingPoint, MatrixPayload, MultiPathPayload
from core.families.multipath.request import MultiPathRequest, PathNetworkRequest
from core.families.multipath.runs import MultiPathRun, PathMatrixRun
from core.runs.result import Environment, RunResult, RunState, Split
from core.runs.run import Payload, Run
from core.studies.database import Database
from core.studies.expand import trainings
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.tasks import Kind, Metric, Task
from tests.made_up_virtual import store_virtual
from tests.own_home import own_home  # noqa: F401  # a fixture of every test
from tests.torch_process import torch_process  # noqa: F401  # a fixture

# A page that estimates time would otherwise measure this machine, for seconds in every new home.
os.environ["BRANCHWISE_CALIBRATION"] = "off"
# How long an example takes says more about the machine than about the code.
settings.register_profile("branchwise", deadline=None)
settings.load_profile("branchwise")
# Every session of a test would otherwise read the metadata of all installed packages in search of components.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
# A run of a page makes tens of thousands of objects, most of them kept: look for garbage less often.
gc.set_threshold(20_000, 20, 50)

MARKED = ("*starred* :red", "$x_1$ & more", "~~gone~~ #1")
# Name → title, tasks and blocks.
MADE_UP = {
    "scenes": ("Made-up scenes", ("segmentation", "normals", "depth"), 5),
    "five": ("Five tasks", ("segmentation", "normals", "depth", "edges", "keypoints"), 5),
    "ten": ("Ten tasks", tuple(f"task {i}" for i in range(10)), 16),
    "forty": ("Forty tasks", tuple(f"task {i}" for i in range(40)), 2),
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
        environment = Environment(device="cpu", machine="a test", threads=1, versions={"torch": "2"})
        return RunResult(
            state=RunState.DONE, metrics=metrics, seconds=1.5, params=500, head_params=9, environment=environment
        )

    record = StudyRecord("trained", names, _backbone(3, timed=True), asked, tasks, title="All trained")
    database.put(record, {run.key: result(run) for run in trainings(asked)})


def _paths(database: Database, keep: Callable[[Run], bool] = lambda _: True) -> None:
    """Store a study of multi-path networks, in which later exits are better, of a task less than of the others."""
    tasks = tuple(
        Task(name, Kind.CLASSIFICATION, (Metric("accuracy", True),), 4) for name in ("loop", "*shape*", "digit")
    )
    names, backbone = tuple(task.name for task in tasks), _backbone(4, timed=True)
    networks = (
        PathNetworkRequest(name="spread", mix="additive", alpha=1.0),
        PathNetworkRequest(name="no teacher", mix="none"),
        PathNetworkRequest(name="hard sharing", assign="shared", mix="none"),
    )
    asked = StudySpecification(
        name="paths",
        title="Made-up paths",
        tasks=names,
        backbone=BackboneSpecification(blocks=4),
        requests={"multipath": MultiPathRequest(seeds=(0, 1, 2), networks=networks, usage={"loop": 3.0, "digit": 1.0})},
    )
    exits = tuple(
        ExitRecord(
            name=str(place), params=sum(block.params for block in backbone.blocks[: place + 1]),
            macs=sum(block.macs for block in backbone.blocks[: place + 1]), output_shape=(8, 16, 16),
            published_params=sum(block.params for block in backbone.blocks[: place + 1]),
            published_macs=sum(block.macs for block in backbone.blocks[: place + 1]),
        )
        for place in range(4)
    )  # fmt: skip

    def accuracy(run: Run, task: int, exit_: int, split: Split) -> dict[str, float]:
        rng = np.random.default_rng([int(run.key[:8], 16), task, exit_, split == "test"])
        reached = 0.9 - 0.12 * task * (3 - exit_) / 3 - 0.01 * (task == 0) * exit_
        return {"accuracy": float(reached + rng.normal(0, 0.004))}

    def result(run: Run) -> RunResult:
        assign = run.assign if isinstance(run, MultiPathRun) else (3,) * 3
        metrics = {
            split: {
                task.name: accuracy(run, place, assign[place], split)
                for place, task in enumerate(tasks)
                if task.name in run.measured_tasks
            }
            for split in ("validation", "test")
        }
        payload: Payload | None = None
        if isinstance(run, MultiPathRun):
            derived = {split: {"loop": {"digit": 0.91}} for split in ("validation", "test")}
            payload = MultiPathPayload(exits=exits, head_params=(9, 9, 9), derived=derived)
        elif isinstance(run, PathMatrixRun):
            payload = MatrixPayload(
                exits=exits,
                head_params=((9,) * 4,) * 3,
                metrics={
                    split: {
                        task.name: tuple(accuracy(run, place, exit_, split) for exit_ in range(4))
                        for place, task in enumerate(tasks)
                    }
                    for split in ("validation", "test")
                },
                leaving={name: tuple(_leaving(exits)) for name in ("loop", "digit")},
            )
        where = Environment(device="cpu", machine="a test", threads=1, versions={"torch": "2"})
        return RunResult(
            state=RunState.DONE, metrics=metrics, seconds=1.5, params=500, head_params=9, environment=where,
            payload=None if payload is None else payload.model_dump(mode="json"),
        )  # fmt: skip

    record = StudyRecord("paths", names, backbone, asked, tasks, title="Made-up paths")
    database.put(record, {run.key: result(run) for run in trainings(asked) if keep(run)})


def _leaving(exits: tuple[ExitRecord, ...]) -> Iterator[LeavingPoint]:
    for place, share in enumerate((0.6, 0.3, 0.0)):
        shares = (share, 0.0, 0.0, 1.0 - share)
        macs = sum(part * exit_.macs for part, exit_ in zip(shares, exits, strict=True))
        yield LeavingPoint(
            wanted=0.7 + 0.1 * place, thresholds=(0.9 + share / 10, 1.0, 1.0), shares=shares, accuracy=0.8 + place / 20,
            macs=macs,
        )  # fmt: skip


def pytest_collection_finish():
    """Leave all that was loaded for the tests out of every later search for garbage."""
    gc.freeze()


def _ended(runner: local_script_runner.LocalScriptRunner, timeout: float = 3) -> None:
    """Wait until a page has run; Streamlit's own function looks every millisecond, and so takes turns with the page."""
    assert runner._script_thread is not None
    runner._script_thread.join(timeout)
    if not runner.script_stopped():
        runner.request_stop()
        raise RuntimeError(f"A page had not run after {timeout} s")


local_script_runner.require_widgets_deltas = _ended


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
    _paths(database)
    store_virtual(database, _backbone(4, timed=True))
    return home


@pytest.fixture
def partly_trained(tmp_path):
    """Give the function that makes a home whose study of multi-path networks has results of some runs only."""

    def made(keep: Callable[[Run], bool]) -> Path:
        _paths(Database(tmp_path / DATABASE_FILE), keep)
        return tmp_path

    return made


@pytest.fixture
def partly_trained_virtual(tmp_path):
    """Give the function that makes a home whose study of deep virtual networks has results of some runs only."""

    def made(keep: Callable[[Run], bool]) -> Path:
        store_virtual(Database(tmp_path / DATABASE_FILE), _backbone(4, timed=True), keep)
        return tmp_path

    return made


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
