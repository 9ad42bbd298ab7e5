import os

import pytest

from core.errors import JobError
from core.jobs.lease import Lease
from core.jobs.quota import GIGABYTE, Space, check_quota, clean, disk_use, quota_bytes
from core.studies.database import Database

ME = "here/1/x"
OLD = 7200.0


@pytest.fixture
def folder(database):
    """Give a home with two files of ten bytes of each kind, all changed long ago."""
    home = database.path.parent
    for name in ("cache", "checkpoints", "weights", "artefacts"):
        (home / name).mkdir(parents=True)
        for file in ("one", "two"):
            write(database, home / name / f"{file}.npz")
    write(database, home / "host.log")
    return home


def write(database, path, age=OLD):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"0123456789")
    os.utime(path, (database.clock() - age,) * 2)
    return path


def weights_of(database, key):
    name = f"{key}.safetensors"
    write(database, database.path.parent / "weights" / name)
    return name


def sizes(database):
    return {use.space: use.n_bytes for use in disk_use(database).uses}


def removable(database):
    return {use.space: use.n_removable for use in disk_use(database).uses}


def named_and_there(database):
    """Give the weights files that rows name, and those on disk."""
    with database.reading() as connection:
        named = {row[0] for row in connection.execute("SELECT weights FROM runs WHERE weights IS NOT NULL")}
    return named, {path.name for path in (database.path.parent / "weights").iterdir()}


def test_an_empty_machine_uses_nothing_and_looking_makes_nothing(database):
    found = disk_use(database)
    assert (found.n_bytes, found.n_removable) == (0, 0)
    assert [use.space for use in found.uses] == list(Space)
    assert clean(database, Space) == 0
    assert not database.path.parent.exists()


@pytest.mark.parametrize("space", [Space.CACHE, Space.CHECKPOINTS, Space.WEIGHTS, Space.ARTEFACTS])
def test_what_is_cleaned_is_what_was_said_and_nothing_else(database, folder, space):
    before = sizes(database)
    assert before[space] == removable(database)[space] == 20
    assert clean(database, [space]) == 20
    after = sizes(database)
    assert after[space] == 0
    assert {kind for kind in Space if after[kind] != before[kind]} <= {space, Space.DATABASE}
    assert folder.is_dir()


@pytest.mark.usefixtures("queue")
def test_everything_is_what_its_parts_add_up_to(database, folder):
    found = disk_use(database)
    # Looking opens the database, which has files of its own while it is open.
    (stored,) = [use for use in found.uses if use.space is Space.DATABASE]
    others = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(database.path.name)]
    assert found.n_bytes - stored.n_bytes == sum(path.stat().st_size for path in others)
    assert sum(use.n_files for use in found.uses) - stored.n_files == len(others)
    assert stored.n_bytes >= database.path.stat().st_size


def test_the_log_is_emptied_and_stays_where_its_writer_has_it_open(database, folder):
    with (folder / "host.log").open("ab") as log:
        assert clean(database, [Space.LOG]) == 10
        log.write(b"more")
    assert (folder / "host.log").read_bytes() == b"more"


def test_files_somebody_else_put_there_are_not_ours(database, folder):
    (folder / "letter.txt").write_text("dear")
    (folder / "cache" / "mine").mkdir()
    (folder / "cache" / "mine" / "letter.txt").write_text("dear")
    assert removable(database)[Space.CACHE] == 20
    clean(database, Space)
    assert (folder / "letter.txt").exists()
    assert (folder / "cache" / "mine" / "letter.txt").exists()


def test_a_link_is_never_followed(database, folder, tmp_path):
    elsewhere = tmp_path / "elsewhere.npz"
    elsewhere.write_bytes(bytes(1000))
    (folder / "cache" / "link.npz").symlink_to(elsewhere)
    clean(database, Space)
    assert elsewhere.exists()


def test_a_checkpoint_stays_while_its_run_is_in_hand(database, queue, runs, ended):
    queue.submit("small", runs)
    files = {run.key: write(database, database.path.parent / "checkpoints" / f"{run.key}.safetensors") for run in runs}
    (at_work,) = queue.take(ME, 1)
    (done, cancelled, *_) = [dispatch.key for dispatch in queue.take(ME, 2)]
    queue.finish(done, ended())
    queue.finish(cancelled, ended("cancelled"))
    clean(database, [Space.CHECKPOINTS])
    kept = {key for key, path in files.items() if path.exists()}
    assert not kept & {done, cancelled}
    with database.reading() as connection:
        states = dict(connection.execute("SELECT key, state FROM runs"))
    assert kept == {key for key, state in states.items() if state not in ("done", "cancelled", "skipped")}
    assert at_work.key in kept


@pytest.mark.usefixtures("folder")
def test_pictures_stay_while_a_run_looks_at_them(database, queue, runs, ended):
    queue.submit("small", runs)
    assert removable(database)[Space.CACHE] == 20
    (dispatch,) = queue.take(ME, 1)
    assert removable(database)[Space.CACHE] == clean(database, [Space.CACHE]) == 0
    queue.finish(dispatch.key, ended())
    assert clean(database, [Space.CACHE]) == 20


def test_rows_forget_weights_that_are_gone_and_keep_those_that_are_needed(database, queue, runs, ended):
    queue.submit("small", runs, keep_weights=True)
    singles = queue.take(ME, 100)
    for dispatch in singles:
        queue.finish(dispatch.key, ended(), weights=weights_of(database, dispatch.key))
    # Pairs and the oracle's layout are queued now: what they are compared with stays.
    named, there = named_and_there(database)
    assert named == there
    assert len(there) == 6
    assert clean(database, [Space.WEIGHTS]) == 0
    for dispatch in queue.take(ME, 100):
        queue.finish(dispatch.key, ended(), weights=weights_of(database, dispatch.key))
    orphan = weights_of(database, "nobody's")
    assert removable(database)[Space.WEIGHTS] == 10 * len(named_and_there(database)[1])
    assert clean(database, [Space.WEIGHTS]) > 10 * len(singles)
    assert named_and_there(database) == (set(), set())
    assert not (database.path.parent / "weights" / orphan).exists()
    with database.reading() as connection:
        assert {row[0] for row in connection.execute("SELECT state FROM runs")} == {"done"}


def test_weights_of_a_run_that_is_trained_again_stay(database, queue, runs, ended):
    single = runs[:1]
    queue.submit("small", single, keep_weights=True)
    (dispatch,) = queue.take(ME, 1)
    # Written by the worker, and not yet named by the row.
    name = weights_of(database, dispatch.key)
    assert clean(database, [Space.WEIGHTS]) == 0
    queue.finish(dispatch.key, ended(), weights=name)
    assert named_and_there(database) == ({name}, {name})


def test_artefacts_a_study_names_stay_and_so_do_new_ones(database, record):
    from dataclasses import replace

    import numpy as np

    from core.studies.study import Gallery

    pictures = np.zeros((1, 8, 8, 3), dtype=np.uint8)
    database.put(replace(record, gallery=Gallery(pictures, {})))
    artefacts = database.path.parent / "artefacts"
    (named,) = artefacts.iterdir()
    os.utime(named, (database.clock() - OLD,) * 2)
    left = write(database, artefacts / "left.npz")
    new = write(database, artefacts / "new.npz", age=60.0)
    assert clean(database, [Space.ARTEFACTS]) == 10
    assert named.exists()
    assert not left.exists()
    assert new.exists()
    database.delete("small")
    assert removable(database)[Space.ARTEFACTS] == named.stat().st_size


def test_a_draft_goes_when_its_writer_is_long_gone(database, folder, queue, runs):
    queue.submit("small", runs[:1])
    draft = f".{runs[0].key}.safetensors.123.abc"
    old = write(database, folder / "checkpoints" / draft)
    new = write(database, folder / "weights" / draft, age=60.0)
    clean(database, [Space.CHECKPOINTS, Space.WEIGHTS])
    assert not old.exists()
    assert new.exists()


def test_room_inside_the_database_comes_back_unless_a_host_is_at_work(database, record):
    real = Database(database.path)
    real.put(record)
    with real.writing() as connection:
        connection.execute("CREATE TABLE much (x TEXT)")
        connection.execute("INSERT INTO much VALUES (?)", ("x" * 1_000_000,))
    with real.writing() as connection:
        connection.execute("DROP TABLE much")
    assert removable(real)[Space.DATABASE] > 900_000
    lease = Lease(real)
    lease.acquire()
    assert removable(real)[Space.DATABASE] == clean(real, [Space.DATABASE]) == 0
    lease.release()
    assert clean(real, [Space.DATABASE]) > 900_000
    assert sizes(real)[Space.DATABASE] < 900_000
    assert real.record("small").name == "small"


@pytest.mark.usefixtures("queue", "folder")
def test_beyond_the_quota_nothing_more_is_trained(database, monkeypatch):
    check_quota(database)
    used = disk_use(database).n_bytes
    monkeypatch.setenv("BRANCHWISE_QUOTA", str((used + 1) / GIGABYTE))
    check_quota(database)
    monkeypatch.setenv("BRANCHWISE_QUOTA", str(used / GIGABYTE))
    with pytest.raises(JobError, match="Studies page"):
        check_quota(database)
    clean(database, [Space.CACHE])
    check_quota(database)


@pytest.mark.parametrize("text", ["much", "0", "-1", "nan", "inf", "1e9"])
def test_a_quota_that_is_no_size_is_refused(monkeypatch, text):
    monkeypatch.setenv("BRANCHWISE_QUOTA", text)
    with pytest.raises(JobError, match="BRANCHWISE_QUOTA"):
        quota_bytes()


def test_the_quota_is_twenty_gigabytes_where_nobody_said_otherwise(monkeypatch):
    monkeypatch.delenv("BRANCHWISE_QUOTA", raising=False)
    assert quota_bytes() == 20 * 10**9
    monkeypatch.setenv("BRANCHWISE_QUOTA", "0.5")
    assert quota_bytes() == 5 * 10**8
