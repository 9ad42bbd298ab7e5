"""What must hold before a multi-path network is trained, found with the real data set and network."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from core.data.dataset import Dataset
from core.errors import BackboneError, DataError, FamilyError
from core.families.multipath.distillation import Distillation
from core.families.multipath.hierarchy import pairs_of
from core.families.multipath.network import build_multipath
from core.families.multipath.place import all_places
from core.families.multipath.request import MultiPathRequest, PathNetworkRequest
from core.families.single.set_view import sets_of
from core.studies.specification import StudySpecification
from core.tasks import Kind, Task

_PROBABILITIES = (Kind.CLASSIFICATION, Kind.ORDINAL, Kind.SEGMENTATION, Kind.MULTI_LABEL)


def check_paths(study: StudySpecification, loaded: Mapping[str, Dataset]) -> None:
    """Raise what would otherwise only be found in training.

    Args:
        study: With multi-path networks.
        loaded: Holds its data set, or each of them by the name of its task.

    Raises:
        BackboneError: An exit is outside the backbone, or a head doesn't fit it.
        DataError: The tasks are in another order than said, or of maps of another size than the pictures.
        FamilyError: A network sets what none of the tasks can use.
    """
    request = study.requested(MultiPathRequest)
    assert request is not None
    sets = sets_of(study, loaded)
    tasks = tuple(data.task(name) for data, name in zip(sets, study.tasks, strict=True))
    exits = request.exit_names(study.backbone.blocks)
    try:
        build_multipath(
            study.backbone.without_weights, exits, all_places(len(tasks), len(exits)), tasks, sets[0].size, 0
        )
    except BackboneError as fault:
        raise BackboneError(f'Study "{study.name}", exits of [multipath]: {fault}') from None
    for network in request.networks:
        _check_loss(network, tasks)
    if request.order == "hierarchy":
        check_hierarchy(sets[0], tasks)
    if request.order == "labels":
        check_counts([(task.name, data.n_labelled("train", task.name)) for data, task in zip(sets, tasks, strict=True)])


def _check_loss(network: PathNetworkRequest, tasks: Sequence[Task]) -> None:
    if any(task.kind in _PROBABILITIES for task in tasks) or not network.has_teachers:
        return
    usual = Distillation()
    changed = [
        name for name in ("temperature", "direction", "squared") if getattr(network, name) != getattr(usual, name)
    ]
    if changed:
        raise FamilyError(
            f'"{network.name}" sets {changed[0]}, which compares probabilities, and no task has any: '
            f'"{tasks[0].name}" is a {tasks[0].kind.value}. Leave it out.'
        )


def check_hierarchy(data: Dataset, tasks: Sequence[Task]) -> None:
    """Check that each task's classes are parts of those of the task before it.

    Args:
        data: Every labelled picture of it is looked at.
        tasks: From coarse to fine.

    Raises:
        DataError: A task has no classes, or a class lies in two coarser ones.
    """
    for task in tasks:
        if task.kind is not Kind.CLASSIFICATION:
            raise DataError(
                f'"{task.name}" is a {task.kind.value} and has no classes, so it is no level of a hierarchy. '
                'Choose other tasks, or order = "index".'
            )
    for coarse, fine in pairwise(tasks):
        above: dict[int, int] = {}
        for of_fine, of_coarse in pairs_of(data, fine, coarse):
            if above.setdefault(of_fine, of_coarse) != of_coarse:
                raise DataError(
                    f'The hierarchy contradicts itself: "{_class(data, fine, of_fine)}" of "{fine.name}" is both '
                    f'"{_class(data, coarse, above[of_fine])}" and "{_class(data, coarse, of_coarse)}" of '
                    f'"{coarse.name}". List tasks from coarse to fine.'
                )


def check_counts(counts: Sequence[tuple[str, int]]) -> None:
    """Check that no task has more labels than the one before it, else raise DataError.

    Args:
        counts: Name and number of labelled training pictures of each task.
    """
    for (before, many), (name, more) in pairwise(counts):
        if more > many:
            raise DataError(
                f'"{name}" has {more:,} labelled training pictures and comes behind "{before}", which has {many:,}. '
                'List the task with the most first, or write order = "index".'
            )


def _class(data: Dataset, task: Task, number: int) -> str:
    names = data.class_names.get(task.name, ())
    return (str(names[number]) if number < len(names) else str(number))[:60]
