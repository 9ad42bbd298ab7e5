import itertools
import math
import re

import pytest

from app.charts.alpha_path import Interval, alpha_path_svg, alpha_scale, short_alpha

PATH = [
    Interval(0.0, 0.001, 0.0, 20.0),
    Interval(0.001, 0.0011, 0.01, 10.0),
    Interval(0.0011, 0.2, 0.0102, 9.8),
    Interval(0.2, math.inf, 1.97, 0.0),
]


def test_places_rise_with_alpha_and_every_tree_has_room():
    scale = alpha_scale(PATH)
    assert list(scale.places) == sorted(scale.places)
    room = [b - a for a, b in itertools.pairwise(scale.places)]
    assert min(room) > 30
    alphas = [0.0, 1e-5, 0.0005, 0.001, 0.00105, 0.0011, 0.01, 0.1, 0.2, 0.3, 0.4]
    places = [scale.x(alpha) for alpha in alphas]
    assert places == sorted(places)
    assert [scale.x(step.start) for step in PATH] == pytest.approx(list(scale.places[:-1]))


def test_what_is_beyond_the_axis_stands_at_its_end():
    scale = alpha_scale(PATH)
    assert scale.x(100.0) == pytest.approx(scale.places[-1])


def test_the_drawing_has_a_band_for_each_tree_and_nothing_that_is_no_number():
    drawn = alpha_path_svg(PATH, alpha_scale(PATH))
    assert len(re.findall('class="band"', drawn)) == len(PATH)
    assert "nan" not in drawn
    assert "4 trees" in drawn
    assert 'role="img"' in drawn


def test_the_curve_is_continuous_where_trees_take_over():
    scale = alpha_scale(PATH)
    for before, after in itertools.pairwise(PATH):
        assert scale.y(before.cost(after.start)) == pytest.approx(scale.y(after.cost(after.start)), abs=0.6)


@pytest.mark.parametrize("path", [[Interval(0.0, math.inf, 0.0, 0.0)], [Interval(0.0, math.inf, 1.5, 0.0)]])
def test_one_tree_alone_can_be_drawn(path):
    scale = alpha_scale(path)
    assert scale.x(0.5) < scale.x(1.0)
    assert "nan" not in alpha_path_svg(path, scale)


def test_alphas_are_written_short():
    assert [short_alpha(a) for a in (0, 0.5, 1.25, 12.0, 0.0042, 2e-5)] == ["0", ".5", "1.2", "12", ".0042", "2.0e-5"]
