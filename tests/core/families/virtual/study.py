"""The small study with deep virtual networks."""

from core.studies.specification import StudySpecification
from tests.core.families.small_study import small_study, text_of

TEXT = text_of("virtual")


def study_of(more: str = "", text: str = TEXT) -> StudySpecification:
    """Return the study with more keys of its deep virtual networks."""
    return small_study(text, more)
