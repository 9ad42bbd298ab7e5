"""Two dashboards, two hosts and two ``branchwise run`` of overlapping studies on one home, all at once.

    python benchmarks/crowd.py

It ends with a table and exits 1 where a promise was broken: every run of both studies is trained once and kept, the
database stays sound, one host serves and the others wait or end with a sentence, and no process prints a fault.
"""

import argparse
import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from started import Commands, Opened, Started, open_pages

from core.jobs.jobs_reader import JobsReader
from core.jobs.states import JobState
from core.jobs.submission import with_parents
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.home import DATABASE_FILE
from core.studies.specification import read_study

STUDY = """
name = "{name}"
tasks = {tasks}

[dataset]
name = "scenes"
n_train = 256
n_validation = 64
n_test = 64

[training]
epochs = 2

[table]
seeds = [0]
"""
# The trainings of "depth" and "edges", alone and together, belong to both.
STUDIES = {"first": '["segmentation", "depth", "edges"]', "second": '["depth", "edges", "normals"]'}
PATIENCE = 900.0


def run_keys(files: list[Path]) -> list[set[str]]:
    """Return the keys of the trainings that each study requests."""
    return [{run.key for run in with_parents(expand(read_study(file)))} for file in files]


def main() -> int:
    """Run the trial and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.environ["BRANCHWISE_HOME"] = str(home)
        files = []
        for name, tasks in STUDIES.items():
            files.append(Path(folder) / f"{name}.toml")
            files[-1].write_text(STUDY.format(name=name, tasks=tasks))
        first, second = run_keys(files)
        commands, begun = Commands(home), time.monotonic()
        try:
            hosts = [commands.start("host", "--workers", "1", "--idle", "30") for _ in range(2)]
            runs = [commands.start("run", str(file), "--workers", "1") for file in files]
            addresses = [commands.dashboard() for _ in range(2)]
            pages = _watched(runs, addresses, begun)
            seconds = time.monotonic() - begun
        finally:
            commands.stop()
        faults = [fault for opened in pages for fault in opened.faults]
        faults += _faults_of_commands(commands, hosts, runs)
        counts, found = _checks(Database(home / DATABASE_FILE), first | second)
    faults += found
    print(f"{'runs requested: both, shared':34}{len(first | second):8}{len(first & second):8}")
    for words, n in counts.items():
        print(f"{words:34}{n:8}")
    print(f"{'hosts that served, gave way':34}{sum(_served(host) for host in hosts):8}{sum(map(_gave_way, hosts)):8}")
    print(f"{'pages opened meanwhile':34}{sum(opened.n_pages for opened in pages):8}")
    print(f"{'seconds':34}{seconds:8.0f}")
    print(f"{'broken promises':34}{len(faults):8}")
    for fault in faults[:20]:
        print(f"  {fault}")
    return 1 if faults else 0


def _watched(runs: list[Started], addresses: list[str], begun: float) -> list[Opened]:
    """Open the pages of both dashboards again and again until both studies are trained."""
    pages = []
    while True:
        pages += [asyncio.run(open_pages(url)) for url in addresses]
        if all(run.process.poll() is not None for run in runs) or time.monotonic() - begun > PATIENCE:
            return pages
        time.sleep(3)


def _served(host: Started) -> bool:
    return "Another host" not in host.text()


def _gave_way(host: Started) -> bool:
    return host.process.returncode == 2 and not _served(host)


def _faults_of_commands(commands: Commands, hosts: list[Started], runs: list[Started]) -> list[str]:
    faults = commands.signs()
    for run in runs:
        if run.process.returncode:
            faults.append(f"run ended with {run.process.returncode}: {run.text().strip()[-300:]}")
    for host in hosts:
        if host.process.returncode and not _gave_way(host):
            faults.append(f"host ended with {host.process.returncode}: {host.text().strip()[-300:]}")
    for app in commands.all:
        if app.name == "app" and app.process.returncode:
            faults.append(f"a dashboard ended with {app.process.returncode}: {app.text().strip()[-300:]}")
    return faults


def _checks(database: Database, requested: set[str]) -> tuple[dict[str, int], list[str]]:
    """Return figures of the database after the trial, and what is wrong."""
    with closing(sqlite3.connect(database.path)) as connection:
        integrity = connection.execute("PRAGMA integrity_check").fetchone()[0]
        times = dict(
            connection.execute("SELECT run_key, COUNT(*) FROM log WHERE sentence LIKE 'Done%' GROUP BY run_key")
        )
        kept = {row[0] for row in connection.execute("SELECT key FROM runs WHERE state = 'done' AND result <> ''")}
    states = {state: n for state, n in JobsReader(database).counts(submitted=True).items() if n}
    twice, lost = [key for key, n in times.items() if n > 1], requested - kept
    faults = [f"the run {key} was trained {times[key]} times" for key in twice]
    faults += [f"the run {key} was lost" for key in sorted(lost)]
    if integrity != "ok":
        faults.append(f"the database is damaged: {integrity}")
    if set(states) - {JobState.DONE}:
        faults.append(f"not all runs are done: {states}")
    damage = 0 if integrity == "ok" else 1
    figures = {
        "runs finished": len(kept),
        "trained twice": len(twice),
        "lost": len(lost),
        "faults of the database": damage,
    }
    return figures, faults


if __name__ == "__main__":
    sys.exit(main())
