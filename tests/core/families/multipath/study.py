"""The small study with multi-path networks."""

from core.studies.specification import StudySpecification
from tests.core.families.small_study import small_study, text_of

TEXT = text_of("multipath")


def study_of(more: str = "", text: str = TEXT) -> StudySpecification:
    """Return the study with more keys of its multi-path networks."""
    return small_study(text, more)
