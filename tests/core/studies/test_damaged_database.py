"""Whatever damage does to the database: a sentence, never a traceback, and a bad row costs that row."""

import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from benchmarks.mutations import CELLS, of_database
from core.errors import BranchwiseError
from core.jobs.dispatcher import Dispatcher
from core.jobs.estimate import speed, speed_of_study
from core.jobs.jobs_reader import JobsReader
from core.jobs.lease import Lease, current_host
from core.jobs.queue import Queue
from core.jobs.queue_progress import n_sessions, queue_progress
from core.jobs.quota import disk_use
from core.jobs.states import JobState
from core.jobs.submission import with_parents
from core.studies.archive import export_study, open_archive
from core.studies.bundled import open_bundled
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.study_list import size_of, stored_lines


@pytest.fixture
def busy(database, record, table_record, results):
    """A database with a table, a study with results, runs in the queue, their progress and log, and a host."""
    database.put(table_record)
    database.put(record, results)
    Queue(database).submit("small", with_parents(expand(record.specification)))
    with database.writing() as connection:
        connection.execute("UPDATE runs SET result = (SELECT result FROM imported_results WHERE run_key = key)")
        connection.execute("UPDATE runs SET state = 'done' WHERE rowid % 2 AND result IS NOT NULL")
        connection.execute("""INSERT INTO progress SELECT key, 1, '{"depth": 1.0}' FROM runs WHERE state = 'queued'""")
        connection.execute("INSERT INTO log SELECT key, 1.0, 'Attempt 1' FROM runs")
    Lease(database, owner="lab/1/x").acquire()
    database.compact()
    return database


def read_everything(database: Database) -> int:
    """Call everything that reads rows; return how many of them ended with a sentence."""
    reader, queue = JobsReader(database), Queue(database)
    keys = ["x"]

    def of_lines():
        lines = reader.lines(states=tuple(JobState), limit=500)
        keys.extend(line.key for line in lines)
        assert all(str(line.label) and 0 <= line.fraction <= 1 for line in lines)

    readers = [
        database.studies, lambda: stored_lines(database), lambda: size_of(database, "small"),
        lambda: database.study("small"), lambda: database.study("own"), lambda: database.results("small"), of_lines,
        reader.counts, lambda: reader.last_losses(keys), lambda: database.kept_weights(keys),
        lambda: [(reader.line(key), reader.curve(key), reader.log(key)) for key in keys[:20]],
        lambda: current_host(database), lambda: n_sessions(database),
        lambda: queue_progress(database, lambda name: speed_of_study(database, name)),
        queue.n_active, lambda: queue.keys(tuple(JobState)), lambda: disk_use(database), lambda: speed(database),
    ]  # fmt: skip
    n_sentences = 0
    for read in readers:
        try:
            read()
        except BranchwiseError:
            n_sentences += 1
    return n_sentences


@pytest.fixture
def damaged(busy, tmp_path):
    """Give the function that returns a copy of the database after a damage."""
    content = busy.path.read_bytes()

    def copy(damage) -> Database:
        folder = tmp_path / f"copy{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        found = Database(folder / busy.path.name)
        found.path.write_bytes(content)
        shutil.copytree(busy.path.parent / "artefacts", folder / "artefacts")
        damage(found.path)
        return found

    return copy


def in_cell(table, column, key, value):
    def damage(path):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            name = "name" if table == "studies" else "key"
            connection.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {name} = ?", (value, key))
            connection.commit()

    return damage


def some_cells(column):
    """Give a third of the bad cells, another one for each column; benchmarks/fuzz.py tries all."""
    return CELLS[len(column) % 3 :: 3]


def test_random_damage_gets_a_sentence(busy, damaged):
    assert read_everything(busy) == 0
    for seed in range(16):
        read_everything(damaged(lambda path, seed=seed: of_database(path, random.Random(seed))))


@pytest.mark.parametrize("column", ["task_names", "specification", "tasks", "backbone", "title", "updated", "session"])
def test_a_bad_cell_of_a_study_costs_no_other_study(damaged, column):
    for value in some_cells(column):
        database = damaged(in_cell("studies", column, "small", value))
        assert {line.name for line in database.studies()} == {"small", "own"}, value
        assert {line.name for line in stored_lines(database)} == {"small", "own"}, value
        assert database.study("own").table is not None


@pytest.mark.parametrize("column", ["result", "label", "state", "work", "step", "asked", "attempt", "specification"])
def test_a_bad_cell_of_a_run_costs_no_other_run(busy, damaged, column):
    before = {line.key for line in JobsReader(busy).lines(limit=500)}
    bad, n_results = min(before), len(busy.results("small"))
    for value in some_cells(column):
        database = damaged(in_cell("runs", column, bad, value))
        assert {line.key for line in JobsReader(database).lines(limit=500)} >= before - {bad}, value
        assert len(database.results("small")) >= n_results - 1, value
        assert read_everything(database) == 0, value
        # The host goes on with the others.
        queued = Queue(database).keys([JobState.QUEUED])
        assert len(Dispatcher(database).take("lab/1/x", 500)) >= len(queued), value


def test_a_run_whose_result_is_damaged_is_trained_again(busy, record):
    with busy.writing() as connection:
        connection.execute("DELETE FROM imported_results")
        connection.execute("UPDATE runs SET state = 'done' WHERE result IS NOT NULL")
        bad = connection.execute("SELECT MIN(key) FROM runs WHERE result IS NOT NULL").fetchone()[0]
        connection.execute("UPDATE runs SET result = '{' WHERE key = ?", (bad,))
    assert bad not in busy.results("small")
    runs = [run for run in with_parents(expand(record.specification)) if run.key == bad]
    assert Queue(busy).submit("small", runs).n_new == 1


@pytest.mark.parametrize(
    ("kind", "place", "value"),
    [
        ("dedicated", "$.metrics", "{}"),
        ("generalised", "$.metrics.test", "{}"),
        ("generalised", "$.payload.rows", "3"),
        ("specialised", "$.payload.digests", '{"": "x"}'),
        ("grafted", "$.payload", "null"),
    ],
)
def test_a_result_that_lacks_what_its_run_measures_costs_that_run(tmp_path, kind, place, value):
    database, bundled = Database(tmp_path / "studies.sqlite"), open_bundled("treednn")
    database.put(bundled.record, bundled.results)
    whole = database.study("treednn").provenance.n_done
    with database.writing() as connection:
        connection.execute(
            "UPDATE imported_results SET result = json_set(result, ?, json(?)) "
            "WHERE run_key = (SELECT key FROM runs WHERE kind = ? LIMIT 1)",
            (place, value, kind),
        )
    assert database.study("treednn").provenance.n_done == whole - 1
    # What is exported can be imported again, without that run.
    assert len(open_archive(export_study(database, "treednn")).results) == whole - 1
