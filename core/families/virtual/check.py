"""What must hold before deep virtual networks are trained, found with the real data and network."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from core.data.dataset import Dataset
from core.data.missing import labelled
from core.errors import BackboneError, FamilyError
from core.families.single.set_view import sets_of
from core.families.virtual.network import check_levels
from core.families.virtual.request import VirtualRequest
from core.networks.study_blocks import blocks_of
from core.studies.specification import StudySpecification


def check_virtual(study: StudySpecification, loaded: Mapping[str, Dataset]) -> list[str]:
    """Raise what would otherwise only be found in training; return doubts, as sentences.

    Args:
        study: With deep virtual networks.
        loaded: Holds its data set, or each of them by the name of its task.

    Raises:
        FamilyError: The backbone can't be cut into the units.
        BackboneError: The backbone can't be made, or a head doesn't fit a level.
        DataError: A task has maps of another size than the pictures.
    """
    request = study.requested(VirtualRequest)
    assert request is not None
    sets = sets_of(study, loaded)
    tasks = [data.task(name) for data, name in zip(sets, study.tasks, strict=True)]
    where = f'Study "{study.name}", [virtual]'
    try:
        check_levels(blocks_of(study.backbone.without_weights, sets[0].size), tasks, request.division, sets[0].size)
    except FamilyError as fault:
        raise FamilyError(f"{where}: {fault}") from None
    except BackboneError as fault:
        raise BackboneError(f"{where}: {fault}") from None
    if study.has_several or all(network.training == "jointly" for network in request.networks):
        return []
    return _seen_twice(where, sets[0], study.tasks)


def _seen_twice(where: str, data: Dataset, names: Sequence[str]) -> list[str]:
    """Return a sentence where tasks of a sequence have pictures in common."""
    known = {name: labelled(data.task(name).kind, data.train.targets[name]) for name in names}
    for one, other in combinations(names, 2):
        both = int((known[one] & known[other]).sum())
        if both:
            return [
                f'{where}: {both:,} training pictures are labelled for both "{one}" and "{other}". In a sequence they '
                "are seen again in a later turn, with its labels alone: what is not there any more are labels, not "
                "pictures."
            ]
    return []
