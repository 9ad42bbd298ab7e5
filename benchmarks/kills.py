"""Kill workers, hosts and dashboards at random while a study is trained, and see that nothing is lost.

    python benchmarks/kills.py --kills 20 --seed 0

Only processes that this script started are killed. It ends with a table and exits 1 where a promise was broken:
every run ends done, no finished result changes or disappears, none is recorded twice, the database is sound, and
every run gives exactly the metrics that it gives uninterrupted.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from core.families.layouts.request import TableRequest
from core.families.layouts.runs import LayoutSubmission, TableSubmission
from core.jobs.engine import ALLOWED_DEATHS
from core.jobs.instructions import pinned_instructions
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.launch import ensure_host
from core.jobs.lease import current_host
from core.jobs.prepare import prepare
from core.jobs.queue import Queue
from core.jobs.states import JobState
from core.jobs.submission import requested_runs, with_parents
from core.jobs.submit import submit
from core.layouts import Layout
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.specification import ScenesSpecification, StudySpecification, TrainingSettings

STUDY = StudySpecification(
    name="killed",
    dataset=ScenesSpecification(n_train=640, n_validation=64, n_test=64),
    tasks=("depth", "edges"),
    training=TrainingSettings(epochs=6, batch_size=32),
    table=TableRequest(seeds=(0, 1, 2, 3)),
)
# 28 of the table, 3 of the oracle
SUBMISSIONS = (TableSubmission((0, 1, 2, 3)), LayoutSubmission((Layout.all_shared(2, 5),), (9,)))
# Without a finished run and without a kill for so long, the trial is over; a busy machine only makes it longer.
PATIENCE = 600.0


@dataclass(slots=True)
class Hits:
    """How often a worker was killed while each run was at work and got no further.

    A run whose workers die three times without progress is *failed*: it probably needs more memory than they have.
    """

    _counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    def may_hit(self, running: Sequence[JobLine]) -> bool:
        """Return whether no run would be blamed for it."""
        return all(self._count(line) < ALLOWED_DEATHS for line in running)

    def hit(self, running: Sequence[JobLine]) -> None:
        """Note that a worker was killed while these were at work."""
        self._counts |= {line.key: (self._count(line) + 1, line.step) for line in running}

    def _count(self, line: JobLine) -> int:
        count, step = self._counts.get(line.key, (0, 0))
        return 0 if line.step > step else count


def next_victim(rng: random.Random) -> str:
    """Return what is killed next, once that is possible."""
    return rng.choices(("worker", "host", "app"), (5, 4, 1))[0]


def dashboard(home: Path) -> subprocess.Popen[bytes]:
    """Start a dashboard as users do."""
    return subprocess.Popen(
        [sys.executable, "-m", "app.command", "app", "--headless"],
        env={**os.environ, "BRANCHWISE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def host_process(database: Database) -> psutil.Process | None:
    """Return the process of the host at work."""
    host = current_host(database)
    if host is None or not host.alive:
        return None
    with suppress(psutil.NoSuchProcess, ValueError):
        return psutil.Process(int(host.owner.split("/")[1]))
    return None


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """Return the worker processes of a host."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for child in process.children(recursive=True):
            # One that has just ended has no command line any more.
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child)
    return found


def finished(database: Database) -> dict[str, str]:
    """Return run key → result as it is kept."""
    with database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute("SELECT key, result FROM runs WHERE state = 'done'")}


def main() -> int:
    """Run the trial and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    # What is trained once more below is compared with what workers trained: with the same instructions.
    os.environ.update(pinned_instructions())
    rng = random.Random(arguments.seed)
    faults: list[str] = []
    killed = dict.fromkeys(("worker", "host", "app"), 0)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["BRANCHWISE_HOME"] = str(home)
        database = Database(home / DATABASE_FILE)
        prepare(STUDY, database)
        submitted = submit(database, database.record("killed"), SUBMISSIONS)
        seen, hits, victim = dict[str, str](), Hits(), next_victim(rng)
        app, begun = dashboard(home), time.monotonic()
        ensure_host(database, wait=True)
        due = advanced = time.monotonic() + 6
        while Queue(database).n_active() and time.monotonic() - advanced < PATIENCE:
            time.sleep(0.2)
            now = finished(database)
            for key, result in seen.items():
                if now.get(key) != result:
                    faults.append(f"the finished run {key} was lost or changed")
            if now.keys() - seen.keys():
                advanced = time.monotonic()
            seen |= now
            process = host_process(database)
            if process is None:
                ensure_host(database)  # what Resume does
                continue
            running = JobsReader(database).lines(states=[JobState.RUNNING])
            if (
                sum(killed.values()) >= arguments.kills
                or time.monotonic() < due
                or not any(line.step for line in running)
            ):
                continue
            target = {"host": process, "app": psutil.Process(app.pid)}.get(victim)
            if victim == "worker" and hits.may_hit(running):
                target = rng.choice(workers_of(process) or [None])
            if target is None:
                continue
            if victim == "app" and app.poll() is not None:
                faults.append(f"the dashboard ended by itself with code {app.returncode}")
            with suppress(psutil.NoSuchProcess):
                target.send_signal(signal.SIGKILL)
            killed[victim] += 1
            if victim == "worker":
                hits.hit(running)
            if victim == "app":
                app.wait()
                app = dashboard(home)
            victim, advanced = next_victim(rng), time.monotonic()
            due = advanced + rng.uniform(0.5, 5.0)
        seconds = time.monotonic() - begun
        if Queue(database).n_active():
            faults.append(f"no run was finished for {PATIENCE:.0f} s")
        if sum(killed.values()) < arguments.kills:
            faults.append(f"all runs ended before {arguments.kills} kills")
        app.kill()
        app.wait()
        process = host_process(database)
        if process is not None:
            process.terminate()
            process.wait(20)
        faults += checks(database, seen, submitted.n_new)
    print(f"{'runs requested':34}{submitted.n_new:8}")
    print(f"{'killed: workers, hosts, apps':34}{killed['worker']:8}{killed['host']:8}{killed['app']:8}")
    print(f"{'seconds':34}{seconds:8.0f}")
    print(f"{'runs done':34}{len(seen):8}")
    print(f"{'broken promises':34}{len(faults):8}")
    for fault in faults:
        print(f"  {fault}")
    return 1 if faults else 0


def checks(database: Database, seen: dict[str, str], n_asked: int) -> list[str]:
    """Return what is wrong after the trial."""
    faults = []
    counts = {state: n for state, n in JobsReader(database).counts().items() if n}
    counts.pop(JobState.PLANNED, None)  # measurements that were not submitted
    if counts != {JobState.DONE: n_asked}:
        faults.append(f"not all runs are done: {counts}")
        faults += [
            f"{line.label}: {line.state}: {line.sentence}"
            for line in JobsReader(database).lines(states=[JobState.FAILED, JobState.INTERRUPTED])
        ]
    with closing(sqlite3.connect(database.path)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            faults.append("the database is damaged")
        twice = connection.execute(
            "SELECT run_key FROM log WHERE sentence LIKE 'Done%' GROUP BY run_key HAVING COUNT(*) > 1"
        ).fetchall()
        faults += [f"the run {row[0]} was recorded twice" for row in twice]
    faults += [f"the run {key} was lost" for key in seen if key not in finished(database)]
    return faults + repeated(database)


def repeated(database: Database) -> list[str]:
    """Train some runs once more without interruption and compare."""
    from core.training.execute import execute
    from core.training.workplace import Workplace

    results = database.results("killed")
    place = Workplace(database.path.parent)
    again = with_parents(requested_runs(STUDY, SUBMISSIONS))[::6]
    return [
        f"{run.label} gives other metrics uninterrupted"
        for run in again
        if run.key in results and execute(run.kind, run.model_dump_json(), place)[0].metrics != results[run.key].metrics
    ]


if __name__ == "__main__":
    sys.exit(main())
