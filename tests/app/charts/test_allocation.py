import xml.etree.ElementTree as ET

import pytest

from app.charts.allocation import allocation_picture
from app.charts.paper import on_paper
from core.costs import Allocation, Piece, Unit, layout_allocation
from core.layouts import Layout
from core.studies.bundled import load_bundled


def rectangles(drawn):
    """Return words of a hover → its rectangles as x, y, width and height."""
    found = {}
    for node in drawn.iter():
        if node.tag.endswith("rect") and len(node):
            sides = tuple(float(node.attrib[side]) for side in ("x", "y", "width", "height"))
            found.setdefault(node[0].text, []).append(sides)
    return found


def test_a_copy_of_a_block_spans_the_rows_of_its_tasks_and_is_as_wide_as_it_costs():
    study = load_bundled("scenes")
    layout = Layout.parse("0,1,2 | 0,1,2 | 0,2;1 | 0;1;2 | 0;1;2")
    allocation = layout_allocation(layout, study.backbone, study.task_names)
    found = rectangles(ET.fromstring(on_paper(allocation_picture(allocation, Unit.PARAMETERS))))
    # One rectangle for every copy: tasks 0 and 2 are neighbours, so none is cut.
    assert [len(each) for each in found.values()] == [1] * sum(layout.group_counts)
    heights = sorted({round(sides[0][3]) for sides in found.values()})
    assert len(heights) == 3
    widths = [sides[0][2] for sides in found.values()]
    assert (widths[0] < widths[-1]) == (study.backbone.blocks[0].params < study.backbone.blocks[-1].params)


def test_pieces_of_rows_apart_are_joined_and_what_no_task_uses_is_dashed():
    pieces = (Piece("<b>", (), 1, 1), Piece("ab", (), 1, 1), Piece("bc", (), 1, 1), Piece("kept", (), 1, 0))
    allocation = Allocation(("a", "b", "c"), pieces, ((0, 1), (1, 2), (0, 2)))
    drawn = ET.fromstring(on_paper(allocation_picture(allocation, Unit.PARAMETERS)))
    found = {words.split(" · ")[0]: each for words, each in rectangles(drawn).items()}
    assert [*found] == ["<b>", "ab", "bc", "kept"]
    # Three pairs of three rows: two are neighbours, whatever the order.
    assert sorted(map(len, found.values())) == [1, 1, 1, 2]
    assert sum(node.tag.endswith("line") for node in drawn.iter()) == 1
    # Nothing is computed with what is only kept.
    assert "kept" not in allocation_picture(allocation, Unit.MACS).replace("kept, not", "")


@pytest.mark.parametrize("n_tasks", [1, 40])
def test_everything_lies_within_the_picture(n_tasks):
    names = ['<script>alert("x")</script>' + str(n) for n in range(n_tasks)]
    pieces = tuple(Piece(f"p{n}", (n % 16,), 1000 ** (n % 3), n) for n in range(2 * n_tasks))
    paths = tuple((n, n_tasks + n) for n in range(n_tasks))
    drawn = ET.fromstring(on_paper(allocation_picture(Allocation(tuple(names), pieces, paths), Unit.PARAMETERS)))
    _, _, width, height = map(float, drawn.attrib["viewBox"].split())
    assert not any(node.tag.endswith("script") for node in drawn.iter())
    for node in drawn.iter():
        if node.tag.endswith("rect"):
            x, y, wide, high = (float(node.attrib[side]) for side in ("x", "y", "width", "height"))
            assert x >= 0 <= y
            assert wide > 0 < high
            assert x + wide <= width
            assert y + high <= height
