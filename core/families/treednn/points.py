"""A TreeDNN on the plane: its costs by question, its gain over dedicated networks."""

import numpy as np
from numpy.typing import NDArray

from core.costs import CostQuestion, Unit, block_costs
from core.families.treednn.results import BranchScores, TreeResults
from core.plane.measured_point import measured_point
from core.plane.point import PlanePoint
from core.plane.storage import ONE_TASK, StorageCurve, first_tasks_gain
from core.studies.study import Study
from core.tasks import relative_performance

Array = NDArray[np.float64]


def branch_gains(branch: BranchScores) -> Array:
    """Return Δ of a branch against its dedicated network, ``[n_seeds]``, percent of the test split.

    NaN where a run of the seed is missing, or the dedicated network reached a value near zero.
    """
    metric, near_zero = branch.metric, branch.task.near_zero(branch.metric)
    gains = np.full(len(branch.specialised["test"]), np.nan)
    for seed, (own, dedicated) in enumerate(zip(branch.specialised["test"], branch.dedicated["test"], strict=True)):
        if np.isfinite(own) and np.isfinite(dedicated) and abs(dedicated) >= near_zero:
            gains[seed] = relative_performance({metric.name: own}, {metric.name: dedicated}, (metric,), branch.task)
    return gains


def tree_cost(study: Study, results: TreeResults, question: CostQuestion, unit: Unit) -> float | None:
    """Return what the TreeDNN costs without heads; None where question and unit do not go together.

    Branches are counted as wide and deep as the backbone's own blocks.

    Args:
        study: Its backbone is the trunk and every branch.
        results: Cut and branches.
        question: *Stored*: the trunk once and every branch. *All tasks*: the same blocks, run on one input.
            *One task*: one path. *Resident*: the trunk and one branch.
        unit: Unit of cost.

    Raises:
        BackboneError: Latency is requested and a block was never timed.
    """
    if unit not in question.units:
        return None
    costs = block_costs(study.backbone, unit)
    trunk, rest = float(costs[: results.cut].sum()), float(costs[results.cut :].sum())
    one_path = question in (CostQuestion.ONE_TASK, CostQuestion.RESIDENT)
    return trunk + rest * (1 if one_path else len(results.branches))


def tree_points(study: Study, question: CostQuestion, unit: Unit) -> list[PlanePoint]:
    """Return the TreeDNN of a study as a point; none before every branch is compared in at least one seed.

    Args:
        study: With a TreeDNN.
        question: Which question the cost answers.
        unit: Unit of cost.
    """
    results = study.result(TreeResults)
    cost = None if results is None else tree_cost(study, results, question, unit)
    if results is None or cost is None:
        return []
    names = [branch.name for branch in results.branches]
    gains = np.array([branch_gains(branch) for branch in results.branches]).T  # [n_seeds, n_branches]
    point = measured_point("treednn", f"cut {results.cut}", names, cost, (question, unit), results.seeds, gains)
    return [] if point is None else [point]


def tree_storage(study: Study) -> list[StorageCurve]:
    """Return what the trunk and the first branches store; none where no TreeDNN is requested.

    Branches come in their own order: grafts last. A graft changes nothing of the tree, so a tree without its last
    grafts was measured as well; a tree with fewer branches from the start was not.
    """
    results = study.result(TreeResults)
    if results is None:
        return []
    costs = block_costs(study.backbone, Unit.PARAMETERS)
    trunk, branch = float(costs[: results.cut].sum()), float(costs[results.cut :].sum())
    sizes = tuple(trunk + branch * k for k in range(1, len(results.branches) + 1))
    point = next(iter(tree_points(study, CostQuestion.STORED, Unit.PARAMETERS)), None)
    gains = np.array([branch_gains(branch) for branch in results.branches]).T  # [n_seeds, n_branches]
    n_grown = sum(not branch.is_graft for branch in results.branches)
    known = {k: first_tasks_gain(gains[:, :k]) for k in range(max(n_grown, 2), len(results.branches) + 1)}
    first = {1: ONE_TASK, **{k: gain for k, gain in known.items() if gain is not None}}
    return [StorageCurve("treednn", f"cut {results.cut}", sizes, point, first)]
