"""Switches of a deployed virtual network, measured."""

import pytest

from core.errors import FamilyError
from core.families.switching.virtual_timing import measure_virtual
from tests.core.families.virtual.test_deployed import deployed


def test_every_way_to_every_level_is_measured(tmp_path):
    _, manifest, folder = deployed(tmp_path)
    found = measure_virtual(folder, repeats=1)
    assert len(found.switches) == 2 * (4 + 3 + 3 + 4)
    assert found.shared_bytes + found.own_bytes == sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    for each in found.switches:
        entry = manifest.task(each.task).levels[each.level]
        assert each.resident_bytes == entry.resident_bytes
        if each.way == "whole":
            assert each.found.bytes == entry.read_bytes
        if each.way == "up":
            assert each.found.bytes == entry.increment_bytes
        if each.way == "down":
            assert each.found.bytes < entry.increment_bytes
        assert 0 < each.found.warm.load < each.found.warm.first_output
    assert found.document()["repeats"] == 1
    with pytest.raises(FamilyError, match="0 repeats"):
        measure_virtual(folder, repeats=0)
