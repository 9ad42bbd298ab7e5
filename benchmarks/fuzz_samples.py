"""Small sound files of every kind that Branchwise reads; the fuzz damages them."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.backbones import Backbone, Block
from core.backbones.profile_file import write_profile
from core.estimators import TwoTaskTable
from core.estimators.table_file import write_table
from core.families.layouts.request import OracleRequest, TableRequest
from core.jobs.lease import Lease
from core.jobs.queue import Queue
from core.jobs.submission import with_parents
from core.layouts import Layout
from core.runs.result import CurvePoint, Environment, RunResult, RunState
from core.runs.run import Run
from core.studies.archive import write_archive
from core.studies.database import Database
from core.studies.expand import expand, trainings
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification
from core.studies.study_file import write_study
from core.tasks import Kind, Metric, Task

ROOT = Path(__file__).parents[1]
NAMES = ("depth", "*edges*", "normals")
TASKS = tuple(Task(name, Kind.DEPTH, (Metric("absolute error", False),), 1) for name in NAMES)
BACKBONE = Backbone("net", tuple(Block(f"b{i}", 10 * (i + 1), 10**6, (4, 8, 8), 0.001) for i in range(3)), (3, 16, 16))
ASKED = StudySpecification(
    name="small",
    tasks=NAMES,
    backbone=BackboneSpecification(blocks=3),
    table=TableRequest(seeds=(0, 1)),
    oracle=OracleRequest(seeds=(7,), layouts=("0,1,2|0,1,2|0;1,2",)),
)
LAYOUT = Layout.of([[{0, 1, 2}], [{0, 1}, {2}], [{0}, {1}, {2}]])


def _result(run: Run) -> RunResult:
    rng = np.random.default_rng(int(run.key[:8], 16))
    metrics: dict[Any, Any] = {
        split: {name: {"absolute error": float(rng.uniform(0.5, 1.0))} for name in run.measured_tasks}
        for split in ("validation", "test")
    }
    return RunResult(
        state=RunState.DONE,
        metrics=metrics,
        curve=tuple(CurvePoint(step=i, losses=dict.fromkeys(run.measured_tasks, 1.0)) for i in range(3)),
        seconds=1.0,
        steps=2,
        # What the archive's reader holds against the study: its blocks, and a head for each task.
        params=(run.bounds(BACKBONE).block_params or 0) + 5,
        head_params=5,
        environment=Environment(device="cpu", machine="fuzz", threads=1, versions={}),
    )


@cache
def record() -> StudyRecord:
    """Return a measured study of three tasks."""
    return StudyRecord("small", NAMES, BACKBONE, ASKED, TASKS, title="Small")


@cache
def results() -> dict[str, RunResult]:
    """Return its results."""
    return {run.key: _result(run) for run in trainings(ASKED)}


@cache
def table() -> TwoTaskTable:
    """Return a table of its tasks with three seeds."""
    samples = np.random.default_rng(0).normal(size=(3, 3, 3, 4))
    samples[..., 0] = 0.0
    samples[:, np.arange(3), np.arange(3)] = 0.0
    return TwoTaskTable.from_samples(NAMES, samples)


def tables(kind: str) -> list[bytes]:
    """Return the table as files, wide and tidy."""
    return [write_table(table(), form, kind) for form in ("wide", "tidy")]  # type: ignore[arg-type]


def trained_layouts() -> list[bytes]:
    """Return measured gains of layouts."""
    rows = [
        f'"{layout}",1.5,-2,{seed},0.25' for layout in ("0,1,2|0,1,2|0;1,2", "0;1;2|0;1;2|0;1;2") for seed in (0, 1)
    ]
    return ["\n".join([f"layout,{NAMES[0]},{NAMES[1]},seed,{NAMES[2]}", *rows]).encode()]


def study_files() -> list[bytes]:
    """Return study files: the small one and the bundled ones."""
    return [
        write_study(ASKED).encode(),
        *(path.read_bytes() for path in sorted((ROOT / "assets/studies").glob("*.toml"))),
    ]


def profiles() -> list[bytes]:
    """Return backbone profiles."""
    names = ("small_residual_8", "resnet18")
    return [
        write_profile(BACKBONE).encode(),
        *((ROOT / f"assets/backbones/{name}.json").read_bytes() for name in names),
    ]


def _saved(save: Callable[[io.BytesIO], None]) -> bytes:
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


def tensors() -> list[bytes]:
    """Return affinities and losses as NPY and NPZ."""
    affinity = np.stack([np.eye(3) * 0.5 + 0.5] * 4)
    losses = np.random.default_rng(1).uniform(0.1, 1.0, (2, 3, 3, 20))
    return [
        _saved(lambda stream: np.save(stream, affinity)),
        _saved(lambda stream: np.savez(stream, affinity=affinity, tasks=np.array(["a", "b", "c"]))),
        _saved(lambda stream: np.savez_compressed(stream, losses=losses)),
    ]


def tensor_csv() -> list[bytes]:
    """Return an affinity tensor as CSV."""
    rows = [f"{d},{a},{b},{1.0 if a == b else 0.5}" for d in range(2) for a in range(3) for b in range(3)]
    return ["\n".join(["depth,task_a,task_b,value", *rows]).encode()]


def archives() -> list[bytes]:
    """Return archives of a measured study and of a table."""
    own = StudyRecord("own", NAMES, BACKBONE, table=table(), title="Own")
    return [write_archive(record(), results()), write_archive(own, {})]


def tree_manifests() -> list[bytes]:
    """Return the manifest of the deployed tree that comes with Branchwise."""
    return [(ROOT / "assets/trees/treednn/manifest.json").read_bytes()]


def labels() -> list[bytes]:
    """Return a ``labels.csv``."""
    splits = ("train", "validation", "test")
    rows = [
        f"pictures/{i}.png,{'cat' if i % 2 else 'dog'},{'old' if i % 3 else 'young'},{splits[i // 4 % 3]}"
        for i in range(24)
    ]
    return ["\n".join(["file,animal,age,split", *rows]).encode()]


def pictures() -> list[bytes]:
    """Return pictures of several formats, depths and modes."""
    rng = np.random.default_rng(2)
    colours, grey = rng.integers(0, 256, (20, 24, 3), dtype=np.uint8), rng.integers(0, 65536, (20, 24), dtype=np.uint16)
    found = [_saved(lambda stream, kind=kind: Image.fromarray(colours).save(stream, kind)) for kind in _KINDS]
    return [*found, _saved(lambda stream: Image.fromarray(grey).save(stream, "PNG"))]


_KINDS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "PPM")


def write_home(folder: Path) -> Path:
    """Write a home with two studies, results, runs in the queue, progress, logs and a host; return its database."""
    database = Database(folder / DATABASE_FILE)
    database.put(StudyRecord("own", NAMES, BACKBONE, table=table(), title="Own"))
    database.put(record(), results())
    Queue(database).submit("small", with_parents(expand(ASKED)), session="x")
    with database.writing() as connection:
        connection.execute("UPDATE runs SET result = (SELECT result FROM imported_results WHERE run_key = key)")
        connection.execute("UPDATE runs SET state = 'done' WHERE rowid % 3 AND result IS NOT NULL")
        connection.execute("""INSERT INTO progress SELECT key, 1, '{"depth": 1.0}' FROM runs WHERE state = 'queued'""")
        connection.execute("INSERT INTO log SELECT key, 1.0, 'Attempt 1' FROM runs")
        connection.execute("INSERT INTO log SELECT key, 1.0, hex(zeroblob(3000)) FROM runs")
        # Pages that are free again are damaged, too.
        connection.execute("DELETE FROM log WHERE length(sentence) > 3000")
    Lease(database, owner="lab/1/x").acquire()
    database.compact()  # nothing is left in the log beside the file
    return database.path
