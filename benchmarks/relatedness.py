"""Do two tasks help or harm each other, the more related they are? The runs behind the dial of lesson 1.

    python benchmarks/relatedness.py --csv assets/lessons/relatedness.csv

Two made-up tasks (`planted`) have a known correlation: relatedness 0 makes them strangers, 1 makes them the same task.
For every relatedness and seed their single-task networks are trained, and one network for both at every branch point;
every seed draws pictures of its own. Printed and written is the gain of each task in accuracy on the test split, in
percent of its single-task network's. Rows that the file has already are kept: stop and go on at any time.
"""

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from core.data import store
from core.families.single.runs import NetworkRun
from core.families.single.train import train_network
from core.layouts import Layout
from core.runs.backbone_specification import BackboneSpecification
from core.runs.settings import TrainingSettings
from core.studies.dataset_specification import PlantedSpecification

RELATEDNESS = (0.0, 0.25, 0.5, 0.75, 1.0)
N_SEEDS = 5
BLOCKS, WIDTH = 3, 8
TASKS = ("task A", "task B")
COLUMNS = ("relatedness", "seed", "task", "alone", "shared", "accuracy")


def main() -> None:
    """Train what is missing, and print the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, required=True, help="CSV file to write, or to go on with")
    parser.add_argument("--seeds", type=int, default=N_SEEDS, help="number of seeds")
    parser.add_argument("--train", type=int, default=150, help="training pictures")
    parser.add_argument("--epochs", type=int, default=30, help="passes over them")
    parser.add_argument("--width", type=int, default=WIDTH, help="channels of the first block")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = read(arguments.csv)
    done = {(float(row["relatedness"]), int(row["seed"])) for row in rows}
    for seed in range(arguments.seeds):
        for relatedness in RELATEDNESS:
            if (relatedness, seed) in done:
                continue
            rows += trained(relatedness, seed, arguments.train, arguments.epochs, arguments.width)
            write(arguments.csv, rows)
            print(relatedness, seed, flush=True)
    for relatedness in RELATEDNESS:
        found = [gains(rows, relatedness, shared) for shared in range(1, BLOCKS + 1)]
        print(relatedness, [f"{each.mean():+.2f} ± {each.std(ddof=1) / len(each) ** 0.5:.2f}" for each in found])


def trained(relatedness: float, seed: int, n_train: int, epochs: int, width: int) -> list[dict[str, str]]:
    """Return the rows of one seed: both tasks at every branch point."""
    dataset = PlantedSpecification(
        name="planted", tree="0,1", relatedness=relatedness, n_train=n_train, n_validation=500, n_test=2000, size=16,
        noise=0.05, seed=seed,
    )  # fmt: skip
    data = store.load(dataset)
    training = TrainingSettings(epochs=epochs, batch_size=32)
    backbone = BackboneSpecification(name="small-residual", width=width, blocks=BLOCKS)

    def accuracy(tasks: tuple[str, ...], layout: Layout) -> dict[str, float]:
        run = NetworkRun(
            dataset=dataset, tasks=tasks, backbone=backbone, layout=layout.partitions, training=training, seed=seed
        )
        found = train_network(run, data=data)
        return {task: found.metrics["test"][task]["accuracy"] for task in tasks}

    alone = {task: accuracy((task,), Layout.all_shared(1, BLOCKS))[task] for task in TASKS}
    rows = []
    for shared in range(1, BLOCKS + 1):
        together = accuracy(TASKS, Layout.of([[[0, 1]]] * shared + [[[0], [1]]] * (BLOCKS - shared)))
        rows += [
            {
                "relatedness": f"{relatedness:g}", "seed": str(seed), "task": task, "alone": f"{alone[task]:.5f}",
                "shared": str(shared), "accuracy": f"{together[task]:.5f}",
            }
            for task in TASKS
        ]  # fmt: skip
    return rows


def gains(rows: list[dict[str, str]], relatedness: float, shared: int) -> np.ndarray:
    """Return the mean gain of both tasks, percent, ``[n_seeds]``."""
    chosen = [row for row in rows if float(row["relatedness"]) == relatedness and int(row["shared"]) == shared]
    seeds = sorted({row["seed"] for row in chosen})
    return np.array([np.mean(list(_percents(chosen, seed))) for seed in seeds])


def _percents(rows: list[dict[str, str]], seed: str) -> Iterator[float]:
    for row in rows:
        if row["seed"] == seed:
            yield 100 * (float(row["accuracy"]) / float(row["alone"]) - 1)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file; none where there is none."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """Write the rows to a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
