"""Why the second phase lowers some branches of the bundled TreeDNN: its learning rate, its statistics, or its rows?

Run: python benchmarks/second_phase.py [--seeds 0 1 2 3 4] [--keep FOLDER]. Trains the first phase of each seed as the
study did (about a minute of one core for each), then the second phase of each branch at several learning rates, and
prints Markdown; a table of docs/results.md is its output. At a rate of next to nothing only the statistics of the
branch's norms change. With `--keep` an interrupted training goes on.
"""

import argparse
import copy
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from core.families.treednn.network import TreeDNN
from core.families.treednn.runs import GeneralisedRun, SpecialisedRun
from core.families.treednn.session import Session, named
from core.families.treednn.submission import expand
from core.families.treednn.trainer import TreeTrainer
from core.plane.interval import t_interval
from core.studies.bundled import open_bundled
from core.studies.home import CHECKPOINTS, WEIGHTS
from core.training.environment import threads
from core.training.evaluation import evaluate_splits
from core.training.execute import run_job
from core.training.federated import Member
from core.training.frozen_bottom import RecombinedNetwork
from core.training.workplace import Workplace

FIRST, AS_FIRST = "phase 1", "as phase 1 (.01)"
VARIANTS: dict[str, dict[str, float]] = {
    "statistics alone": {"learning_rate": 1e-9, "epochs": 1},
    AS_FIRST: {},
    ".003": {"learning_rate": 0.003},
    ".001": {"learning_rate": 0.001},
    ".0003": {"learning_rate": 0.0003},
}
Row = dict[str, dict[str, float]]


def main() -> None:
    """Train what is missing, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--keep", type=Path, help="folder for weights and results")
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = chosen.keep or Path(folder)
        for part in (WEIGHTS, CHECKPOINTS):
            (home / part).mkdir(parents=True, exist_ok=True)
        rows: dict[str, list[Row]] = {}
        for branch, row in measured(Workplace(home), chosen.seeds):
            rows.setdefault(branch, []).append(row)
    print("| branch | second phase | training rows right | test | change | 90 % interval |")
    print("|---|---|---|---|---|---|")
    for branch, found in rows.items():
        for variant in (FIRST, *VARIANTS):
            train, test = (np.array([100 * row[variant][split] for row in found]) for split in ("train", "test"))
            changes = test - np.array([100 * row[FIRST]["test"] for row in found])
            cells = ["–", "–"]
            if variant != FIRST:
                ends = t_interval(changes.tolist())
                cells = [f"{changes.mean():+.1f}", "–" if ends is None else f"{ends[0]:+.1f} to {ends[1]:+.1f}"]
            name = "none" if variant == FIRST else variant
            print(f"| {branch} | {name} | {train.mean():.1f} % | {test.mean():.1f} % | " + " | ".join(cells) + " |")


def measured(place: Workplace, seeds: Sequence[int]) -> Iterator[tuple[str, Row]]:
    """Return for every seed and branch what phase 1 and each kind of second phase reach."""
    specification = open_bundled("treednn").record.specification
    assert specification is not None
    runs = [run for run in expand(specification) if run.label.seed in seeds]
    for run in runs:
        if isinstance(run, GeneralisedRun) and not place.weights(run.key).is_file():
            weights = run_job(run, place)[1]
            assert weights is not None
            place.weights(run.key).write_bytes(weights)
    for run in runs:
        if not isinstance(run, SpecialisedRun):
            continue
        file = place.home / f"{run.key}.json"
        row: Row = json.loads(file.read_text()) if file.is_file() else {}
        if missing := [each for each in (FIRST, *VARIANTS) if each not in row]:
            with threads(1):
                row |= second_phases(run, place, missing)
            file.write_text(json.dumps(row))
        yield run.branch, row


def second_phases(run: SpecialisedRun, place: Workplace, variants: Sequence[str]) -> Row:
    """Return what some kinds of second phase reach from the same first one."""
    session = Session(run, place)
    trainer = session.trainer(run.tree)
    first, member = session.generalised_tree(trainer, run.tree), named(trainer.members, run.branch)
    assert first is not None
    found: Row = {}
    for variant in variants:
        tree = copy.deepcopy(first)
        if variant != FIRST:
            settings = run.settings.model_copy(update=VARIANTS[variant])
            trainer.training = replace(trainer.training, specialised=settings)
            # A draft does not say at which rate it was trained.
            trainer.drafts = None
            assert trainer.specialise(tree, member)
        found[variant] = shares_right(trainer, tree, member)
    return found


def shares_right(trainer: TreeTrainer, tree: TreeDNN, member: Member) -> dict[str, float]:
    """Return the accuracy of a branch on each split, the training rows among them."""
    metric, task = member.task.metrics[0].name, replace(member.task, name=member.name)
    network = tree.path(member.name)
    found = {split: value[member.name][metric] for split, value in trainer.evaluate(network, member).metrics.items()}
    rows = member.tensors("train", trainer.plan.size, trainer.device)
    on_rows = evaluate_splits(RecombinedNetwork(network), task, {"validation": rows, "test": rows}, ())
    return found | {"train": on_rows.metrics["test"][member.name][metric]}


if __name__ == "__main__":
    main()
