import pytest
import torch

from core.errors import BackboneError
from core.families.multipath import recorded
from core.families.multipath.exits import PRESETS
from core.families.multipath.ladder import ladder, preset_network
from core.families.multipath.payload import records_of


@pytest.mark.parametrize("name", PRESETS)
def test_the_paper_s_exits_are_among_the_recorded_places_and_paths_are_nested(name):
    found = recorded.recorded_exits(name)
    names = [each.name for each in found]
    assert set(PRESETS[name].exits) <= set(names)
    assert names == list(recorded.PLACES[PRESETS[name].backbone])
    for count in ("params", "macs", "published_params", "published_macs"):
        numbers = [getattr(each, count) for each in found]
        assert numbers == sorted(numbers)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18-5", "mobilenetv2-0.5-3"])
def test_what_is_recorded_is_what_is_traced(name):
    preset = PRESETS[name]
    example = torch.zeros(2, 3, preset.size, preset.size)
    traced = ladder(preset_network(preset), example, recorded.PLACES[preset.backbone])
    assert recorded.recorded_exits(name) == records_of(traced.exits)


def test_a_damaged_record_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "exits.json").write_text('{"resnet18": [{"name": 1}]}')
    monkeypatch.setattr(recorded, "FILE", tmp_path / "exits.json")
    recorded._recorded.cache_clear()
    try:
        with pytest.raises(BackboneError, match=r"exits\.json is damaged"):
            recorded.recorded_exits("resnet18-5")
    finally:
        recorded._recorded.cache_clear()
