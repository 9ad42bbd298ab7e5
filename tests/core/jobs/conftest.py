"""A small study whose runs end as a test says, and a tiny one that is really trained."""

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.families.layouts.request import OracleRequest, TableRequest
from core.jobs.dispatcher import Dispatcher
from core.jobs.submission import with_parents
from core.runs.label import RunLabel
from core.runs.result import Environment, RunResult, RunState
from core.studies.database import Database
from core.studies.dataset_specification import ScenesSpecification
from core.studies.expand import expand
from core.studies.home import DATABASE_FILE
from core.studies.record import StudyRecord
from core.studies.specification import BackboneSpecification, StudySpecification, TrainingSettings
from core.tasks import Kind, Metric, Task

TASKS = tuple(Task(name, Kind.DEPTH, (Metric("error", False),), 1) for name in ("a", "b", "c"))


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
        tasks=("a", "b", "c"),
        backbone=BackboneSpecification(blocks=2),
        table=TableRequest(seeds=(0,)),
        oracle=OracleRequest(seeds=(7,), layouts=("0,1,2|0,1;2",)),
    )


@pytest.fixture
def record(specification):
    backbone = Backbone("net", (Block("stem", 10, 10**6), Block("body", 30, 2 * 10**6)), (3, 16, 16))
    return StudyRecord("small", ("a", "b", "c"), backbone, specification, TASKS)


@pytest.fixture
def runs(specification):
    return with_parents(expand(specification))


@pytest.fixture
def queue(database, record):
    database.put(record)
    return Dispatcher(database)


@pytest.fixture
def ended():
    """Give the function that makes up how a run ended."""

    def result(state="done", sentence="", **more):
        rng = np.random.default_rng(0)
        metrics = {
            split: {name: {"error": float(rng.uniform(0.5, 1.0))} for name in "abc"} for split in ("validation", "test")
        }
        return RunResult(
            state=RunState(state),
            sentence=sentence,
            metrics=metrics if state == "done" else {},
            steps=10,
            seconds=1.0,
            environment=Environment(device="cpu", machine="test bench", threads=1, versions={}),
            **more,
        )

    return result


@pytest.fixture
def states(database):
    """Give the function that reads label in one line → state of every run."""

    def read():
        with database.reading() as connection:
            rows = connection.execute("SELECT label, state FROM runs").fetchall()
        return {str(RunLabel.from_json(row[0])): row[1] for row in rows}

    return read


TINY = StudySpecification(
    name="tiny",
    dataset=ScenesSpecification(n_train=16, n_validation=8, n_test=8, size=16),
    # Normals this little trained have "within 11.25°" at zero, against which no Δ can be said.
    tasks=("depth", "edges"),
    training=TrainingSettings(batch_size=8, epochs=1),
    table=TableRequest(seeds=(0,)),
    oracle=OracleRequest(seeds=(5,), layouts=("0,1|0,1|0,1|0,1|0;1", "0;1|0;1|0;1|0;1|0;1")),
)


@pytest.fixture
def tiny():
    return TINY


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def stored(tiny, home):
    """Give the database that holds the tiny study, ready to be trained."""
    from core.training.prepare_study import prepare_study

    database = Database(home / DATABASE_FILE)
    database.put(prepare_study(tiny)[0])
    return database
