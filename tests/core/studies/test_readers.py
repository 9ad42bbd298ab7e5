import shutil
import sqlite3
import threading
from contextlib import closing, suppress
from dataclasses import replace

import pytest

from core.errors import StudyError
from core.studies.database import Database
from core.studies.readers import KEPT_FILES, KEPT_PER_FILE, Reader, Readers
from core.studies.schema import VERSION


def names(database):
    return [line.name for line in database.studies()]


def test_a_read_borrows_the_connection_of_the_last_one(database, record):
    database.put(record)
    with database.reading() as first:
        pass
    with database.reading() as again, database.reading() as nested:
        assert again is first
        assert nested is not first


def test_a_kept_connection_sees_what_others_write(database, record):
    assert names(database) == []
    database.put(record)
    assert names(database) == ["small"]
    with closing(sqlite3.connect(database.path)) as other, other:
        other.execute("UPDATE studies SET name = 'renamed'")
    assert names(database) == ["renamed"]
    database.delete("renamed")
    assert names(database) == []


def test_a_file_that_was_replaced_is_another_file(database, record, tmp_path):
    database.put(record)
    assert names(database) == ["small"]
    elsewhere = Database(tmp_path / "elsewhere" / database.path.name)
    elsewhere.put(
        replace(record, name="other", specification=record.specification.model_copy(update={"name": "other"}))
    )
    with closing(sqlite3.connect(elsewhere.path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    elsewhere.path.replace(database.path)
    assert names(database) == ["other"]


def test_a_file_that_was_removed_is_an_empty_database_and_may_be_written_anew(database, record):
    database.put(record)
    assert names(database) == ["small"]
    shutil.rmtree(database.path.parent)
    assert names(database) == []
    assert not database.path.parent.exists()
    database.put(replace(record, title="Anew"))
    assert [line.title for line in database.studies()] == ["Anew"]
    # Nothing that was kept of the removed file took the new one's log with it.
    assert [line.title for line in Database(database.path).studies()] == ["Anew"]
    with closing(sqlite3.connect(database.path)) as other:
        assert other.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.parametrize("stored", [False, True])
def test_a_reader_never_writes(database, record, stored):
    if stored:
        database.put(record)
    with pytest.raises(StudyError, match="can't be used: attempt to write a readonly database"):  # noqa: SIM117
        with database.reading() as connection:
            connection.execute("DELETE FROM studies")
    assert names(database) == (["small"] if stored else [])


def test_a_connection_is_not_kept_after_a_fault(database, record):
    database.put(record)
    used = []
    with suppress(KeyError), database.reading() as connection:
        used.append(connection)
        raise KeyError
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        used[0].execute("SELECT 1")
    assert names(database) == ["small"]


def test_a_newer_branchwise_that_migrates_meanwhile_is_noticed(database, record):
    database.put(record)
    assert names(database) == ["small"]
    with closing(sqlite3.connect(database.path)) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StudyError, match="made by a newer Branchwise"):
        database.studies()


def test_threads_that_read_at_once_never_share_a_connection(database, record):
    database.put(record)
    together, found = threading.Barrier(2 * KEPT_PER_FILE), []

    def read():
        with database.reading() as connection:
            found.append(connection)
            together.wait()

    threads = [threading.Thread(target=read) for _ in range(together.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == together.parties


def test_no_more_is_kept_than_was_promised(tmp_path):
    readers, opened = Readers(), []

    def open_(path):
        opened.append(sqlite3.connect(path, check_same_thread=False, factory=Reader))
        return opened[-1]

    def is_open(reader):
        with suppress(sqlite3.ProgrammingError):
            reader.execute("SELECT 1")
            return True
        return False

    for number in range(2 * KEPT_FILES):
        path = tmp_path / f"{number}.sqlite"
        path.touch()
        with readers.lent(path, open_), readers.lent(path, open_):
            pass
    assert [is_open(reader) for reader in opened] == [False] * 2 * KEPT_FILES + [True] * 2 * KEPT_FILES
    readers.close()
    assert not any(map(is_open, opened))


def test_what_was_found_is_found_again_only_after_somebody_wrote(database, record):
    database.put(record)
    calls = []

    def look():
        with database.reading() as connection:
            return connection.unchanged("count", lambda: calls.append(1) or len(calls))

    assert [look(), look(), look()] == [1, 1, 1]
    database.put(record)
    assert [look(), look()] == [2, 2]
