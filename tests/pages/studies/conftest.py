"""Homes of their own, with studies of which nothing is trained."""

from pathlib import Path

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.estimators import TwoTaskTable
from core.families.layouts.request import TableRequest
from core.studies.bundled import open_bundled
from core.studies.database import Database
from core.studies.dataset_specification import ScenesSpecification
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification, TrainingSettings
from tests.pages.studies.studies_page import NASTY

BLOCKS = Backbone("net", tuple(Block(f"b{i}", 10 * (i + 1), 10**6) for i in range(5)), (3, 16, 16))


def table(tasks: tuple[str, ...]) -> TwoTaskTable:
    return TwoTaskTable(tasks, np.zeros((len(tasks), len(tasks), BLOCKS.n_blocks + 1)))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    return Database.at_home()


@pytest.fixture
def nasty(home: Database) -> Database:
    home.put(StudyRecord("nasty", NASTY, BLOCKS, table=table(NASTY), title="*My* study"))
    return home


@pytest.fixture
def measured(home: Database) -> StudyRecord:
    """Give a stored study of which nothing is trained."""
    asked = StudySpecification(
        name="small",
        title="Small one",
        dataset=ScenesSpecification(n_train=64, n_validation=16, n_test=16, size=16, noise=0.1),
        tasks=("depth", "edges"),
        training=TrainingSettings(epochs=7, optimizer="sgd", average=0.5),
        table=TableRequest(seeds=(0, 1)),
    )
    found = {task.name: task for task in open_bundled("scenes5").record.tasks}
    record = StudyRecord("small", asked.tasks, BLOCKS, asked, tuple(found[name] for name in asked.tasks))
    home.put(record)
    return record
