"""The drawing of who teaches whom."""

from xml.etree import ElementTree

import pytest

from app.paths.model import preset_ladder
from app.paths.teachers import MOST_ROWS, WIDTHS, Teaching, teachers_svg
from core.families.multipath.distillation import Distillation

FIVE = preset_ladder("resnet18-5")
TASKS = ("loop", "<b>shape</b>", "digit")


def drawn(teaching, width=WIDTHS[1]):
    return ElementTree.fromstring(teachers_svg(teaching, width=width))


def of(root, name):
    return root.findall(f"{{http://www.w3.org/2000/svg}}{name}")


def arrows(root):
    return [line for line in of(root, "line") if line.get("y1") == line.get("y2")]


def test_every_task_has_a_teacher_whose_arrow_ends_at_the_exit_of_the_task():
    teaching = Teaching.of(FIVE, TASKS, Distillation(mix="additive", alpha=0.5))
    assert teaching.exits == (1, 2, 4)
    root = drawn(teaching)
    assert [float(line.get("x2")) + 15 for line in arrows(root)] == pytest.approx(
        [float(head.get("cx")) for head in of(root, "circle")], abs=0.2
    )
    assert "<b>shape</b> at exit 3" in root.get("aria-label")
    assert not any(line.get("stroke-dasharray") for line in arrows(root))


def test_heads_stand_below_the_end_of_their_paths():
    root = drawn(Teaching.of(FIVE, tuple("abcde"), Distillation()))
    trunk = [rect for rect in of(root, "rect") if "hatch" not in rect.get("fill")]
    ends = [float(rect.get("x")) + float(rect.get("width")) for rect in trunk]
    assert [float(head.get("cx")) for head in of(root, "circle")] == pytest.approx(ends, abs=0.2)


@pytest.mark.parametrize("loss", [Distillation(alpha=1.0), Distillation(mix="additive", alpha=0.0)])
def test_a_weight_of_zero_switches_every_teacher_off(loss):
    teaching = Teaching.of(FIVE, TASKS, loss)
    root = drawn(teaching)
    assert all(line.get("stroke-dasharray") for line in arrows(root))
    assert "switched off" in teaching.words
    assert "would teach" in root.get("aria-label")
    assert any("teachers are off" in (text.text or "") for text in of(root, "text"))


def test_a_heavier_teacher_has_a_thicker_arrow():
    thick = [
        float(arrows(drawn(Teaching.of(FIVE, TASKS, Distillation(alpha=alpha))))[0].get("stroke-width"))
        for alpha in (0.9, 0.5, 0.1)
    ]
    assert thick == sorted(thick)
    assert thick[0] < thick[-1]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("n", [2, MOST_ROWS, MOST_ROWS + 1, 40])
def test_many_tasks_are_counted_not_drawn_and_all_stays_inside(width, n):
    root = drawn(Teaching.of(FIVE, tuple(f"a task with a long name {i}" for i in range(n)), Distillation()), width)
    rows = len(of(root, "circle"))
    assert rows == (n if n <= MOST_ROWS else MOST_ROWS - 1)
    assert (f"and {n - rows} tasks more" in ElementTree.tostring(root, encoding="unicode")) == (n > MOST_ROWS)
    tall = float(root.get("viewBox").split()[3])
    assert all(0 <= float(text.get("y")) <= tall for text in of(root, "text"))
