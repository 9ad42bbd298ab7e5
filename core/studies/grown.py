"""What the branches of a grown TreeDNN reached, against dedicated networks, seed by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.studies.dataset_specification import SeveralSpecification
from core.studies.result import RunResult, RunState, Split
from core.studies.specification import StudySpecification
from core.studies.tree_runs import (
    DedicatedSpecification,
    GeneralisedSpecification,
    GraftedSpecification,
    TreeRun,
    seed_of,
    tree_runs_of,
)
from core.tasks import Metric, Task

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BranchScores:
    """The first metric of one branch; each array is ``[n_seeds]``, NaN where a run is missing.

    Args:
        task: Named like the branch.
        dataset: What the data set is called.
        n_train: Its training rows.
        generalised: Split → value after the first phase, trunk and branches together.
        specialised: Split → value after the second, the branch alone on the frozen trunk.
        dedicated: Split → value of a whole network of its own, which saw each row as often.
        is_graft: Whether the branch was mounted on the grown tree and took no part in the first phase.
        like: The branch whose blocks a graft started from; empty for fresh ones.
    """

    task: Task
    dataset: str
    n_train: int
    generalised: Mapping[Split, Array] = field(repr=False)
    specialised: Mapping[Split, Array] = field(repr=False)
    dedicated: Mapping[Split, Array] = field(repr=False)
    is_graft: bool = False
    like: str = ""

    @property
    def name(self) -> str:
        """What the branch is called."""
        return self.task.name

    @property
    def metric(self) -> Metric:
        """What the values are."""
        return self.task.metrics[0]


@dataclass(frozen=True, slots=True, eq=False)
class TreeResults:
    """A tree's branches.

    Args:
        seeds: In the order of the arrays.
        cut: Leading blocks in the trunk.
        n_blocks: Of the backbone.
        branches: Those that grew with the tree, then grafts.
    """

    seeds: tuple[int, ...]
    cut: int
    n_blocks: int
    branches: tuple[BranchScores, ...]


def tree_results(
    specification: StudySpecification, tasks: Sequence[Task], results: Mapping[str, RunResult]
) -> TreeResults | None:
    """Give what the finished runs of a study's trees add up to; None where it asks for no tree.

    Args:
        specification: What is asked.
        tasks: One per branch, called like it.
        results: Run key → result; runs that are not done count as missing.
    """
    request, dataset = specification.treednn, specification.dataset
    if request is None or not isinstance(dataset, SeveralSpecification):
        return None
    runs = tree_runs_of(specification)
    done = {key: result for key, result in results.items() if result.state is RunState.DONE}
    found = []
    for each, task in zip(dataset.sets, tasks, strict=True):
        measured: dict[str, dict[Split, Array]] = {}
        for phase in ("generalised", "specialised", "dedicated"):
            measured[phase] = {split: np.full(len(request.seeds), np.nan) for split in ("validation", "test")}
        rows, started_from = 0, set[str]()
        for run in runs:
            result = done.get(run.key)
            if result is None or each.name not in result.rows:
                continue
            rows = result.rows[each.name]
            if isinstance(run, GraftedSpecification):
                started_from.add(most_alike(result.alike) or run.like)
            for split, values in measured[_phase(run)].items():
                values[request.seeds.index(seed_of(run))] = result.metrics[split][each.name][task.metrics[0].name]
        found.append(
            BranchScores(
                task,
                each.dataset.name,
                rows,
                measured["generalised"],
                measured["specialised"],
                measured["dedicated"],
                each.name in request.grafts,
                ", ".join(sorted(started_from)),
            )
        )
    # Grafts come last, as they came to the tree.
    ordered = sorted(found, key=lambda branch: branch.is_graft)
    return TreeResults(request.seeds, request.cut, specification.backbone.blocks, tuple(ordered))


def most_alike(alike: Mapping[str, Sequence[float]]) -> str | None:
    """Give the branch that is the most alike on average, the first of equals; None where none can be compared.

    Args:
        alike: Branch → how alike it is after each block behind the trunk.
    """
    scored = {name: float(np.mean(values)) for name, values in alike.items() if len(values)}
    return max(scored, key=lambda name: scored[name]) if scored else None


def _phase(run: TreeRun) -> str:
    match run:
        case GeneralisedSpecification():
            return "generalised"
        case DedicatedSpecification():
            return "dedicated"
        case _:
            return "specialised"
