"""From what a study requests to its runs, over all families."""

from core.runs.run import Run
from core.studies.family import families
from core.studies.specification import StudySpecification


def expand(study: StudySpecification) -> list[Run]:
    """Return every run that a study requests once, in the order of the families."""
    if "runs" not in study.derived:
        found = {run.key: run for family in families() for run in family.expand(study)}
        study.derived["runs"] = list(found.values())
    return list(study.derived["runs"])


def trainings(study: StudySpecification) -> list[Run]:
    """Return the runs that count among the trainings of a study: all but measurements."""
    return [run for run in expand(study) if run.is_training]
