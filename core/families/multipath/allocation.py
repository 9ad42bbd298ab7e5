"""Which task uses which piece of a multi-path network: a piece between each exit and the one before it."""

from collections.abc import Sequence

import numpy as np

from core.backbones import Backbone
from core.costs import Allocation, Piece, Unit, block_costs
from core.families.multipath.assignment import AssignmentQuestion, best_assignments
from core.families.multipath.points import assignment_text, path_costs
from core.families.multipath.results import MultiPathResults
from core.plane.point import PlanePoint
from core.studies.study import Study


def path_allocation(results: MultiPathResults, backbone: Backbone, assign: Sequence[int]) -> Allocation:
    """Return which task uses which part of the path to the deepest exit that any of them uses.

    Args:
        results: Exits, tasks and their shares of use.
        backbone: Its blocks, with seconds where they were timed.
        assign: Number of the exit of each task.
    """
    params, macs = (path_costs(results.exits, backbone, unit) for unit in (Unit.PARAMETERS, Unit.MACS))
    timed = backbone.latency is not None
    seconds = np.diff(path_costs(results.exits, backbone, Unit.LATENCY), prepend=0) if timed else None
    begins = np.concatenate([[0.0], macs])
    ends = np.cumsum(block_costs(backbone, Unit.MACS))
    firsts = np.searchsorted(ends, begins, side="right")
    lasts = np.searchsorted(ends, macs, side="left")
    names = ("the input", *(f"exit {name}" for name in results.exit_names))
    pieces = tuple(
        Piece(
            f"{names[place]} to {names[place + 1]}",
            tuple(range(int(firsts[place]), min(int(lasts[place]) + 1, backbone.n_blocks))),
            int(np.diff(params, prepend=0)[place]),
            float(macs[place] - begins[place]),
            None if seconds is None else float(seconds[place]),
        )
        for place in range(max(assign) + 1)
    )
    paths = tuple(tuple(range(exit_ + 1)) for exit_ in assign)
    return Allocation(tuple(task.name for task in results.tasks), pieces, paths, results.usage)


def assignment_of(study: Study, results: MultiPathResults, point: PlanePoint) -> tuple[int, ...] | None:
    """Return the number of the exit of each task of a point; None where it is none of the study's.

    Args:
        study: With multi-path networks.
        results: Theirs.
        point: A trained network, or a best assignment of the matrix for the question and unit that it has a cost of.
    """
    for network in results.networks:
        if point.label == f"{network.name}: {assignment_text(network.assign, results)}":
            return network.assign
    gains = None if results.matrix is None else results.matrix.mean_gains("validation")
    if gains is None:
        return None
    for asked in AssignmentQuestion:
        usage = results.usage if asked is AssignmentQuestion.ACTIVE else ()
        for unit in dict.fromkeys(unit for _, unit in point.costs):
            costs = path_costs(results.exits, study.backbone, unit).tolist()
            for best in best_assignments(gains, costs, asked, usage):
                if point.label == f"matrix: {assignment_text(best.exits, results)}":
                    return best.exits
    return None
