import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from app.backbone.chart import backbone_svg, merge_words
from app.backbone.model import BackboneView, equal_starts
from core.backbones import Backbone, Block

SVG = "{http://www.w3.org/2000/svg}"


def backbone(n: int, name: str = "layer") -> Backbone:
    blocks = tuple(Block(f"{name}{i}", 1000 * (i + 1), 10**9 // (i + 1), (64, 112, 112)) for i in range(n))
    return Backbone("net", blocks, (3, 224, 224))


def drawn(view: BackboneView, width: int = 960) -> ElementTree.Element:
    return ElementTree.fromstring(backbone_svg(view, width=width))


@pytest.mark.parametrize("n", [1, 2, 5, 17, 33, 60, 200])
@pytest.mark.parametrize("merged", [1, 5, 200])
def test_a_backbone_of_any_length_stays_inside_the_drawing(n: int, merged: int) -> None:
    whole = backbone(n)
    root = drawn(BackboneView(whole, equal_starts(whole, min(n, merged))))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for rect in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert w > 0
        assert h > 0
        assert x >= 0
        assert y >= 0
        assert x + w <= width
        assert y + h <= height
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height


def test_every_found_block_has_two_bars_and_every_point_a_mark() -> None:
    whole = backbone(9)
    view = BackboneView(whole, (0, 3, 4))
    root = drawn(view)
    assert len(list(root.iter(f"{SVG}title"))) == 2 * 9
    marks = [circle.attrib for circle in root.iter(f"{SVG}circle")]
    assert len(marks) == 8
    assert sum("stroke" not in mark for mark in marks) == 2
    assert merge_words(view) == "2 of 8 branching points kept"


def test_bars_do_not_overlap() -> None:
    whole = backbone(60)
    root = drawn(BackboneView(whole, tuple(range(60))))
    bars = [rect for rect in root.iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None][:60]
    ends = [(float(bar.attrib["x"]), float(bar.attrib["x"]) + float(bar.attrib["width"])) for bar in bars]
    # Coordinates are written with one digit.
    assert all(end <= start + 0.11 for (_, end), (start, _) in pairwise(ends))


def test_names_are_data() -> None:
    view = BackboneView(backbone(3, name='<script>"&'), (0, 1, 2))
    text = backbone_svg(view)
    assert "<script" not in text
    ElementTree.fromstring(text)


def test_words_are_not_wider_than_their_block() -> None:
    whole = backbone(8, name="a very long name of a block ")
    root = drawn(BackboneView(whole, tuple(range(8))))
    for text in root.iter(f"{SVG}text"):
        if re.match("a very", text.text or ""):
            assert len(text.text or "") <= 17


def test_one_kind_of_cost_is_drawn_alone() -> None:
    only = Backbone("net", (Block("a", 0, 5), Block("b", 0, 7)))
    root = drawn(BackboneView(only, (0, 1)))
    assert [title.text for title in root.iter(f"{SVG}title")] == ["a: 5 MACs", "b: 7 MACs"]
    timed = Backbone("net", (Block("a", 0, 0, latency=0.01),))
    assert "10.0 ms" in backbone_svg(BackboneView(timed, (0,)))


@pytest.mark.parametrize("width", [560, 680, 1300])
@pytest.mark.parametrize("n", [3, 5, 8, 17])
def test_every_bar_says_its_value_on_every_screen_and_values_do_not_overlap(n: int, width: int) -> None:
    whole = Backbone("net", tuple(Block(f"layer{i}", 13_952 + i, 295_000 + i, (64, 8, 8)) for i in range(n)))
    root = drawn(BackboneView(whole, tuple(range(n))), width)
    found = [text for text in root.iter(f"{SVG}text") if text.text in ("14 k", "295 k")]
    assert len(found) == 2 * n
    for row in ("14 k", "295 k"):
        places = [float(text.attrib["x"]) for text in found if text.text == row]
        size = 11.5 if "transform" in found[0].attrib else 11.5 * 0.56 * len(row)
        assert min(b - a for a, b in pairwise(places)) >= size - 0.5
