"""What the host costs: the same runs in a plain loop and through host and workers.

    python benchmarks/throughput.py --seconds 0.2 2 20

Every run trains a dedicated network for about so many seconds on one thread. The loop calls the run function in one
process with one thread; the host has two workers with one thread each, already started (their imports are timed
apart). The last rows compare two workers with one thread to one worker with two.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.families.layouts.request import TableRequest
from core.families.single.runs import NetworkRun, single_run
from core.jobs.engine import EngineSettings
from core.jobs.host import serve
from core.jobs.jobs_reader import JobsReader
from core.jobs.prepare import prepare
from core.jobs.queue import Queue
from core.jobs.states import JobState
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.specification import ScenesSpecification, StudySpecification, TrainingSettings

N_RUNS = {0.2: 40, 2.0: 16, 20.0: 4}
LOOP = """
import json, sys, time
from pathlib import Path
from core.training.execute import execute
from core.training.workplace import Workplace
texts, home = json.load(sys.stdin)
place = Workplace(Path(home))
execute("layout", texts[0], place)
begun = time.perf_counter()
seconds = [execute("layout", text, place)[0].seconds for text in texts[1:]]
print(json.dumps([time.perf_counter() - begun, seconds]))
"""


def runs_of(steps: int, n: int, threads: int) -> list[NetworkRun]:
    """Return single-task runs of so many steps with seeds of their own."""
    study = StudySpecification(
        name="throughput",
        dataset=ScenesSpecification(n_train=1024, n_validation=16, n_test=16),
        tasks=("depth", "edges"),
        training=TrainingSettings(batch_size=max(1024 // steps, 4) if steps < 32 else 32, threads=threads),
        table=TableRequest(seeds=(0,)),
    )
    settings = study.training.model_copy(update={"epochs": max(steps // 32, 1)})
    study = study.model_copy(update={"training": settings})
    return [single_run(study, 0, seed) for seed in range(n)]


def loop(runs: list[NetworkRun], home: Path) -> tuple[float, list[float]]:
    """Return the seconds of the plain loop over all but the first run, which warms up, and those of each run."""
    texts = [run.model_dump_json() for run in runs]
    done = subprocess.run(
        [sys.executable, "-c", LOOP], input=json.dumps([texts, str(home)]), capture_output=True, text=True, check=True
    )
    whole, each = json.loads(done.stdout)
    return float(whole), [float(seconds) for seconds in each]


def hosted(runs: list[NetworkRun], home: Path, workers: int) -> tuple[float, float]:
    """Return the seconds from submission until all but the warm-up runs are done, and until the workers were ready."""
    database = Database(home / DATABASE_FILE)
    queue, ended = Queue(database), threading.Event()
    host = threading.Thread(
        target=serve, args=(database, EngineSettings(workers=workers)), kwargs={"should_stop": ended.is_set}
    )
    begun = time.perf_counter()
    host.start()
    warm = runs[:1] + [run.model_copy(update={"seed": 10_000 + n}) for n, run in enumerate(runs[:1] * (2 * workers))]
    queue.submit("throughput", warm)
    _until(lambda: queue.n_active() == 0)
    started = time.perf_counter() - begun
    begun = time.perf_counter()
    queue.submit("throughput", runs[1:])
    _until(lambda: queue.n_active() == 0)
    seconds = time.perf_counter() - begun
    ended.set()
    host.join()
    assert JobsReader(database).counts()[JobState.FAILED] == 0
    return seconds, started


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.1)


def calibrated(seconds: float, home: Path) -> int:
    """Return the number of steps that take about so many seconds."""
    _, each = loop(runs_of(64, 4, 1), home)
    return max(round(64 * seconds / statistics.median(each)), 1)


def trial(steps: int, n: int, workers: int, threads: int) -> tuple[float, float, float, float]:
    """Return the seconds of the loop, of the host, of one run in the loop, and of starting the workers."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["BRANCHWISE_HOME"] = str(home)
        runs = runs_of(steps, n + 1, threads)
        study = StudySpecification(
            name="throughput",
            dataset=runs[0].dataset,
            tasks=("depth", "edges"),
            training=runs[0].training,
            table=TableRequest(seeds=(0,)),
        )
        prepare(study, Database(home / DATABASE_FILE))
        whole, each = loop(runs, home)
        seconds, started = hosted(runs, home, workers)
        return whole, seconds, statistics.median(each), started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, nargs="+", default=list(N_RUNS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BRANCHWISE_HOME"] = folder
        runs_of(64, 2, 1)
        steps = {seconds: calibrated(seconds, Path(folder)) for seconds in arguments.seconds}
    titles = ("asked s", "runs", "run s", "loop s", "host s", "speed-up", "over ideal", "start s")
    print("".join(title.rjust(11) for title in titles))
    for seconds, n_steps in steps.items():
        n = N_RUNS.get(seconds, max(int(40 / seconds), 4))
        whole, through, each, started = trial(n_steps, n, 2, 1)
        over = through / (whole / 2) - 1
        figures = f"{each:11.2f}{whole:11.2f}{through:11.2f}{whole / through:11.2f}{over:11.0%}{started:11.1f}"
        print(f"{seconds:11.1f}{n:11}{figures}", flush=True)
    whole, through, *_ = trial(steps[arguments.seconds[len(arguments.seconds) // 2]], 8, 1, 2)
    print(f"one worker with two threads against a loop with two threads: {through:.2f} s, {whole:.2f} s")


if __name__ == "__main__":
    main()
