import sqlite3
import threading
from dataclasses import replace

import numpy as np
import pytest

from core.errors import StudyError
from core.families.layouts.runs import expand as layout_trainings
from core.families.recombined.runs import similarity_run
from core.families.single.runs import single_run
from core.runs.result import RunState
from core.studies.database import Database
from core.studies.schema import VERSION
from tests.core.studies.sections import without


def test_reading_makes_nothing(database):
    assert database.studies() == ()
    assert database.results("small") == {}
    with pytest.raises(StudyError, match=r'no study "small"\. Nothing is stored yet'):
        database.record("small")
    assert not database.path.parent.exists()


def test_a_study_comes_back_as_it_was_stored(database, record):
    database.put(record)
    again = database.record("small")
    assert again.specification == record.specification
    assert (again.tasks, again.backbone, again.command) == (record.tasks, record.backbone, "x")
    np.testing.assert_array_equal(again.gallery.inputs, record.gallery.inputs)
    line = database.studies()[0]
    assert (line.name, line.title, line.kind) == ("small", "A small study", "measured")
    assert (line.n_runs, line.n_done, line.n_failed, line.n_running) == (
        len(layout_trainings(record.specification)),
        0,
        0,
        0,
    )


def test_a_table_study_needs_no_runs(database, table_record):
    database.put(table_record)
    study = database.study("own")
    np.testing.assert_array_equal(study.table.values, table_record.table.values)
    assert (study.title, study.description, study.oracle) == ("My own table", "Mine.", None)
    assert database.studies()[0].kind == "table"


def test_results_make_the_same_study_as_without_a_database(database, record, results):
    database.put(record, results)
    stored, direct = database.study("small"), record.study(results)
    np.testing.assert_array_equal(stored.table.samples, direct.table.samples)
    np.testing.assert_array_equal(stored.oracle.test, direct.oracle.test)
    assert stored.provenance.n_done == stored.provenance.n_runs == len(results)
    assert stored.provenance.seconds == 1.5 * len(results)
    assert stored.provenance.machines == ("test bench",)
    assert stored.provenance.finished == "1970-01-12T13:46:40+00:00"


def test_results_come_in_the_order_that_the_study_requests(database, record, results):
    some = dict(list(results.items())[5:9])
    database.put(record, dict(reversed(some.items())))
    assert list(database.results("small").items()) == list(some.items())


def test_storing_again_keeps_what_is_done(database, record, results):
    database.put(record, results)
    database.put(replace(record, title="New title"))
    assert database.studies()[0].title == "New title"
    assert database.results("small") == results


def test_what_is_done_here_is_not_overwritten_by_results_from_elsewhere(database, record, results):
    key = next(iter(results))
    database.put(record, {key: results[key]})
    database.put(record, {key: results[key].model_copy(update={"seconds": 99.0})})
    assert database.results("small")[key].seconds == 1.5


def test_a_failed_run_is_replaced_by_a_result_from_elsewhere(database, record, results):
    key = next(iter(results))
    failed = results[key].model_copy(update={"state": RunState.FAILED, "sentence": "Diverged.", "metrics": {}})
    database.put(record, {key: failed})
    assert database.studies()[0].n_failed == 1
    assert database.results("small")[key].sentence == "Diverged."
    database.put(record, results)
    assert database.studies()[0].n_failed == 0


def test_runs_are_shared_between_studies(database, record, results):
    other = replace(record, name="other", specification=record.specification.model_copy(update={"name": "other"}))
    database.put(record, results)
    database.put(other)
    assert database.results("other") == results
    database.delete("small")
    assert database.results("other") == results
    database.delete("other")
    with database.reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 0
        assert connection.execute("SELECT COUNT(*) FROM study_runs").fetchone()[0] == 0


def test_deleting_leaves_the_run_that_somebody_trains(database, record):
    database.put(record)
    key = next(run.key for run in layout_trainings(record.specification))
    with database.writing() as connection:
        connection.execute("UPDATE runs SET state = 'running', owner = 'me/1/x' WHERE key = ?", (key,))
    database.delete("small")
    with database.reading() as connection:
        assert [row[0] for row in connection.execute("SELECT key FROM runs")] == [key]
    with pytest.raises(StudyError, match='no study "small"'):
        database.delete("small")


def test_a_smaller_study_of_the_same_name_keeps_the_runs_it_still_asks_for(database, record, results):
    database.put(record, results)
    smaller = without(record.specification, "oracle")
    database.put(replace(record, specification=smaller))
    assert set(database.results("small")) == {run.key for run in layout_trainings(smaller)}


def test_a_failed_transaction_leaves_nothing(database, record):
    def fail_midway():
        with database.writing() as connection:
            connection.execute("DELETE FROM studies")
            raise KeyboardInterrupt

    database.put(record)
    with pytest.raises(KeyboardInterrupt):
        fail_midway()
    assert [line.name for line in database.studies()] == ["small"]


def test_many_threads_may_write_at_once(database, record, results):
    faults = []

    def work(part):
        try:
            database.put(record, dict(part))
        except Exception as fault:
            faults.append(fault)

    items = list(results.items())
    threads = [threading.Thread(target=work, args=(items[n::6],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert database.results("small") == results


def test_a_newer_database_is_refused_and_left_alone(database):
    database.path.parent.mkdir()
    connection = sqlite3.connect(database.path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = database.path.read_bytes()
    with pytest.raises(StudyError, match="made by a newer Branchwise"):
        database.studies()
    with pytest.raises(StudyError, match="made by a newer Branchwise"):
        database.delete("small")
    assert database.path.read_bytes()[100:] == before[100:]


def test_a_file_that_is_no_database_gets_a_sentence(database):
    database.path.parent.mkdir()
    database.path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StudyError, match="can't be used: file is not a database"):
        database.studies()


def test_a_home_inside_a_file_gets_a_sentence(tmp_path, record):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="can't be made"):
        Database(tmp_path / "file" / "studies.sqlite").put(record)


def test_a_lost_artefact_gets_a_sentence(database, table_record):
    database.put(table_record)
    for path in (database.path.parent / "artefacts").iterdir():
        path.unlink()
    with pytest.raises(StudyError, match="can't be read: No such file"):
        database.study("own")


def test_a_damaged_result_gets_a_sentence(database, record, results):
    database.put(record, results)
    with database.writing() as connection:
        connection.execute(
            "UPDATE runs SET result = '{}' WHERE rowid = (SELECT MIN(rowid) FROM runs WHERE state = 'done')"
        )
    with pytest.raises(StudyError, match="damaged"):
        database.study(record.name)


def test_a_comparison_without_its_payload_counts_as_not_made(database, record, results, result_of):
    run = similarity_run(record.specification)
    assert run is not None
    database.put(record, {**results, run.key: result_of(single_run(record.specification, 0, 0))})
    assert database.study(record.name).similarity is None


def test_a_study_whose_specification_is_damaged_can_be_replaced(database, record, similarity):
    database.put(replace(record, similarity=similarity))
    with database.writing() as connection:
        connection.execute("UPDATE studies SET specification = '{}'")
    database.put(record)
    assert database.record(record.name).specification == record.specification
