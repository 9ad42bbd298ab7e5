"""A snapshot of the home folder: what it reads once, and what it must see all the same."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import StudyError
from core.studies.connection import close_readers
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.readers import Reader
from core.studies.snapshot import home_snapshot


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(tmp_path / "studies.sqlite")
    with found.writing():
        pass
    yield found
    close_readers()


def _reader(database: Database) -> Reader:
    with database.reading() as reader:
        return reader


def test_a_snapshot_reads_with_one_connection_which_it_gives_back(database: Database) -> None:
    with home_snapshot():
        with database.reading() as outer, database.reading() as inner:
            assert outer is inner
        assert _reader(database) is outer
    assert _reader(database) is outer


def test_what_others_write_meanwhile_is_seen(database: Database) -> None:
    def n_events() -> int:
        with database.reading() as reader:
            return int(reader.execute("SELECT COUNT(*) FROM log").fetchone()[0])

    with home_snapshot():
        assert n_events() == 0
        with sqlite3.connect(database.path) as other:
            other.execute("INSERT INTO log (run_key, time, sentence) VALUES ('a', 0, 'b')")
        assert n_events() == 1


def test_the_first_write_makes_a_file_that_the_same_snapshot_reads(tmp_path: Path) -> None:
    database = Database(tmp_path / "studies.sqlite")
    with home_snapshot():
        before = _reader(database)
        with database.writing():
            pass
        with database.reading() as after:
            assert after is not before
            assert after.execute("PRAGMA database_list").fetchone()["file"] == str(database.path)


def test_a_fault_costs_the_connection_and_nothing_else(database: Database) -> None:
    with home_snapshot():
        with pytest.raises(StudyError), database.reading() as broken:
            broken.execute("SELECT * FROM nothing")
        assert _reader(database) is not broken


def test_what_ends_a_snapshot_does_not_close_its_connection(database: Database) -> None:
    readers = []

    def interrupted() -> None:
        with home_snapshot():
            readers.append(_reader(database))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert _reader(database) is readers[0]


def test_threads_read_apart(database: Database) -> None:
    found: list[Reader] = []
    with home_snapshot(), database.reading() as reader:
        thread = threading.Thread(target=lambda: found.append(_reader(database)))
        thread.start()
        thread.join()
    assert found[0] is not reader


def test_the_home_is_checked_once_and_anew_for_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path / "one"))
    with home_snapshot():
        first = Database.at_home()
        assert Database.at_home() is first
        monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path / "two"))
        assert Database.at_home().path == tmp_path / "two" / DATABASE_FILE
    assert Database.at_home() is not first
