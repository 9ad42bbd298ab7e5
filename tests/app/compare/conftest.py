"""The plane of a bundled study with several families, and one of made-up networks."""

import pytest

from app.compare.model import CompareView
from core.costs import CostQuestion, Unit
from core.studies.bundled import load_bundled
from core.studies.study_plane import StudyPlane


@pytest.fixture(scope="session")
def paths_plane() -> StudyPlane:
    """Multi-path networks, single-task networks and other methods."""
    return StudyPlane(load_bundled("paths-hierarchy"))


@pytest.fixture(scope="session")
def stored(paths_plane) -> CompareView:
    """The same by stored parameters and mean gain."""
    return CompareView(paths_plane, CostQuestion.STORED, Unit.PARAMETERS)
