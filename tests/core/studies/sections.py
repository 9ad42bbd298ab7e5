"""Studies that request less, or other things."""

from core.studies.specification import StudySpecification


def without(study: StudySpecification, *sections: str) -> StudySpecification:
    """Return a study that requests nothing in some sections."""
    return study.model_copy(update={"requests": {k: v for k, v in study.requests.items() if k not in sections}})
