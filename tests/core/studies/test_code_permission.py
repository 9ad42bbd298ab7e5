"""What a study file, an archive or a pasted text names is never imported unless the owner ran it."""

import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from core.backbones import Backbone, Block
from core.errors import BranchwiseError, CodeError
from core.jobs.dispatcher import Dispatcher
from core.jobs.prepare import prepare
from core.jobs.queue import Queue
from core.jobs.submission import WholeStudy, with_parents
from core.jobs.submit import submit
from core.studies.archive import import_archive, write_archive
from core.studies.code_permission import changed_code, roots_of, with_code
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification, parse_study
from core.tasks import Kind, Task

NAME = "written_by_a_test"
TEXT = f"""
name = "own"
tasks = ["class", "parity"]
[dataset]
name = "digits"
[backbone]
name = "{NAME}:make"
args = {{width = 8}}
blocks = 2
[table]
seeds = [0]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / f"{NAME}.py").write_text("from pathlib import Path\nPath(__file__).with_name('seen').touch()\n")
    return tmp_path


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path / "home"))
    return Database.at_home()


def record_of(root: Path) -> StudyRecord:
    specification = with_code(parse_study(TEXT), [root])
    backbone = Backbone("net", (Block("a", 10, 10**6), Block("b", 30, 10**6)), (3, 32, 32))
    tasks = tuple(Task.usual(name, Kind.CLASSIFICATION, 2) for name in specification.tasks)
    return StudyRecord("own", specification.tasks, backbone, specification, tasks)


def keys_of(specification: StudySpecification | None) -> set[str]:
    assert specification is not None
    return {run.key for run in expand(specification)}


def test_code_arguments_and_its_state_are_part_of_the_key_and_its_folder_is_not(root: Path, tmp_path: Path) -> None:
    first = record_of(root).specification
    (tmp_path / "elsewhere").mkdir()
    (root / f"{NAME}.py").rename(tmp_path / "elsewhere" / f"{NAME}.py")
    assert keys_of(record_of(tmp_path / "elsewhere").specification) == keys_of(first)
    (tmp_path / "elsewhere" / f"{NAME}.py").write_text("x = 2")
    changed = record_of(tmp_path / "elsewhere").specification
    assert not keys_of(changed) & keys_of(first)
    assert first is not None
    assert changed is not None
    assert "has changed" in changed_code(first, changed)[0]
    assert changed_code(first, first) == changed_code(None, first) == []
    wider = first.model_copy(update={"backbone": first.backbone.model_copy(update={"args": {"width": 9}})})
    assert not keys_of(wider) & keys_of(first)


def test_what_the_owner_ran_is_dispatched_with_its_folders(root: Path, database: Database) -> None:
    record = record_of(root)
    assert record.specification is not None
    database.put(record, code=roots_of(record.specification, [root]))
    submit(database, record, [WholeStudy()])
    found = Dispatcher(database).take("host", 3)
    assert [each.code for each in found] == [(str(root),)] * len(found)
    assert found


def test_what_an_archive_brings_is_shown_and_never_dispatched(root: Path, database: Database) -> None:
    name = import_archive(write_archive(record_of(root), {}), database)
    assert database.study(name).name == name
    assert database.code_roots(name) is None
    brought = database.record(name)
    with pytest.raises(CodeError, match=r"branchwise run STUDY\.toml"):
        submit(database, brought, [WholeStudy()])
    assert brought.specification is not None
    runs = with_parents(expand(brought.specification))
    with pytest.raises(CodeError, match=r"branchwise run STUDY\.toml"):
        Queue(database).submit(name, runs)
    with pytest.raises(CodeError):
        Queue(database).retry([run.key for run in runs])
    assert Dispatcher(database).take("host", 99) == []
    # Even if it came into the queue otherwise.
    with database.writing() as connection:
        connection.execute("UPDATE runs SET state = 'queued'")
    assert {each.code for each in Dispatcher(database).take("host", 99)} == {None}


def test_another_copy_of_what_the_owner_ran_is_not_permitted(root: Path, database: Database) -> None:
    database.put(record_of(root), code=(str(root),))
    other = replace(record_of(root), name="copy", title="copy")
    assert database.code_roots(database.add(other)) is None


def test_permission_is_for_one_state_of_the_code_with_its_arguments(root: Path, database: Database) -> None:
    record = record_of(root)
    assert record.specification is not None
    database.put(record, code=(str(root),))
    database.put(record)
    assert database.code_roots("own") == (str(root),)
    backbone = record.specification.backbone.model_copy(update={"args": {"width": 16}})
    database.put(replace(record, specification=record.specification.model_copy(update={"backbone": backbone})))
    assert database.code_roots("own") is None


def test_a_damaged_permission_permits_nothing(root: Path, database: Database) -> None:
    database.put(record_of(root), code=(str(root),))
    with database.writing() as connection:
        connection.execute("UPDATE own_code SET roots = ?", (json.dumps({"a": 1}),))
    assert database.code_roots("own") is None


@pytest.mark.parametrize(
    "name", ["os:system", f"{NAME}:make", f"{NAME}:make.__globals__", "core.jobs:__main__", "subprocess:run"]
)
def test_an_upload_or_paste_imports_nothing(name: str, root: Path, database: Database) -> None:
    text = TEXT.replace(f"{NAME}:make", name)
    known = {*sys.modules}
    with suppress(BranchwiseError):
        prepare(parse_study(text), database)
    assert not (root / "seen").exists()
    assert NAME not in {*sys.modules} - known
    assert not database.has_study("own")


def test_preparing_without_permission_says_the_way_out(root: Path, database: Database) -> None:
    from core.training.prepare_study import prepare_study

    for refused in (lambda: prepare(parse_study(TEXT), database), lambda: prepare_study(parse_study(TEXT))):
        with pytest.raises(CodeError, match=r"branchwise run STUDY\.toml"):
            refused()
    assert not (root / "seen").exists()
