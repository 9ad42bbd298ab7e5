import base64
import json
import zlib

import pytest

from app.components.storage_cut import CutEntry, packed_entries
from app.storage.figure import cut_entry, figure_data
from app.storage.model import MOST_BRANCHES, Count, StorageView
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone, LayerCount


def view_of(name, cut=3, k=5):
    return StorageView(CutBackbone(load_backbone(name), cut, k), LayerCount(100, 10, k))


def entries(data):
    return json.loads(zlib.decompress(base64.b64decode(data["packed"])))


@pytest.mark.parametrize("name", ["resnet18", "maxvit_t"])
def test_a_drag_finds_words_for_every_cut_and_every_number_of_branches(name):
    view = view_of(name)
    data = figure_data(view)
    assert json.loads(json.dumps(data)) == data
    found = {(each["cut"], each["branches"]): each for each in entries(data)}
    cuts = [(cut, 5) for cut in range(view.backbone.n_blocks + 1)]
    numbers = [(3, k) for k in range(1, MOST_BRANCHES + 1)]
    assert set(found) == {*cuts, *numbers}
    assert len(entries(data)) == len(found)
    assert len(data["packed"]) < 20_000


def test_what_is_said_of_a_cut_is_what_the_page_of_that_cut_says():
    moved = json.loads(json.dumps(entries(figure_data(view_of("resnet18", 3)))[7]))
    stayed = cut_entry(view_of("resnet18", 7))
    assert (
        CutEntry(
            **{**moved, "tiles": [tuple(t) for t in moved["tiles"]], "strips": [tuple(s) for s in moved["strips"]]}
        )
        == stayed
    )


def test_curves_belong_to_panels_and_strips():
    data = figure_data(view_of("resnet18"))
    blocks = load_backbone("resnet18").blocks
    assert [strip["name"] for strip in data["strips"]] == ["Blocks", "Parameters", "MACs"]
    assert data["strips"][1]["sizes"] == [block.params for block in blocks]
    found = dict(zip(Count, data["curves"], strict=True))
    assert [found[what]["panel"] for what in Count] == [0, 0, 1, 2, 2]
    assert [found[what]["strip"] for what in Count] == [-1, 0, 1, 2, -1]
    assert (found[Count.FORMULA]["trunk"], found[Count.FORMULA]["whole"]) == (60, 100)
    assert found[Count.ONE_TASK]["trunk"] == 0
    # Lines of one panel differ in more than colour.
    for panel in range(3):
        dashes = [curve["dash"] for curve in data["curves"] if curve["panel"] == panel]
        assert len(set(dashes)) == len(dashes)


def test_without_a_formula_its_curve_is_left_out():
    view = StorageView(CutBackbone(load_backbone("resnet18"), 3, 5), None)
    assert [curve["panel"] for curve in figure_data(view)["curves"]] == [0, 1, 2, 2]


def test_words_repeat_themselves_and_travel_compressed():
    whole = [cut_entry(view_of("resnet18", cut)) for cut in range(9)]
    assert len(packed_entries(whole)) < 4_000
