"""Is the order of affinities the same when the training changes a little?

    python benchmarks/repeatability.py --study assets/studies/digits.toml --workers 2

Measures the tensor of a study from one seed as it is, from another seed, with another optimiser, and with half of the
training pictures, and prints in how many comparisons of two pairs of tasks at one depth the order stays, and whether
the trees stay. Branched Multi-Task Networks, section 4.4, says 86.2 % for another optimiser and half the
data, and the same trees.
"""

import argparse
import math
import os
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from core.affinity.distance import distances
from core.affinity.recombined import RecombinedLosses
from core.affinity.resampling import order_kept
from core.backbones.downsampling import downsamplings
from core.families.recombined.losses import stored_losses
from core.families.recombined.request import AffinityRequest
from core.jobs.engine import EngineSettings
from core.jobs.headless import run_study
from core.selection.branched import alpha_path
from core.selection.branched_case import BranchedCase, BranchedTree
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.specification import StudySpecification, read_study
from core.training.prepare_study import prepare_study

# SGD takes larger steps than AdamW to get as far in as many.
SGD = {"optimizer": "sgd", "learning_rate": 0.1, "weight_decay": 5e-4}


@dataclass(frozen=True)
class Measured:
    """A tensor and the trees that follow from it."""

    losses: RecombinedLosses
    path: tuple[tuple[float, BranchedTree], ...]


def main() -> None:
    """Measure under every condition and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=Path("assets/studies/digits.toml"))
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    study = read_study(arguments.study).model_copy(update={"requests": {}}).with_request(AffinityRequest(seeds=(0,)))
    half = getattr(study.dataset, "n_train", None)
    if half is None:
        parser.error("the study's data set says no number of training pictures to halve")
    conditions = {
        "as it is": study,
        "another seed": study.with_request(AffinityRequest(seeds=(1,))),
        "SGD": study.model_copy(update={"training": study.training.model_copy(update=SGD)}),
        "half the data": study.model_copy(update={"dataset": study.dataset.model_copy(update={"n_train": half // 2})}),
    }
    begun = time.perf_counter()
    with TemporaryDirectory() as folder:
        os.environ["BRANCHWISE_HOME"] = folder
        database = Database(Path(folder) / DATABASE_FILE)
        found = {
            what: measured(database, each.model_copy(update={"name": f"condition-{number}"}), arguments.workers)
            for number, (what, each) in enumerate(conditions.items())
        }
    print(
        f"{study.name}: {len(study.tasks)} tasks, {study.backbone.blocks} depths, {time.perf_counter() - begun:.0f} s\n"
    )
    base = found.pop("as it is")
    print(f"{'against the study as it is':28}{'order kept':>12}{'same tree':>12}   share of the range of log α")
    for what, other in found.items():
        kept = order_kept(base.losses.affinity(), other.losses.affinity())
        print(f"{what:28}{kept:12.1%}{same_tree(base.path, other.path):12.0%}")


def measured(database: Database, study: StudySpecification, workers: int) -> Measured:
    """Return the tensor of a study, trained by the same host as any other."""
    record, _ = prepare_study(study)
    database.put(record)
    summary = run_study(study.name, database, EngineSettings(workers=workers))
    if summary.n_failed:
        raise SystemExit(f"{study.name}: {next(iter(summary.faults.values()))}")
    losses = stored_losses(database, study.name)
    assert losses is not None
    case = BranchedCase(distances(losses.affinity()), downsamplings(record.backbone))
    return Measured(losses, alpha_path(case))


def same_tree(one: tuple[tuple[float, BranchedTree], ...], other: tuple[tuple[float, BranchedTree], ...]) -> float:
    """Return for which share of log α, from the first break to the last of the first path, both trees are the same."""
    starts = [start for start, _ in one if start > 0]
    if len(starts) < 2:
        return float(tree_at(one, 1.0) == tree_at(other, 1.0))
    first, last = math.log(starts[0]), math.log(starts[-1])
    cuts = {first, last} | {math.log(s) for s, _ in (*one, *other) if s > 0 and first < math.log(s) < last}
    same = 0.0
    for low, high in pairwise(sorted(cuts)):
        middle = math.exp((low + high) / 2)
        same += (high - low) * (tree_at(one, middle) == tree_at(other, middle))
    return same / (last - first)


def tree_at(path: tuple[tuple[float, BranchedTree], ...], alpha: float) -> object:
    """Return the layout of a path at some α."""
    return next(tree.layout for start, tree in reversed(path) if start <= alpha)


if __name__ == "__main__":
    main()
