from xml.etree import ElementTree

import pytest

from app.budget.second_front import second_front
from app.charts.plane import plane_svg, scale_of
from app.plane.scene import Scene
from core.costs import Unit
from core.estimators.prediction import Estimator
from core.families.layouts.predictions import budget_view


@pytest.fixture
def scene_of(study_of):
    return lambda estimator: Scene(budget_view(study_of("trained"), "svde", Unit.MACS, estimator), None)


def test_a_second_front_stands_at_its_own_costs_and_gains(scene_of):
    scene, other = scene_of(Estimator.PAPER), scene_of(Estimator.BLOCKWISE)
    front = second_front(other, "<b>blockwise</b>")
    plane = scene.plane([], None, front)
    scale = scale_of(plane)
    drawn = ElementTree.fromstring(plane_svg(plane, scale))
    squares = [next(iter(node.iter("{http://www.w3.org/2000/svg}rect"))) for node in drawn.iter()
               if node.get("class") == "second"]  # fmt: skip
    assert len(squares) == len(other.front)
    for square, choice in zip(squares, other.front, strict=True):
        assert float(square.get("x")) + 4 == pytest.approx(scale.x(other.view.fraction(choice.cost)), abs=0.11)
        assert float(square.get("y")) + 4 == pytest.approx(scale.y(choice.score), abs=0.11)
    assert any("<b>blockwise</b>" in (node.text or "") for node in drawn.iter())
    # Without one the plane is what it was.
    assert "second" not in plane_svg(scene.plane([], None), scale)
