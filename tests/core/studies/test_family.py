from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest

from core.errors import StudyError
from core.runs.frozen import Frozen
from core.studies import family
from core.studies.family import BUILT_IN, Family, families


class Swallowing(Family):
    name = "swallowing"
    sections: ClassVar = {"training": Frozen}


SWALLOWING = Swallowing()
NOTHING = object()


@pytest.fixture
def installed(monkeypatch):
    """Install a family that is in this file, or said to be in a module that is not there."""

    def install(value):
        entry = EntryPoint("added", value, family.ENTRY_POINTS)
        monkeypatch.setattr(family, "entry_points", lambda *, group: [entry] if group == entry.group else [])
        return families.__wrapped__

    return install


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("nowhere_to_be_found:FAMILY", "can't be loaded"),
        (f"{__name__}:MISSING", "can't be loaded"),
        (f"{__name__}:NOTHING", "no object of class Family"),
        (f"{__name__}:SWALLOWING", 'section "training"'),
        (BUILT_IN[0], "Two families"),
    ],
)
def test_an_installed_family_that_does_not_fit_gets_a_sentence(installed, value, sentence):
    with pytest.raises(StudyError, match=sentence):
        installed(value)()
