"""Trees of a bundled study that are trained in other ways than its own, and compared seed by seed."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.data import store
from core.data.dataset import Dataset
from core.families.single.gain import delta
from core.families.single.runs import NetworkRun, network_run, single_run
from core.families.single.train import train_network
from core.layouts import Layout
from core.networks.tree import TreeNetwork
from core.plane.interval import t_interval
from core.runs.result import Metrics, RunResult
from core.studies.bundled import bundled_file, bundled_studies, load_bundled
from core.studies.home import CACHE, home
from core.studies.measured import LayoutResults
from core.studies.specification import StudySpecification, read_study
from core.training.evaluation import evaluate

CPU = torch.device("cpu")
# Trains the network of a run on some data and returns it, in evaluation mode.
Way = Callable[[NetworkRun, Dataset], TreeNetwork]


def options_of(description: str | None) -> argparse.Namespace:
    """Return what the command line requests: the study's ``name``, ``seeds``, and how many of the ``best`` trees.

    Args:
        description: Of the benchmark.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("name", nargs="?", default="mnist5k4")
    parser.add_argument("--seeds", type=int, nargs="+", default=[200, 201, 202, 203, 204])
    parser.add_argument("--best", type=int, default=3)
    torch.set_num_threads(1)
    return parser.parse_args()


@dataclass(frozen=True, slots=True)
class Trial:
    """One seed of a study, with new single-task networks.

    Args:
        study: Data, backbone and training settings.
        seed: Of initial weights, orders and, where they are redrawn, splits.
        data: What this seed is trained on.
        singles: Results of the single-task networks.
    """

    study: StudySpecification
    seed: int
    data: Dataset
    singles: tuple[RunResult, ...]

    @classmethod
    def of(cls, study: StudySpecification, seed: int) -> "Trial":
        """Return a seed with its single-task networks trained."""
        data = store.load(study.dataset.for_seed(seed), folder=Path(home()) / CACHE)
        runs = [single_run(study, task, seed) for task in range(len(study.tasks))]
        return cls(study, seed, data, tuple(train_network(run, data=data) for run in runs))

    def gains(self, layout: Layout, way: Way) -> NDArray[np.float64]:
        """Return Δ of each task on the test split, ``[n_tasks]``; tasks that share nothing are trained apart."""
        found = np.full(len(self.study.tasks), np.nan)
        for group, part in layout.components():
            run = network_run(self.study, group, part, self.seed)
            tasks = tuple(self.data.task(name) for name in run.tasks)
            metrics: dict[str, Metrics] = evaluate(way(run, self.data), self.data, tasks, CPU).metrics["test"]
            for index, task in zip(group, tasks, strict=True):
                found[index] = delta(metrics[task.name], self.singles[index], "test", task)
        return found


def study_of(name: str) -> StudySpecification:
    """Return the specification of a bundled study, or of a study file."""
    return read_study(bundled_file(name) if name in bundled_studies() else Path(name))


def chosen_layouts(name: str, n: int) -> tuple[Layout, ...]:
    """Return the fully shared layout, the ``n`` best of the trained ones on validation samples, and none shared."""
    measured = load_bundled(name).result(LayoutResults)
    assert measured is not None
    assert measured.oracle is not None
    layouts, mean = measured.oracle.layouts, measured.oracle.validation.mean(axis=(0, 2))
    n_tasks, n_blocks = layouts[0].n_tasks, layouts[0].n_blocks
    shared, separate = Layout.all_shared(n_tasks, n_blocks), Layout.all_split(n_tasks, n_blocks)
    best = [layouts[place] for place in np.argsort(-mean, kind="stable") if layouts[place] not in (shared, separate)]
    return shared, *best[:n], separate


def with_interval(values: Sequence[float]) -> str:
    """Return mean and Student's 90 % interval of values of one seed each, as a cell of a table."""
    interval = t_interval(values)
    mean = f"{np.mean(values):+.2f}"
    return mean if interval is None else f"{mean} [{interval[0]:+.2f}, {interval[1]:+.2f}]"
