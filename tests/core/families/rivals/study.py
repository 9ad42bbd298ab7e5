"""The small study with rivals, of which one needs an epoch for each of three parts."""

from core.studies.specification import StudySpecification
from tests.core.families.small_study import small_study, text_of

TEXT = text_of("rivals", epochs=3)


def study_of(more: str = "", text: str = TEXT) -> StudySpecification:
    """Return the study with more keys of its rivals."""
    return small_study(text, more)
