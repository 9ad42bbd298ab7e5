import re
from collections import Counter
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.charts.tree import tree_svg
from core.errors import DataError
from core.layouts import Layout
from core.layouts.enumeration import sample_layouts
from core.tasks import check_task_name

SVG = "{http://www.w3.org/2000/svg}"


def drawn(n_tasks, n_blocks, seed):
    return sample_layouts(n_tasks, n_blocks, 1, np.random.default_rng(seed))[0]


layouts = st.builds(drawn, st.integers(2, 9), st.integers(1, 8), st.integers(0, 2**32 - 1))


def usable(name: str) -> bool:
    try:
        check_task_name(name)
    except DataError:
        return False
    return True


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=18).filter(usable)


def elements(text: str, **attributes: str) -> list[ElementTree.Element]:
    return [
        node
        for node in ElementTree.fromstring(text).iter()
        if all(node.get(key.replace("_", "-").rstrip("-")) == value for key, value in attributes.items())
    ]


@given(layouts, st.data())
def test_every_name_is_written_as_it_is(layout, data):
    tasks = data.draw(st.lists(names, min_size=layout.n_tasks, max_size=layout.n_tasks, unique=True))
    root = ElementTree.fromstring(tree_svg(layout, tasks, [1.0] * layout.n_blocks))
    written = Counter("".join(node.itertext()) for node in root.iter(f"{SVG}text"))
    assert not Counter(tasks) - written


@given(layouts)
def test_every_copy_of_a_block_is_one_target(layout):
    tasks = [f"t{i}" for i in range(layout.n_tasks)]
    found = elements(tree_svg(layout, tasks, [1.0] * layout.n_blocks, selectable=True), class_="block")
    copies = sorted((int(n.get("data-block")), n.get("data-group")) for n in found)
    assert copies == sorted(
        (block, ",".join(map(str, group))) for block, partition in enumerate(layout.partitions) for group in partition
    )
    assert all(node.get("role") == "button" and node.get("tabindex") == "0" for node in found)
    spoken = [node.get("aria-label") for node in found]
    assert all(re.match(r"Block \d+ of .", words) for words in spoken)


@given(layouts)
def test_a_picture_alone_has_no_targets(layout):
    picture = tree_svg(layout, [f"t{i}" for i in range(layout.n_tasks)], [1.0] * layout.n_blocks, label="a tree")
    root = ElementTree.fromstring(picture)
    assert (root.get("role"), root.get("aria-label")) == ("img", "a tree")
    assert not elements(picture, role="button")
    assert not elements(picture, tabindex="0")


@settings(max_examples=30)
@given(layouts)
def test_the_drawing_stays_inside_its_own_frame(layout):
    picture = tree_svg(layout, [f"t{i}" for i in range(layout.n_tasks)], [1.0] * layout.n_blocks, selectable=True)
    root = ElementTree.fromstring(picture)
    _, _, width, height = map(float, root.get("viewBox").split())
    for node in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(node.get(key)) for key in ("x", "y", "width", "height"))
        assert x >= -0.1
        assert x + w <= width + 0.1
        assert y + h <= height + 0.1
    for node in root.iter(f"{SVG}text"):
        assert 0 <= float(node.get("x")) <= width
        assert 0 <= float(node.get("y")) <= height


def test_a_task_keeps_its_colour_wherever_it_runs():
    layout = Layout.parse("0,1,2 | 0,2;1 | 0;1;2")
    root = ElementTree.fromstring(tree_svg(layout, ["a", "b", "c"], [1, 1, 1]))
    strokes = Counter(node.get("stroke") for node in root.iter(f"{SVG}path"))
    assert strokes == {f"var(--bw-task-{task})": 3 for task in range(3)}


def test_some_tasks_of_a_study_keep_the_colours_they_have_there():
    picture = tree_svg(Layout.parse("0,1 | 0;1"), ["c", "d"], [1, 1], hues=(2, 3))
    assert "--bw-task-2" in picture
    assert "--bw-task-3" in picture
    assert "--bw-task-0" not in picture


def test_dearer_blocks_are_drawn_thicker():
    root = ElementTree.fromstring(tree_svg(Layout.parse("0;1 | 0;1 | 0;1"), ["a", "b"], [1, 5, 10]))
    first = [float(node.get("stroke-width")) for node in root.iter(f"{SVG}path")]
    assert first[0] == first[1] < first[2] == first[3] < first[4] == first[5]


def test_blocks_that_cost_nothing_can_be_drawn():
    assert ElementTree.fromstring(tree_svg(Layout.all_split(3, 2), ["a", "b", "c"], [0, 0])) is not None


def test_marked_blocks_are_underlined():
    layout, tasks = Layout.all_shared(3, 6), ["a", "b", "c"]

    def underlines(marked):
        return len(elements(tree_svg(layout, tasks, [1] * 6, marked=marked), fill="var(--bw-primary)"))

    assert [underlines(marked) for marked in ((), (2,), (0, 5))] == [0, 1, 2]


@pytest.mark.parametrize("size", [(40, 8), (2, 64)])
def test_the_largest_studies_can_be_drawn(size):
    layout = drawn(*size, 0)
    picture = tree_svg(layout, [f"task {i}" for i in range(size[0])], [1.0] * size[1], selectable=True)
    assert len(elements(picture, class_="block")) == layout.n_groups
