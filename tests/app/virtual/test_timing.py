"""Times of levels on the page: those of a measurement here, else those of the study, which Compare shows, too."""

import pytest

from app.virtual.timing import shown_times
from core.backbones.division import Division
from core.costs import CostQuestion, Unit
from core.families.virtual.points import virtual_points
from core.studies.bundled import load_bundled


def test_a_study_that_was_timed_shows_what_compare_does():
    study = load_bundled("five")
    found = shown_times(study, Division(4))
    points = virtual_points(study, CostQuestion.ONE_TASK, Unit.LATENCY)
    costs = [point.cost(CostQuestion.ONE_TASK, Unit.LATENCY) for point in points[:4]]
    assert found.milliseconds == pytest.approx([1000 * cost for cost in costs])
    assert "AVX2" in found.words
    assert shown_times(study, Division(2)) is None
    assert shown_times(load_bundled("virtual-joint"), Division(4)) is None
