"""Channels and units: every channel in one unit, patterns that fit all widths, refusals."""

import numpy as np
import pytest

from core.backbones.division import COMMON, Division
from core.errors import FamilyError
from core.families.virtual.totals import widths


def test_every_channel_is_in_one_unit_or_common() -> None:
    for n_units, base in ((2, 0.0), (3, 0.25), (4, 0.0), (4, 0.5), (5, 0.0)):
        division = Division(n_units, base)
        n = 4 * len(division.pattern)
        alone = [set(division.channels(n, [unit])) for unit in range(n_units)]
        common = set(division.channels(n, []))
        assert len(common) == round(base * n)
        assert set.union(*alone) == set(range(n))
        assert all(one & other == common for one in alone for other in alone if one is not other)


def test_levels_have_the_widths_of_the_arithmetic() -> None:
    for n_units, base in ((3, 0.25), (4, 0.0), (2, 0.5)):
        division = Division(n_units, base)
        n = 6 * len(division.pattern)
        found = [len(division.channels(n, range(level + 1))) / n for level in range(n_units)]
        assert found == pytest.approx(widths(n_units, base))


def test_a_channel_keeps_its_unit_in_a_wider_layer() -> None:
    division = Division(4)
    narrow, wide = division.channels(8, [1, 3]), division.channels(16, [1, 3])
    assert np.array_equal(wide[wide < 8], narrow)


def test_what_can_not_be_divided_is_refused() -> None:
    assert Division(3, 0.25).pattern == (COMMON, 0, 1, 2)
    with pytest.raises(FamilyError, match=r"conv1 has 10 channels, and 4 units need a multiple of 4"):
        Division(4).channels(10, [0], "conv1")
    with pytest.raises(FamilyError, match="2 to 64 units"):
        Division(1)
    with pytest.raises(FamilyError, match=r"below 1. Found 1"):
        Division(3, 1.0)
