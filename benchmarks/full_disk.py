"""Fill the disk of a home while a study is trained, make room again; then the same with a read-only home.

    python benchmarks/full_disk.py

Where it may mount (root on Linux), the home is a file system of its own in memory, which is filled and remounted
read-only. Elsewhere a limit on the size of files stands for the full disk, and the rights of the folder for the
read-only one. It ends with a table and exits 1 where a promise was broken: all pages open and say what is wrong, the
bundled studies work, no run fails, and every run is done after there is room.
"""

import argparse
import asyncio
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from started import PAGES, Commands, Started, open_pages

from core.errors import StudyError
from core.jobs.jobs_reader import JobsReader
from core.jobs.states import JobState
from core.studies.connection import close_readers
from core.studies.database import Database
from core.studies.home import DATABASE_FILE

STUDY = """
name = "{name}"
tasks = ["depth", "edges"]

[dataset]
name = "scenes"
n_train = 640
n_validation = 64
n_test = 64

[training]
epochs = 4

[table]
seeds = [{seed}]
"""
SIZE = 64_000_000
# Long, so that a busy machine only makes the trial longer.
PATIENCE = 1800.0
FAILED = (JobState.FAILED, JobState.SKIPPED, JobState.CANCELLED)
UNFINISHED = (JobState.INTERRUPTED, JobState.QUEUED, JobState.WAITING, JobState.RUNNING)


@dataclass(slots=True)
class Disk:
    """The disk of a home, which can be filled and made read-only.

    Args:
        home: The folder.
        is_mounted: Whether it is a file system of its own.
    """

    home: Path
    is_mounted: bool

    @contextmanager
    def full(self, processes: Callable[[], list[psutil.Process]]) -> Iterator[None]:
        """Leave no room for anything."""
        ended = threading.Event()

        def fill() -> None:
            while not ended.wait(0.1):
                if self.is_mounted:
                    self._fill()
                else:
                    _limit(processes(), 1)

        thread = threading.Thread(target=fill, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            (self.home / "filler").unlink(missing_ok=True)
            if not self.is_mounted:
                _limit(processes(), resource.RLIM_INFINITY)

    def _fill(self) -> None:
        # What others delete meanwhile is taken, too.
        with suppress(OSError), (self.home / "filler").open("ab", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Let nothing be written."""
        if self.is_mounted:
            _mount("-o", "remount,ro", str(self.home))
        else:
            self._allow(0o500, 0o400)
        try:
            yield
        finally:
            if self.is_mounted:
                _mount("-o", "remount,rw", str(self.home))
            else:
                self._allow(0o700, 0o600)

    def _allow(self, folders: int, files: int) -> None:
        for path in [self.home, *self.home.rglob("*")]:
            path.chmod(folders if path.is_dir() else files)


def _limit(processes: list[psutil.Process], size: int) -> None:
    for process in processes:
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, hard))


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)


@contextmanager
def disk() -> Iterator[Disk]:
    """Return a small disk for a home."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        try:
            _mount("-t", "tmpfs", "-o", f"size={SIZE},mode=700", "branchwise", str(home))
        except (OSError, subprocess.CalledProcessError):
            yield Disk(home, is_mounted=False)
            return
        try:
            yield Disk(home, is_mounted=True)
        finally:
            subprocess.run(["umount", "--lazy", str(home)], check=True)


@dataclass(slots=True)
class Trial:
    """One home, its commands, and the promises that were broken."""

    disk: Disk
    folder: Path
    commands: Commands
    faults: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    _done: dict[str, str] = field(default_factory=dict)

    def study(self, name: str, seed: int) -> Path:
        """Write a study file."""
        file = self.folder / f"{name}.toml"
        file.write_text(STUDY.format(name=name, seed=seed))
        return file

    def processes(self) -> list[psutil.Process]:
        """Return every process of the commands at work."""
        found = []
        for started in self.commands.all:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(started.process.pid)
                found += [process, *process.children(recursive=True)]
        return found

    def counts(self, name: str) -> dict[JobState, int]:
        """Return state → number of runs of a study; empty where the database can't be read at this moment."""
        try:
            reader = JobsReader(Database(self.disk.home / DATABASE_FILE))
            return {state: n for state, n in reader.counts(study=name).items() if n}
        except StudyError:
            return {}

    def results(self) -> dict[str, str]:
        """Return run key → result as it is kept."""
        with closing(sqlite3.connect(f"file:{self.disk.home / DATABASE_FILE}?mode=ro", uri=True)) as connection:
            return {row[0]: row[1] for row in connection.execute("SELECT key, result FROM runs WHERE state = 'done'")}

    def wait(self, words: str, condition: Callable[[], bool]) -> bool:
        """Wait for something that other processes bring about; a fault where they don't."""
        until = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > until:
                self.faults.append(f"within {PATIENCE:.0f} s not so: {words}")
                return False
            time.sleep(0.3)
        return True

    def is_at_work(self, name: str) -> bool:
        """Return whether some run is done and another has made steps."""
        try:
            lines = JobsReader(Database(self.disk.home / DATABASE_FILE)).lines(study=name)
        except StudyError:
            return False
        return any(line.state is JobState.DONE for line in lines) and any(
            line.state is JobState.RUNNING and line.step for line in lines
        )

    def look(self, words: str, name: str, url: str, notice: str) -> None:
        """Open all pages while something is wrong, and note what they say and in which states the runs are."""
        opened = asyncio.run(open_pages(url))
        # Punctuation is escaped there, so that nothing becomes a link or bold.
        n_said = sum(notice in text.replace("\\", "") for text in opened.notices)
        counts = self.counts(name)
        self.faults += [f"{words}: {fault}" for fault in opened.faults]
        if n_said < len(PAGES):
            self.faults.append(f"{words}: {n_said} of {len(PAGES)} pages say it: {opened.notices[:1]}")
        if any(counts.get(state) for state in FAILED):
            self.faults.append(f"{words}: runs failed: {counts}")
        n_left = sum(counts.get(state, 0) for state in UNFINISHED)
        if not counts.get(JobState.INTERRUPTED):
            self.faults.append(f"{words}: no run is interrupted: {counts}")
        self.rows.append(
            f"{words:34}{opened.n_pages:7}{n_said:7}{counts.get(JobState.DONE, 0):7}"
            f"{counts.get(JobState.INTERRUPTED, 0):13}{n_left - counts.get(JobState.INTERRUPTED, 0):9}"
            f"{sum(counts.get(state, 0) for state in FAILED):8}"
        )

    def ended(self, words: str, started: Started, reason: str) -> None:
        """Wait until a command ends; it ends with code 2 and a sentence that says the reason."""
        if self.wait(f"{words}: {started.name} ends", lambda: started.process.poll() is not None):
            said = started.text().strip().splitlines()
            if started.process.returncode != 2 or not said or reason not in said[-1]:
                self.faults.append(f"{words}: {started.name} ended with {started.process.returncode}: {said[-3:]}")

    def finished(self, words: str, name: str, begun: float) -> None:
        """Note that all runs are done, and that no finished result has changed."""
        self.wait(f"{words}: all runs are done", lambda: set(self.counts(name)) == {JobState.DONE})
        results = self.results()
        self.faults += [
            f"{words}: the finished run {key} was lost or changed"
            for key, result in self._done.items()
            if results.get(key) != result
        ]
        self._done = results
        counts = self.counts(name)
        left = sum(counts.values()) - counts.get(JobState.DONE, 0)
        self.rows.append(
            f"{'  then, with room':34}{'':14}{counts.get(JobState.DONE, 0):7}{0:13}{left:9}{0:8}"
            f"{time.monotonic() - begun:9.0f} s"
        )


def main() -> int:
    """Run the trial and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, disk() as small:
        os.environ["BRANCHWISE_HOME"] = str(small.home)
        trial = Trial(small, Path(folder), Commands(small.home))
        try:
            full_while_run(trial)
            full_while_host(trial)
            read_only(trial)
        finally:
            trial.commands.stop()
        trial.faults += trial.commands.signs()
        with closing(sqlite3.connect(small.home / DATABASE_FILE)) as connection:
            integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if integrity != "ok":
            trial.faults.append(f"the database is damaged: {integrity}")
    print("the home: " + ("a disk of its own" if small.is_mounted else "a folder with limits"))
    print(f"{'':34}{'pages':>7}{'say so':>7}{'done':>7}{'interrupted':>13}{'waiting':>9}{'failed':>8}")
    for row in trial.rows:
        print(row)
    print(f"{'broken promises':34}{len(trial.faults):7}")
    for fault in trial.faults[:20]:
        print(f"  {fault}")
    return 1 if trial.faults else 0


def full_while_run(trial: Trial) -> None:
    """Fill the disk under ``branchwise run``, which ends with a sentence and continues when it is run again."""
    words, file = "disk full under branchwise run", trial.study("with-run", 0)
    run = trial.commands.start("run", str(file), "--workers", "2")
    url = trial.commands.dashboard()
    trial.wait(f"{words}: a run is done", lambda: trial.is_at_work("with-run"))
    with trial.disk.full(trial.processes):
        trial.ended(words, run, "full")
        trial.look(words, "with-run", url, "is full")
    begun = time.monotonic()
    again = trial.commands.start("run", str(file), "--workers", "2")
    trial.finished(words, "with-run", begun)
    trial.wait(f"{words}: run again, it ends", lambda: again.process.poll() is not None)
    if again.process.returncode:
        trial.faults.append(f"{words}: run again, it ended with {again.process.returncode}: {again.text()[-300:]}")


def full_while_host(trial: Trial) -> None:
    """Fill the disk under a host, which waits for room and continues by itself."""
    words, file = "disk full under a host", trial.study("with-host", 1)
    url = trial.commands.dashboard()
    host = trial.commands.start("host", "--workers", "2")
    run = trial.commands.start("run", str(file))
    trial.wait(f"{words}: a run is done", lambda: trial.is_at_work("with-host"))
    # The host has the runs now; this command would only wait for them.
    trial.commands.stop([run])
    with trial.disk.full(trial.processes):
        trial.wait(f"{words}: runs are interrupted", lambda: bool(trial.counts("with-host").get(JobState.INTERRUPTED)))
        trial.look(words, "with-host", url, "is full")
    begun = time.monotonic()
    trial.finished(words, "with-host", begun)
    if host.process.poll() is not None:
        trial.faults.append(f"{words}: the host ended with {host.process.returncode}: {host.text()[-300:]}")
    trial.commands.stop()


def read_only(trial: Trial) -> None:
    """Start everything on a read-only home with a study half trained, then make it writable again."""
    words, file = "read-only home", trial.study("read-only", 2)
    run = trial.commands.start("run", str(file), "--workers", "2")
    trial.wait(f"{words}: a run is done", lambda: trial.is_at_work("read-only"))
    trial.commands.stop([run])
    # A file system with a file open for writing can't be made read-only.
    close_readers()
    with trial.disk.read_only():
        url = trial.commands.dashboard()
        refused = [trial.commands.start("host", "--workers", "2"), trial.commands.start("run", str(file))]
        for started in refused:
            trial.ended(words, started, "read-only")
        trial.look(words, "read-only", url, "is read-only")
    begun = time.monotonic()
    again = trial.commands.start("run", str(file), "--workers", "2")
    trial.finished(words, "read-only", begun)
    trial.wait(f"{words}: run again, it ends", lambda: again.process.poll() is not None)
    if again.process.returncode:
        trial.faults.append(f"{words}: run again, it ended with {again.process.returncode}: {again.text()[-300:]}")


if __name__ == "__main__":
    sys.exit(main())
