import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from app.compare.family_marks import family_mark, placed_words
from app.compare.model import CompareView, code_of
from app.compare.picture import Layers, compare_svg, scale_of
from app.compare.which import WhichRow, which_svg
from core.costs import CostQuestion, Unit
from core.plane.comparison import PERCENTS
from core.studies.study_plane import StudyPlane

NOTHING = Layers()
ALL = Layers(predicted=True, published=True)
HOSTILE = "<script>alert(1)</script> & \u202e"


def parts(drawn, name):
    return [node for node in ElementTree.fromstring(drawn).iter() if node.get("class") == name]


def centre(node):
    """Return where the invisible circle that can be hit stands."""
    hit = next(each for each in node.iter() if each.get("fill") == "transparent")
    return float(hit.get("cx")), float(hit.get("cy"))


@pytest.mark.parametrize("layers", [NOTHING, ALL])
def test_every_network_stands_at_its_cost_and_gain_or_on_the_lower_edge(stored, layers):
    scale = scale_of(stored, layers)
    drawn = parts(compare_svg(stored, scale, layers, {}), "network")
    assert len(drawn) == len(stored.networks)
    for node in drawn:
        network = stored.networks[int(node.get("data-i"))]
        x, y = centre(node)
        assert x == pytest.approx(scale.x(min(stored.share(network), scale.high)), abs=0.06)
        assert y == pytest.approx(scale.y(max(network.score, scale.y_low)), abs=0.06)
        assert scale.top <= y <= scale.bottom + 0.06


def test_what_costs_far_more_than_any_budget_does_not_widen_the_axis(paths_plane):
    view = CompareView(paths_plane, CostQuestion.ONE_TASK, Unit.MACS)
    scale = scale_of(view, NOTHING)
    beyond = [each for each in view.networks if view.share(each) > scale.high]
    assert len(beyond) == 1
    assert view.share(beyond[0]) > 2 > 1.6 > scale.high
    drawn = compare_svg(view, scale, NOTHING, {})
    assert all(centre(node)[0] <= scale.x1 + 0.06 for node in parts(drawn, "network"))
    assert "1 beyond the scale" in drawn


def test_a_mark_is_as_full_as_it_is_likely_on_the_front(stored):
    for node in parts(compare_svg(stored, scale_of(stored, NOTHING), NOTHING, {}), "network"):
        network = stored.networks[int(node.get("data-i"))]
        full = next(float(each.get("fill-opacity")) for each in node.iter() if each.get("fill-opacity"))
        assert full == pytest.approx(stored.on_front(network), abs=0.006)


def test_layers_are_drawn_where_they_are_asked_for(stored):
    for layers, n_predicted, n_published in ((NOTHING, 0, 0), (ALL, len(stored.predicted), len(stored.published))):
        drawn = compare_svg(stored, scale_of(stored, layers), layers, {})
        assert len(parts(drawn, "predicted")) == n_predicted
        assert len(parts(drawn, "published")) == n_published


def test_families_differ_in_mark_and_colour():
    marks = [
        family_mark(name)
        for name in ("single", "layouts", "treednn", "multipath", "virtual", "rivals", "widened", "hybrid")
    ]
    assert len({each.shape for each in marks}) == len({each.colour for each in marks}) == len(marks)
    assert family_mark("of another package").shape not in {each.shape for each in marks}


def test_names_are_never_markup(stored):
    first = next(each for each in stored.networks if each.point.family == "multipath")
    renamed = replace(first, point=replace(first.point, label=HOSTILE))
    view = CompareView(StudyPlane(stored.study), CostQuestion.STORED, Unit.PARAMETERS)
    view.__dict__["networks"] = (renamed, *stored.networks[1:])
    drawn = compare_svg(view, scale_of(view, NOTHING), NOTHING, {code_of(renamed.point): "A"})
    assert "<script" not in drawn
    assert any(HOSTILE in (node.text or "") for node in ElementTree.fromstring(drawn).iter())


def test_the_map_hatches_what_noise_cannot_tell_apart(stored):
    best = {percent: stored.by_percent[percent - 1] for percent in PERCENTS}
    drawn = which_svg([WhichRow(stored.question, stored.unit, best)])
    alike = sum(bool(found and found.alike) for found in best.values())
    # One more in the legend.
    assert len(re.findall(r"url\(#hatch\)", drawn)) == alike + 1
    assert drawn.count("–") >= sum(found is None for found in best.values())


def test_entries_of_a_legend_neither_meet_nor_leave_their_rows():
    words = ["a" * n for n in (20, 30, 5, 40, 12)]
    places = placed_words(words, 10.0, 300.0)
    assert places[0] == (10.0, 0)
    for (x, row), (following, below), said in zip(places, places[1:], words, strict=False):
        assert below in (row, row + 1)
        assert following >= x + 6 * len(said) + 17 if below == row else following == 10.0
    assert len({row for _, row in places}) > 1
