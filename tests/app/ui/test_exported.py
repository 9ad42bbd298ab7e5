import shutil

import pytest

from app.ui.exported import kept_weights, missing_words
from core.families.layouts.runs import layout_runs
from core.families.layouts.weights import WeightsState
from core.jobs.states import JobState
from core.layouts import Layout
from core.studies.bundled import load_bundled
from core.studies.database import Database
from core.studies.home import DATABASE_FILE

SPLIT = Layout.all_split(3, 3)


@pytest.fixture
def database(studies_home, tmp_path, monkeypatch):
    home = shutil.copytree(studies_home, tmp_path / "home")
    monkeypatch.setenv("BRANCHWISE_HOME", str(home))
    return Database(home / DATABASE_FILE)


def test_what_was_trained_without_weights_says_so(database):
    assert kept_weights(database.study("trained"), SPLIT).state is WeightsState.NOT_KEPT


def test_weights_that_are_kept_are_found_with_their_seed(database):
    study = database.study("trained")
    with database.writing() as connection:
        connection.executemany(
            "UPDATE runs SET weights = ? WHERE key = ?",
            [(f"{run.key}.safetensors", run.key) for run in layout_runs(study.specification, SPLIT, 8)],
        )
    found = kept_weights(study, SPLIT)
    assert (found.state, found.seed, len(found.files)) == (WeightsState.KEPT, 8, 3)


def test_a_bundled_study_that_is_not_stored_was_trained_without_weights(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path / "nothing here yet"))
    study = load_bundled("scenes")
    assert kept_weights(study, study.oracle.layouts[0]).state is WeightsState.NOT_KEPT
    five = load_bundled("scenes5")
    assert kept_weights(five, Layout.all_split(5, 5)).state is WeightsState.NOT_TRAINED
    assert not (tmp_path / "nothing here yet").exists()


def test_a_page_that_is_drawn_while_its_study_trains_does_not_say_that_nothing_is_trained(database):
    study = database.study("trained")
    found = kept_weights(study, SPLIT)
    assert missing_words(study, found) == WeightsState.NOT_KEPT
    with database.writing() as connection:
        connection.execute("UPDATE runs SET state = ? WHERE key = (SELECT min(key) FROM runs)", [JobState.QUEUED])
    assert missing_words(study, found).startswith("No weights were kept when this page was drawn")
