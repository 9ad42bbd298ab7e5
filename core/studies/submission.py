"""Part of a study that is requested at once."""

from typing import Protocol

from core.runs.run import Run
from core.studies.specification import StudySpecification


class Submission(Protocol):
    """Part of a study that is requested at once; every family has its own submissions."""

    def extend(self, study: StudySpecification) -> StudySpecification:
        """Return the study with this added to its requests.

        Raises:
            StudyError: This submission does not fit the study, or there would be too many runs.
        """

    def runs(self, study: StudySpecification) -> list[Run]:
        """Return what is requested, without its parents.

        Args:
            study: As ``extend`` returns it.
        """
