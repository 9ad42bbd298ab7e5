"""Train bundled runs again to count their classes, constant answers and scores of samples, where they lack them.

    nice python benchmarks/complete.py --studies digits scenes treednn

Archives of earlier versions hold metrics alone. Every run is trained anew with the CPU instructions that the bundled
studies were made with. Only where all its metrics equal the stored ones bit for bit, what else was measured is written
into the archive beside them; anything else stays as it is. Stopped with Ctrl-C, it writes what is finished; finished
runs are kept in a folder, so that the same command continues.
"""

import argparse
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from core.jobs.instructions import pinned_instructions
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies.archive import OpenedArchive, write_archive
from core.studies.bundled import bundled_archive, bundled_studies, open_bundled
from core.studies.expand import expand

# Measured beside the metrics, in the same evaluation.
ADDED = ("confusion", "classes", "constant", "samples", "preprocessing")


def main() -> None:
    """Complete the archives and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", nargs="*", default=bundled_studies())
    parser.add_argument("--kinds", nargs="*", help="kinds of runs; by default networks that start from no other one")
    parser.add_argument("--home", type=Path, default=Path("/tmp/branchwise-complete"))
    arguments = parser.parse_args()
    pinned = pinned_instructions()
    if not pinned:
        parser.error("the processor lacks AVX2, or other instructions are wanted; the bundled results need AVX2")
    # Before torch is loaded.
    os.environ.update(pinned)
    for name in arguments.studies:
        opened = open_bundled(name)
        chosen = incomplete(opened, arguments.kinds)
        anew = trained_until_stopped(chosen, arguments.home)
        equal = {key: result for key, result in anew.items() if is_reproduced(opened.results[key], result)}
        print(f"{name}: {len(equal)} of {len(anew)} runs are reproduced bit for bit and completed", flush=True)
        if equal:
            whole = {key: completed(result, equal.get(key)) for key, result in opened.results.items()}
            bundled_archive(name).write_bytes(write_archive(opened.record, whole))


def incomplete(opened: OpenedArchive, kinds: Sequence[str] | None) -> list[Run]:
    """Return the trained networks that lack what is measured beside metrics, parents first.

    Args:
        opened: The study.
        kinds: Of runs; None for networks of whatever kind that start from no other one.
    """
    assert opened.record.specification is not None
    return [
        run
        for run in expand(opened.record.specification)
        if run.is_training and (run.kind in kinds if kinds else not run.parents)
        # What other runs measure, such as losses of recombined networks, is no metric of a task.
        if (result := opened.results.get(run.key)) is not None and result.metrics
        if not result.constant or (result.confusion and not result.classes)
    ]


def trained_until_stopped(runs: Sequence[Run], home: Path) -> dict[str, RunResult]:
    """Return run key → result of those that are trained before somebody stops it."""
    found = dict[str, RunResult]()
    with suppress(KeyboardInterrupt):
        for run in runs:
            found[run.key] = trained(run, home)
    return found


def trained(run: Run, home: Path) -> RunResult:
    """Return the result of a run, trained once and kept in ``home`` with its weights."""
    from core.training.execute import execute
    from core.training.workplace import Workplace

    path = home / "results" / f"{run.key}.json"
    if not path.exists():
        result, _ = execute(run.kind, run.model_dump_json(), Workplace(home, keep_weights=True))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(result.model_dump_json(), encoding="utf-8")
        print(f"  {run.label}: {result.state}, {result.seconds:.0f} s", flush=True)
    return RunResult.model_validate_json(path.read_text(encoding="utf-8"))


def is_reproduced(stored: RunResult, anew: RunResult) -> bool:
    """Return whether every metric of a run is the stored one bit for bit, and its hashes where it has some."""
    digests = [(result.payload or {}).get("digests") for result in (stored, anew)]
    return stored.metrics == anew.metrics and digests[0] in (None, digests[1])


def completed(stored: RunResult, anew: RunResult | None) -> RunResult:
    """Return a stored result with what was measured beside its metrics; metrics and environment stay the stored."""
    if anew is None:
        return stored
    return stored.model_copy(update={name: getattr(anew, name) for name in ADDED})


if __name__ == "__main__":
    main()
