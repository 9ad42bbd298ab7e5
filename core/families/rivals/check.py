"""What must hold before rivals are trained, found with the real data set and backbone."""

from collections.abc import Mapping

from core.data.dataset import Dataset
from core.errors import FamilyError
from core.families.rivals.build import build_rival
from core.families.rivals.method import title_of
from core.families.rivals.request import RivalRequest
from core.families.rivals.runs import method_runs
from core.studies.specification import StudySpecification


def check_rivals(study: StudySpecification, loaded: Mapping[str, Dataset]) -> None:
    """Raise what would otherwise only be found in training.

    Args:
        study: With rivals.
        loaded: Holds its data set.

    Raises:
        BackboneError: A method can't use the blocks of the backbone.
        FamilyError: They can't be cut into the units of a method.
    """
    request = study.requested(RivalRequest)
    assert request is not None
    (data,) = loaded.values()
    tasks = tuple(data.task(name) for name in study.tasks)
    for run in method_runs(study, request.seeds[0]):
        try:
            build_rival(run, tasks, data.size)
        except FamilyError as fault:
            raise FamilyError(f"{title_of(run.method)} can't have this backbone. {fault}") from None
