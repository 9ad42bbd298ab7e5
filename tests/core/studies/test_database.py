import multiprocessing
import sqlite3
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from core.backbones import Backbone, Block
from core.errors import StudyError
from core.estimators import TwoTaskTable
from core.families.layouts.runs import expand as layout_trainings
from core.families.recombined.runs import similarity_run
from core.families.single.runs import single_run
from core.runs.result import RunState
from core.studies.database import Database
from core.studies.documents import write_npz
from core.studies.record import StudyRecord
from core.studies.schema import VERSION
from tests.core.studies.archive_parts import assert_one_way_out
from tests.core.studies.sections import without

BACKBONE = Backbone("net", (Block("stem", 10, 100),))


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
    assert stored.provenance.finished == record.finished


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
    database.put(record)
    with database.writing() as connection:
        connection.executemany(
            "UPDATE runs SET state = 'done', result = ? WHERE key = ?",
            [(result.model_dump_json(), key) for key, result in results.items()],
        )
    database.put(other)
    assert database.results("other") == results
    database.delete("small")
    assert database.results("other") == results
    database.delete("other")
    with database.reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM runs").fetchone()[0] == 0
        assert connection.execute("SELECT COUNT(*) FROM study_runs").fetchone()[0] == 0


def test_results_from_elsewhere_belong_to_the_study_they_came_with(database, record, results):
    database.put(record)
    name = database.add(replace(record, title="Theirs"), results)
    assert name == "small-2"
    assert database.results("small") == {}
    assert database.results(name) == results
    assert database.record("small").title == record.title
    database.put(replace(record.renamed("later"), title="Made afterwards"))
    assert database.results("later") == {}
    database.delete(name)
    with database.reading() as connection:
        assert connection.execute("SELECT COUNT(*) FROM imported_results").fetchone()[0] == 0


def test_names_that_are_reserved_or_taken_get_a_number(database, table_record):
    found = [database.add(table_record, reserved={"own", "own-3"}) for _ in range(3)]
    assert found == ["own-2", "own-4", "own-5"]


def test_nothing_is_written_where_the_results_are_not_admitted(database, record, results):
    def refuse(n_bytes):
        assert n_bytes == sum(len(result.model_dump_json()) for result in results.values())
        raise StudyError("No room.")

    with pytest.raises(StudyError, match="No room"):
        database.add(record, results, admit=refuse)
    assert not database.path.parent.exists()


def _added(path, number):
    record = StudyRecord("own", ("a", "b"), BACKBONE, table=TwoTaskTable(("a", "b"), np.zeros((2, 2, 2))), title=number)
    return Database(path).add(record)


def test_processes_that_store_one_name_at_once_have_a_study_each(tmp_path):
    path = tmp_path / "home" / "studies.sqlite"
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        names = list(pool.map(_added, [path] * 4, map(str, range(4))))
    assert sorted(names) == sorted({"own", *(f"own-{number}" for number in range(2, 5))})
    assert {line.name: line.title for line in Database(path).studies()} == {
        name: str(number) for number, name in enumerate(names)
    }


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
    with pytest.raises(StudyError, match="can't be used: it is damaged"):
        database.studies()


def test_a_home_inside_a_file_gets_a_sentence(tmp_path, record):
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="can't be made"):
        Database(tmp_path / "file" / "studies.sqlite").put(record)


def test_a_damaged_or_lost_artefact_gets_a_sentence_with_one_way_out(database, table_record):
    database.put(table_record)
    (path,) = (database.path.parent / "artefacts").iterdir()
    path.write_bytes(write_npz({"values": np.zeros(3, np.int64)}))
    with pytest.raises(StudyError, match="damaged: the table should hold") as caught:
        database.study("own")
    assert str(caught.value).count(". ") == 1
    path.unlink()
    with pytest.raises(StudyError, match=r"damaged: the artefact .* can't be read: No such file.*Delete the study"):
        database.study("own")


def test_every_damage_of_a_stored_study_has_one_way_out(database, record, similarity):
    database.put(replace(record, similarity=similarity))
    damages = {
        "specification": [
            "json_remove(specification, '$.tasks')",
            "json_set(specification, '$.zz', 1)",
            "json_set(specification, '$.description', NULL)",
            "json_set(specification, '$.table.seeds', json('[3]'), '$.oracle.seeds', json('[3]'))",
            "json_set(specification, '$.tasks', json('[\"one\"]'))",
        ],
        "tasks": ["json_set(tasks, '$[0].name', 'zz')", "json_set(tasks, '$[0].metrics', json('[]'))", "'1'"],
        "task_names": ["""'["b", "a"]'""", "'[1]'"],
        "backbone": ["json_set(backbone, '$.name', NULL)", "'{}'"],
        "similarity": ["json_set(similarity, '$.values', json('[]'))"],
        "gallery_file": ["''", "'../studies.sqlite'"],
    }
    with database.reading() as connection:
        row = dict(connection.execute("SELECT * FROM studies").fetchone())
    for column, values in damages.items():
        for value in values:
            with database.writing() as connection:
                connection.execute(f"UPDATE studies SET {column} = {value}")
            with pytest.raises(StudyError, match=r'^Study "small" is damaged: [^.].*[^.]\. Delete the study') as caught:
                database.record("small")
            assert_one_way_out(caught.value)
            assert "None" not in str(caught.value)
        with database.writing() as connection:
            connection.execute(f"UPDATE studies SET {column} = ?", (row[column],))
    assert database.record("small").similarity is not None


def test_a_damaged_result_costs_that_run_and_no_other(database, record, results):
    database.put(record, results)
    before = database.results(record.name)
    with database.writing() as connection:
        connection.execute(
            "UPDATE imported_results SET result = '{}' WHERE rowid = (SELECT MIN(rowid) FROM imported_results)"
        )
    after = database.results(record.name)
    assert len(after) == len(before) - 1
    assert all(before[key] == result for key, result in after.items())
    assert database.study(record.name).name == record.name


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


def test_a_visitor_deletes_only_studies_of_their_own(database, table_record):
    database.put(table_record, session="me")
    with pytest.raises(StudyError, match="not yours"):
        database.delete("own", session="other")
    database.delete("own", session="me")
    assert database.studies() == ()
