"""What must hold before a TreeDNN is trained, found with the real data sets and networks."""

from collections.abc import Mapping

import torch

from core.data.dataset import Dataset
from core.data.federated import FederatedSampler
from core.errors import DataError
from core.families.treednn.branch import BranchPlan
from core.families.treednn.network import TreeDNN
from core.families.treednn.request import FRESH, MOST_ALIKE, TreeRequest
from core.families.treednn.specification import branch_sets
from core.networks.plan import BackbonePlan
from core.studies.specification import StudySpecification
from core.studies.split_size import picture_size

# Features are compared by the order of distances between pictures: fewer have none.
N_COMPARED = 3


def check_branches(study: StudySpecification, loaded: Mapping[str, Dataset]) -> None:
    """Raise what would otherwise only be found in training.

    Args:
        study: With a TreeDNN.
        loaded: Name of a branch → its data set; or the one of all, where each takes a part of it.

    Raises:
        DataError: A data set is too small, or a batch holds too few rows of one.
        FamilyError: A branch can't be as wide or deep as it is requested.
    """
    request, side = study.requested(TreeRequest), picture_size(study.dataset)
    assert request is not None
    assert side is not None
    sets = branch_sets(study, request.seeds[0])
    if not study.has_several:
        (whole,) = loaded.values()
        loaded = {name: whole.with_part(place, len(sets)) for place, name in enumerate(study.tasks)}
    sizes = [len(loaded[each.name].train) for each in sets if each.name not in request.grafts]
    rows = min(FederatedSampler(tuple(sizes), study.training.batch_size).rows_per_set)
    wanted: dict[tuple[object, ...], BranchPlan] = {}
    for each in sets:
        data = loaded[each.name]
        n = len(data.validation)
        if request.grafts.get(each.name) == MOST_ALIKE and n < N_COMPARED:
            raise DataError(
                f'"{each.name}" has {n} validation picture(s), too few to say which branch is the most alike: that '
                f"takes {N_COMPARED}. Give it more, or let the graft start {FRESH}."
            )
        task, width, depth = data.task(each.task), request.widths.get(each.name, 1.0), request.depths.get(each.name, 0)
        wanted.setdefault((task.kind, width, depth), BranchPlan(each.name, task, data.size, width, depth))
    plan = BackbonePlan.of(study.backbone.without_weights, side)
    for branch in wanted.values():
        # One at a time: forty branches of a large backbone fill gigabytes.
        tree = TreeDNN.build(plan, request.cut, [branch])
        try:
            with torch.no_grad():
                tree.train().branch(0)(tree.trunk(torch.zeros(2, 3, *plan.size))[:rows])
        except ValueError:
            # BatchNorm, where a map is down to one pixel.
            raise DataError(
                f"A batch of {study.training.batch_size} holds {rows} row of a data set, too few for the last "
                f"blocks of this backbone. Choose a batch size of at least {2 * len(study.tasks)}."
            ) from None
