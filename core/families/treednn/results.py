"""What the branches of a trained TreeDNN reached, against dedicated networks, seed by seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.families.treednn.grafted_run import GraftedRun
from core.families.treednn.payload import TreePayload
from core.families.treednn.request import FRESH, MOST_ALIKE, TreeRequest
from core.families.treednn.runs import GeneralisedRun, SpecialisedRun, TreeRun
from core.families.treednn.specification import branch_sets
from core.families.treednn.submission import expand
from core.runs.arithmetic import Arithmetic
from core.runs.result import RunResult, Split
from core.studies.specification import StudySpecification
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
        dedicated: Split → value of a dedicated network, which saw each row as often.
        is_graft: Whether the branch was grafted onto the trained tree and took no part in the first phase.
        like: The branch whose blocks a graft started from; empty for fresh ones.
        alike: Branch → how alike its features were to those of the graft's own network, mean over seeds and blocks
            behind the trunk; empty where not requested.
    """

    task: Task
    dataset: str
    n_train: int
    generalised: Mapping[Split, Array] = field(repr=False)
    specialised: Mapping[Split, Array] = field(repr=False)
    dedicated: Mapping[Split, Array] = field(repr=False)
    is_graft: bool = False
    like: str = ""
    alike: Mapping[str, float] = field(default_factory=dict)

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
        n_compared: Second phases and grafts whose trunk was compared with the one they began with: where it is
            equal, or both are known to be trained in the same environment.
        n_unchanged: Those of them that left it bit for bit as it was.
    """

    seeds: tuple[int, ...]
    cut: int
    n_blocks: int
    branches: tuple[BranchScores, ...]
    n_compared: int = 0
    n_unchanged: int = 0


def tree_results(
    study: StudySpecification, tasks: Sequence[Task], finished: Mapping[str, RunResult]
) -> TreeResults | None:
    """Return the results of the finished runs of a study's TreeDNNs; None where it requests no TreeDNN.

    Args:
        study: What is requested.
        tasks: One per branch, called like it.
        finished: Run key → result; runs that are not done count as missing.
    """
    request = study.requested(TreeRequest)
    if request is None:
        return None
    runs = [run for run in expand(study) if isinstance(run, TreeRun)]
    payloads = {
        run.key: run.payload_of(result, TreePayload)
        for run in runs
        if (result := finished.get(run.key)) is not None and result.is_done
    }
    found = []
    for each, task in zip(branch_sets(study, request.seeds[0]), tasks, strict=True):
        measured: dict[str, dict[Split, Array]] = {}
        for phase in ("generalised", "specialised", "dedicated"):
            measured[phase] = {split: np.full(len(request.seeds), np.nan) for split in ("validation", "test")}
        rows, started_from, alike = 0, set[str](), list[Mapping[str, float]]()
        for run in runs:
            payload = payloads.get(run.key)
            if payload is None or each.name not in payload.rows:
                continue
            rows = payload.rows[each.name]
            if isinstance(run, GraftedRun):
                started_from |= _started_from(run, payload)
                alike.append({name: float(np.mean(values)) for name, values in payload.alike.items() if values})
            for split, values in measured[_phase(run)].items():
                metrics = finished[run.key].metrics[split][each.name]
                values[_place(request, run)] = metrics[task.metrics[0].name]
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
                _means(alike),
            )
        )
    # Grafts come last, as they came to the tree.
    ordered = sorted(found, key=lambda branch: branch.is_graft)
    compared = [
        unchanged
        for run in runs
        if isinstance(run, SpecialisedRun | GraftedRun)
        and run.key in payloads
        and (source := GeneralisedRun(tree=run.tree).key) in payloads
        and "" in payloads[run.key].digests
        and "" in payloads[source].digests
        # In another environment a run may have trained the trunk itself, equal but for rounding.
        and (
            (unchanged := payloads[run.key].digests[""] == payloads[source].digests[""])
            or _alike(finished[run.key], finished[source])
        )
    ]
    return TreeResults(request.seeds, request.cut, study.backbone.blocks, tuple(ordered), len(compared), sum(compared))


def _alike(one: RunResult, other: RunResult) -> bool:
    """Return whether two results are known to be of one environment, so that rounding explains no difference."""
    return one.environment == other.environment and Arithmetic.of(one.environment).is_recorded


def _place(request: TreeRequest, run: TreeRun) -> int:
    seed = run.label.seed
    assert seed is not None
    return request.seeds.index(seed)


def _started_from(run: GraftedRun, payload: TreePayload) -> set[str]:
    # Where no branch is built like it, one that seeks the most alike starts fresh.
    like = (most_alike(payload.alike) or FRESH) if run.like == MOST_ALIKE else run.like
    return {like} - {FRESH}


def most_alike(alike: Mapping[str, Sequence[float]]) -> str | None:
    """Return the branch that is the most alike on average, the first of equals; None where none can be compared.

    Args:
        alike: Branch → how alike it is after each block behind the trunk.
    """
    scored = {name: float(np.mean(values)) for name, values in alike.items() if len(values)}
    return max(scored, key=lambda name: scored[name]) if scored else None


def _means(found: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for one in found for name in one)
    return {name: float(np.mean([one[name] for one in found if name in one])) for name in names}


def _phase(run: TreeRun) -> str:
    # A graft takes no part in the first phase; after its own it counts as specialised.
    return run.kind if run.kind in ("generalised", "dedicated") else "specialised"
