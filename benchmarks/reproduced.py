"""Are the results of the bundled studies reproduced on this machine, bit for bit?

    python benchmarks/reproduced.py --runs 3

Trains a few runs of every bundled study anew, spread over their lengths, once with the CPU instructions pinned as for
every study and once with all that this machine has, and prints how many metrics equal the stored ones.
"""

import argparse
import json
import os
import subprocess
import sys
from tempfile import TemporaryDirectory

from core.jobs.instructions import pinned_instructions

TRAIN = """
import json, sys
from pathlib import Path
from core.studies.bundled import open_bundled
from core.studies.expand import expand
from core.training.execute import run_job
from core.training.workplace import Workplace
name, key, folder = sys.argv[1:]
opened = open_bundled(name)
run = next(run for run in expand(opened.record.specification) if run.key == key)
result, _ = run_job(run, Workplace(Path(folder)))
print("\\n" + json.dumps([result.metrics, result.environment.instructions, result.seconds]))
"""


def main() -> None:
    """Train and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="per study")
    parser.add_argument("--studies", nargs="*", default=["scenes", "digits", "scenes5"])
    arguments = parser.parse_args()
    print(f"{'study':10}{'run':38}{'instructions':28}{'equal metrics':>14}{'largest difference':>20}{'seconds':>9}")
    for name in arguments.studies:
        for key, label, stored in chosen(name, arguments.runs):
            for pinned in (True, False):
                metrics, instructions, seconds = trained(name, key, pinned=pinned)
                equal, of, largest = compared(stored, metrics)
                row = f"{name:10}{label[:36]:38}{instructions:28}{equal:>8} of {of:<3}{largest:19.2%} {seconds:8.0f}"
                print(row, flush=True)


def chosen(name: str, n: int) -> list[tuple[str, str, dict[str, dict[str, dict[str, float]]]]]:
    """Return key, label and stored metrics of runs without parents, spread over their durations."""
    from core.studies.bundled import open_bundled
    from core.studies.expand import expand

    opened = open_bundled(name)
    assert opened.record.specification is not None
    found = [
        run
        for run in expand(opened.record.specification)
        if run.is_training and not run.parents and run.key in opened.results and opened.results[run.key].metrics
    ]
    found.sort(key=lambda run: opened.results[run.key].seconds)
    picked = found[:: max(len(found) // n, 1)][:n]
    return [(run.key, str(run.label), opened.results[run.key].metrics) for run in picked]


def trained(name: str, key: str, *, pinned: bool) -> tuple[dict[str, dict[str, dict[str, float]]], str, float]:
    """Return metrics, instructions and seconds of a run, trained in a process of its own."""
    pin = pinned_instructions()
    environment = {name: value for name, value in os.environ.items() if name not in pin}
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", TRAIN, name, key, folder],
            env={**environment, "BRANCHWISE_HOME": folder, "OMP_NUM_THREADS": "1", **(pin if pinned else {})},
            capture_output=True,
            text=True,
            check=True,
        )
    metrics, instructions, seconds = json.loads(done.stdout.splitlines()[-1])
    return metrics, instructions, seconds


def compared(
    stored: dict[str, dict[str, dict[str, float]]], anew: dict[str, dict[str, dict[str, float]]]
) -> tuple[int, int, float]:
    """Return the number of equal metrics, of all, and the largest relative difference."""
    pairs = [
        (value, anew[split][task][metric])
        for split, tasks in stored.items()
        for task, metrics in tasks.items()
        for metric, value in metrics.items()
    ]
    largest = max(abs(one - other) / max(abs(one), 1e-12) for one, other in pairs)
    return sum(one == other for one, other in pairs), len(pairs), largest


if __name__ == "__main__":
    main()
