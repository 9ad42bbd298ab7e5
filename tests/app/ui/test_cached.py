import numpy as np
import pytest

from app.ui import cached
from core.backbones import Backbone, Block
from core.errors import StudyError
from core.estimators import TwoTaskTable
from core.studies.bundled import bundled_studies
from core.studies.database import Database
from core.studies.record import StudyRecord

RECORD = StudyRecord(
    "mine", ("x", "y"), Backbone("net", (Block("a", 1, 1),)), table=TwoTaskTable(("x", "y"), np.zeros((2, 2, 2)))
)


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    return Database.at_home()


def test_outside_of_a_run_every_change_is_seen_at_once(database):
    assert cached.version_of("mine") == ""
    database.put(RECORD)
    first = cached.version_of("mine")
    assert first
    database.put(RECORD)
    assert cached.version_of("mine") != first
    database.delete("mine")
    assert "mine" not in cached.study_names()


def test_a_run_sees_one_state_and_the_next_run_the_new_one(database):
    with cached.snapshot():
        assert cached.version_of("mine") == ""
        database.put(RECORD)
        assert cached.version_of("mine") == ""
        with pytest.raises(StudyError, match='no study "mine"'):
            cached.study("mine")
    with cached.snapshot():
        assert cached.study("mine").task_names == ("x", "y")
        database.delete("mine")
        assert "mine" in cached.study_names()
    assert "mine" not in cached.study_names()


def failing_run():
    with cached.snapshot():
        assert cached.version_of("mine") == ""
        raise StudyError("stopped")


def test_a_run_that_fails_leaves_nothing_behind(database):
    with pytest.raises(StudyError, match="stopped"):
        failing_run()
    database.put(RECORD)
    assert cached.version_of("mine")


def test_a_study_of_this_machine_wins_over_a_bundled_one_of_its_name(database):
    name = bundled_studies()[0]
    assert cached.study(name).title == cached.study_names()[name]
    database.put(StudyRecord(name, RECORD.task_names, RECORD.backbone, table=RECORD.table, title="Mine"))
    assert cached.study(name).title == cached.study_names()[name] == "Mine"
