from pathlib import Path

import numpy as np
import pytest

from app.studies.exchange import archive_of, record_of, toml_of
from core.backbones import Backbone, Block
from core.errors import StudyError
from core.estimators import TwoTaskTable
from core.studies.archive import read_archive
from core.studies.bundled import bundled_studies, open_bundled
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.specification import parse_study

BACKBONE = Backbone("net", (Block("a", 1, 1), Block("b", 2, 2)))
TABLE = TwoTaskTable(("x", "y"), np.zeros((2, 2, 3)))


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    return Database.at_home()


def test_a_stored_study_is_exported_whole(database: Database) -> None:
    database.put(StudyRecord("mine", ("x", "y"), BACKBONE, table=TABLE))
    assert read_archive(archive_of("mine")).backbone == BACKBONE
    with pytest.raises(StudyError, match="nobody"):
        archive_of("nobody")


# Archives are written in seconds where results are many.
LARGE = {"five", "mnist5k4"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LARGE)) for name in bundled_studies()]
)
def test_a_bundled_study_is_a_file_that_asks_for_the_same(database: Database, name: str) -> None:
    assert parse_study(toml_of(name)) == open_bundled(name).record.specification
    assert read_archive(archive_of(name)).title == record_of(name).title
    assert not database.path.exists()


def test_a_table_has_no_study_file(database: Database) -> None:
    database.put(StudyRecord("mine", ("x", "y"), BACKBONE, table=TABLE))
    with pytest.raises(StudyError, match="nothing to train"):
        toml_of("mine")


def test_what_is_stored_wins_over_what_is_bundled(database: Database) -> None:
    name = bundled_studies()[0]
    database.put(StudyRecord(name, ("x", "y"), BACKBONE, table=TABLE))
    assert record_of(name).task_names == ("x", "y")
    assert read_archive(archive_of(name)).task_names == ("x", "y")
