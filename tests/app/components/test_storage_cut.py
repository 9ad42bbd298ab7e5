import base64
import json
import zlib

import pytest

from app.components.storage_cut import CutEntry, packed_entries
from app.storage.figure import cut_entry, figure_data
from app.storage.model import StorageView
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone, LayerCount


def view_of(name, cut=3, k=5):
    return StorageView(CutBackbone(load_backbone(name), cut, k), LayerCount(100, 10, k))


def entries(data):
    return json.loads(zlib.decompress(base64.b64decode(data["packed"])))


@pytest.mark.parametrize("name", ["resnet18", "maxvit_t"])
def test_a_drag_finds_words_for_every_cut(name):
    view = view_of(name)
    data = figure_data(view)
    assert json.loads(json.dumps(data)) == data
    assert [each["cut"] for each in entries(data)] == list(range(view.backbone.n_blocks + 1))
    assert [strip["sizes"] for strip in data["strips"]][1] == [block.params for block in load_backbone(name).blocks]
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


def test_words_repeat_themselves_and_travel_compressed():
    whole = [cut_entry(view_of("resnet18", cut)) for cut in range(9)]
    assert len(packed_entries(whole)) < 4_000
