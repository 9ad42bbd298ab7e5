"""What a study has of a tree of several data sets."""

from app import cached
from core.studies.grown import TreeResults


def tree_results(name: str) -> TreeResults | None:
    """Give what the tree of a study reached, or None where the study has none.

    Raises:
        StudyError: There is no such study.
    """
    return cached.study(name).tree
