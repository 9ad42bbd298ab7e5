"""Costs by union are those of the family's own arithmetic, for every question and unit of every bundled network."""

import pytest

from core.costs import CostQuestion, Unit
from core.studies.bundled import load_bundled
from core.studies.family import families

PAIRS = [(question, unit) for question in CostQuestion for unit in question.units]


def points(name):
    study = load_bundled(name)
    return [
        (study, family, point, question, unit)
        for question, unit in PAIRS
        for family in families()
        for point in family.points(study, question, unit)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("digits", {"layouts"}),
        ("five", {"layouts", "multipath", "treednn", "virtual", "widened", "hybrid", "MTAN", "AdaShare"}),
        ("treednn", {"treednn"}),
        ("paths-split", {"multipath", "MTAN", "AdaShare"}),
        ("virtual-joint", {"virtual", "PackNet⁺", "NestedNet with channels"}),
        ("virtual-sequence", {"virtual", "Feature extraction", "LwF", "Fine-tuning"}),
    ],
)
def test_an_allocation_costs_what_its_family_says(name, expected):
    found, none, known = set(), set(), {}
    for study, family, point, question, unit in points(name):
        if (family.name, point.label) not in known:
            known[family.name, point.label] = family.allocation(study, point)
        allocation = known[family.name, point.label]
        of = point.label if family.name == "rivals" else family.name
        if allocation is None:
            none.add(of)
            continue
        found.add(of)
        assert allocation.tasks == point.tasks
        if (family.name, unit) == ("virtual", Unit.LATENCY):
            # A level is timed as a whole: its units have no times that add up.
            assert allocation.cost(question, unit) is None
            continue
        assert allocation.cost(question, unit) == pytest.approx(point.cost(question, unit), rel=1e-9), point.label
    assert found == {"single", *expected}
    # Weights that are masked one by one are no pieces.
    assert none <= {"PackNet", "NestedNet"}
