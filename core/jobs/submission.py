"""Submissions and the runs they need, each after its parents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.runs.run import Run
from core.studies.expand import expand
from core.studies.family import families
from core.studies.specification import StudySpecification
from core.studies.submission import Submission


@dataclass(frozen=True, slots=True)
class FamilySubmission:
    """Everything that a study requests of one family.

    Args:
        family: Its name.
    """

    family: str

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study as it is."""
        return study

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return the runs of the family."""
        return [run for family in families() if family.name == self.family for run in family.expand(study)]


@dataclass(frozen=True, slots=True)
class WholeStudy:
    """Everything that a study requests."""

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study as it is."""
        return study

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return all its runs."""
        return expand(study)


def extended(study: StudySpecification, submissions: Sequence[Submission]) -> StudySpecification:
    """Return a study with all submissions added to its requests.

    Raises:
        StudyError: One does not fit the study, or there would be too many runs.
    """
    for submission in submissions:
        study = submission.extend(study)
    return study


def requested_runs(study: StudySpecification, submissions: Sequence[Submission]) -> list[Run]:
    """Return the runs of the submissions, each once, without parents."""
    return list({run.key: run for submission in submissions for run in submission.runs(study)}.values())


def with_parents(runs: Iterable[Run]) -> list[Run]:
    """Return the runs and all their parents, each once and after its own parents."""
    found: dict[str, Run] = {}
    for run in runs:
        for parent in run.parents:
            found.setdefault(parent.key, parent)
        found.setdefault(run.key, run)
    return list(found.values())


def kept_weights(runs: Iterable[Run]) -> set[str]:
    """Return the keys of the runs whose weights others among these start from, and of those that always keep theirs."""
    requested = list(runs)
    sources = {parent.key for run in requested if run.starts_from_parents for parent in run.parents}
    return sources | {run.key for run in requested if run.keeps_weights}
