import json
import sqlite3
import threading
from contextlib import closing

import pytest

from core.errors import StudyError
from core.families.single.runs import single_run
from core.runs.label import RunLabel
from core.studies.family import kinds
from core.studies.schema import MIGRATIONS, VERSION, migrate


def tables(connection):
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_new_database_gets_every_table_and_its_version():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, "x")
        assert tables(connection) == {
            *(
                "studies",
                "runs",
                "study_runs",
                "run_parents",
                "progress",
                "auto",
                "log",
                "host",
                "imported_results",
                "retrained",
                "own_code",
            )
        }
        assert connection.execute("PRAGMA user_version").fetchone()[0] == VERSION == len(MIGRATIONS)
        migrate(connection, "x")


def test_a_database_of_the_first_version_keeps_its_studies_and_gains_what_was_added():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for statement in MIGRATIONS[0].split(";\n"):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        row = ("old", "table", "Old", "", "[]", None, "[]", "{}", "x.npz", None, "", "", 1.0, 2.0)
        connection.execute(f"INSERT INTO studies VALUES (1, {', '.join('?' * len(row))})", row)
        connection.execute("INSERT INTO runs (key, specification) VALUES ('k', '{}')")
        connection.execute(
            "INSERT INTO runs (key, specification, state, owner, expires) VALUES ('r', '{}', 'running', 'me', 1)"
        )
        connection.execute("INSERT INTO runs (key, specification, state, result) VALUES ('d', '{}', 'done', '{}')")
        connection.execute("INSERT INTO study_runs VALUES (1, 0, 'k')")
        migrate(connection, "x")
        states = dict(connection.execute("SELECT key, state FROM runs").fetchall())
        assert states == {"k": "planned", "r": "interrupted", "d": "done"}
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT * FROM studies").fetchall() == [(1, *row, None, "")]
        assert connection.execute("SELECT key FROM runs JOIN study_runs ON key = run_key").fetchall() == [("k",)]
        assert connection.execute("PRAGMA user_version").fetchone()[0] == VERSION


def test_a_newer_one_is_refused():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 99")
        with pytest.raises(StudyError, match="x has schema 99, made by a newer Branchwise"):
            migrate(connection, "x")


def test_processes_that_start_together_migrate_once(tmp_path):
    faults = []

    def start():
        with closing(sqlite3.connect(tmp_path / "x.sqlite", isolation_level=None, timeout=30)) as connection:
            try:
                migrate(connection, "x")
            except Exception as fault:
                faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO runs (key, specification, state) VALUES ('k', '{}', 'done')",
        "INSERT INTO runs (key, specification, state) VALUES ('k', '{}', 'running')",
        "INSERT INTO runs (key, specification, state) VALUES ('k', '{}', 'sleeping')",
        "INSERT INTO runs (key, specification, owner) VALUES ('k', '{}', 'me')",
        "INSERT INTO study_runs VALUES (1, 0, 'k')",
    ],
)
def test_rows_that_make_no_sense_are_refused(statement):
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, "x")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)


@pytest.mark.parametrize("text", ["", "5", "[" * 9999, '{"layout": []}', '{"layout": [], "tasks": [], "seed": 0}'])
@pytest.mark.parametrize("kind", sorted(kinds()))
def test_no_damaged_specification_stops_the_migration(specification, kind, text):
    if text.startswith('{"layout'):
        text = json.dumps(single_run(specification, 1, 7).model_dump(mode="json") | json.loads(text))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for script in MIGRATIONS[:3]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute("PRAGMA user_version = 3")
        connection.execute("INSERT INTO runs (key, kind, specification) VALUES ('bad', ?, ?)", (kind, text))
        migrate(connection, "x")
        assert RunLabel.from_json(connection.execute("SELECT label FROM runs").fetchone()[0]).kind == kind


@pytest.mark.parametrize("version", [1, 2, 3])
def test_runs_of_earlier_versions_get_a_label_and_a_device(specification, version):
    run = single_run(specification, 1, 7).on("auto")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for script in MIGRATIONS[:version]:
            for statement in script.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.executemany(
            "INSERT INTO runs (key, specification) VALUES (?, ?)", [(run.key, run.model_dump_json()), ("bad", "{}")]
        )
        migrate(connection, "x")
        found = {key: rest for key, *rest in connection.execute("SELECT key, label, device FROM runs")}
        assert RunLabel.from_json(found[run.key][0]) == run.label
        assert found[run.key][1] == "auto"
        # What can't be read is still listed.
        assert RunLabel.from_json(found["bad"][0]) == RunLabel("layout")
        assert "layouts" not in tables(connection)
