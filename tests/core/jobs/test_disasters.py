"""What the world does to a host: killed workers, a full disk, power cuts."""

import hashlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import psutil
import pytest

from core.errors import DiskError, StudyError
from core.families.layouts.runs import TableSubmission
from core.jobs.engine import EngineSettings
from core.jobs.headless import run_study
from core.jobs.host import serve
from core.jobs.jobs_reader import JobsReader
from core.jobs.launch import ensure_host
from core.jobs.lease import current_host
from core.jobs.queue import Queue
from core.jobs.states import JobState
from core.jobs.submit import submit

HERE = EngineSettings(workers=2, memory=10**9, processes=False)


def until(condition):
    """Wait for something that another process brings about."""
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.05)


@pytest.fixture
def submitted(tiny, stored):
    """Give the database with two runs that take some seconds each."""
    from core.training.prepare_study import prepare_study

    long = tiny.model_copy(update={"training": tiny.training.model_copy(update={"epochs": 250})})
    stored.put(prepare_study(long)[0])
    submit(stored, stored.record("tiny"), [TableSubmission((0,), singles_only=True)])
    return stored


def kill_a_worker_and_the_host(database):
    """End a worker of the host that runs, and then that host, in the middle of their work."""
    reader = JobsReader(database)

    def at_work():
        return any(line.step > 4 for line in reader.lines(states=[JobState.RUNNING]))

    until(at_work)
    host = psutil.Process(int(current_host(database).owner.split("/")[1]))
    for child in host.children(recursive=True):
        if "spawn_main" in " ".join(child.cmdline()):
            child.kill()
            break
    until(at_work)
    host.kill()
    host.wait(20)
    assert not current_host(database).alive


def assert_nothing_is_lost(database, home):
    lines = JobsReader(database).lines(states=[JobState.DONE])
    assert len(lines) == 2
    assert max(line.attempt for line in lines) >= 2
    with closing(sqlite3.connect(database.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        twice = "SELECT run_key FROM log WHERE sentence LIKE 'Done%' GROUP BY run_key HAVING COUNT(*) > 1"
        assert not connection.execute(twice).fetchall()
    # What was half written when its worker was killed begins with a dot and is cleaned up later.
    assert not [path for path in (home / "checkpoints").iterdir() if not path.name.startswith(".")]


def test_a_killed_worker_and_a_killed_host_lose_nothing(submitted, home):
    queue = Queue(submitted)
    process = subprocess.Popen([sys.executable, "-m", "core.jobs", "--workers", "1"], env=os.environ)
    until(lambda: current_host(submitted) is not None)
    kill_a_worker_and_the_host(submitted)
    process.wait()
    serve(submitted, HERE, should_stop=lambda: not queue.n_active())
    assert_nothing_is_lost(submitted, home)


@pytest.mark.slow
def test_after_a_host_that_was_killed_another_is_started(submitted, home):
    queue = Queue(submitted)
    assert ensure_host(submitted, wait=True)
    assert not ensure_host(submitted)
    kill_a_worker_and_the_host(submitted)
    assert ensure_host(submitted, wait=True)
    until(lambda: not queue.n_active())
    os.kill(int(current_host(submitted).owner.split("/")[1]), signal.SIGTERM)
    until(lambda: current_host(submitted) is None)
    assert_nothing_is_lost(submitted, home)


def test_results_that_find_a_full_disk_wait_for_room(stored):
    with stored.writing() as connection:
        # Stands for a disk that takes no more: every attempt to store a result fails.
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON runs WHEN NEW.state = 'done' "
            "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
        )
    submit(stored, stored.record("tiny"), [TableSubmission((0,), singles_only=True)])
    ended, reader = threading.Event(), JobsReader(stored)
    host = threading.Thread(target=serve, args=(stored, HERE), kwargs={"should_stop": ended.is_set})
    host.start()
    try:
        until(lambda: (found := current_host(stored)) is not None and found.report.get("unsaved"))
        assert reader.counts()[JobState.DONE] == 0
        with stored.writing() as connection:
            connection.execute("DROP TRIGGER full")
        until(lambda: reader.counts()[JobState.DONE] == 2)
    finally:
        ended.set()
        host.join()
    assert all(line.attempt == 1 for line in reader.lines(states=[JobState.DONE]))


def test_a_checkpoint_that_cannot_be_written_is_a_sentence(stored, home):
    (home / "checkpoints").write_text("a file where the folder should be")
    summary = run_study("tiny", stored, HERE)
    assert summary.n_done == 0
    assert any("checkpoints can't be made" in sentence for sentence in summary.faults.values())


def test_a_disk_that_takes_no_file_interrupts_runs_until_it_does(stored, home):
    checkpoints = home / "checkpoints"
    checkpoints.symlink_to("/sys/kernel")  # takes no file, not even the administrator's
    submit(stored, stored.record("tiny"), [TableSubmission((0,), singles_only=True)])
    with pytest.raises(DiskError):
        serve(stored, HERE, patience=0.0)
    counts = JobsReader(stored).counts(submitted=True)
    assert not counts[JobState.FAILED] + counts[JobState.SKIPPED]
    assert counts[JobState.INTERRUPTED]
    assert any(
        "can't be written" in line.sentence or "read-only" in line.sentence for line in JobsReader(stored).lines()
    )
    checkpoints.unlink()
    summary = run_study("tiny", stored, HERE)
    assert (summary.n_done, summary.n_failed) == (summary.n_runs, 0)


def test_no_run_starts_where_nothing_can_be_stored(stored):
    submit(stored, stored.record("tiny"), [TableSubmission((0,), singles_only=True)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The database still takes its rows; what a run would write is too much.
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        with pytest.raises(StudyError, match="full"):
            serve(stored, HERE, patience=0.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    lines = JobsReader(stored).lines(submitted=True)
    assert lines
    assert not any(line.attempt for line in lines)


WRITER = """
import hashlib, os, sqlite3, sys
from pathlib import Path
from core.studies.home import write_whole
from core.studies.database import Database

folder = Path(sys.argv[1])
database = Database(folder / "studies.sqlite")
with database.writing() as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS named (file TEXT)")
print("ready", flush=True)
while True:
    content = os.urandom(3_000_000)
    name = hashlib.sha256(content).hexdigest()
    write_whole(folder / "artefacts" / name, content)
    with database.writing() as connection:
        connection.execute("INSERT INTO named VALUES (?)", (name,))
"""


def test_a_process_killed_while_it_writes_leaves_no_half_file_that_a_row_names(tmp_path):
    for pause in (0.0, 0.011, 0.05, 0.13, 0.31):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        writer.stdout.readline()
        time.sleep(pause)
        writer.kill()
        writer.wait()
        writer.stdout.close()
    with closing(sqlite3.connect(tmp_path / "studies.sqlite")) as connection:
        names = [row[0] for row in connection.execute("SELECT file FROM named")]
    assert names
    for name in names:
        assert hashlib.sha256((tmp_path / "artefacts" / name).read_bytes()).hexdigest() == name
