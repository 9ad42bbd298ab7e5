import re

from app.charts.small_tree import small_tree_svg
from core.layouts import Layout


def test_there_is_a_line_for_each_copy_and_a_dot_for_each_task():
    layout = Layout.parse("0,1,2|0,1;2|0;1;2")
    drawn = small_tree_svg(layout)
    assert drawn.count("<path") == layout.n_groups
    assert drawn.count("<circle") == 3
    assert 'aria-hidden="true"' in drawn


def test_shared_lines_are_thicker_and_all_stay_inside():
    drawn = small_tree_svg(Layout.parse("0,1,2|0;1,2"), width=100, height=60)
    shared, *_, alone = sorted((float(w) for w in re.findall(r'stroke-width="([\d.]+)"', drawn)), reverse=True)
    assert shared > alone
    heights = [float(y) for y in re.findall(r",([\d.]+)", drawn)]
    assert 0 <= min(heights) <= max(heights) <= 60


def test_forty_tasks_need_no_colours():
    drawn = small_tree_svg(Layout.all_split(40, 8))
    assert "<circle" not in drawn
    assert drawn.count("<path") == 320
