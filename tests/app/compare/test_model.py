import math

import pytest

from app.compare.families import empty_areas
from app.compare.family_marks import family_words
from app.compare.model import CompareView, code_of
from core.costs import CostQuestion, Unit
from core.families.multipath.results import MultiPathResults
from core.plane.interval import t_interval
from core.plane.point import affordable
from core.studies.bundled import load_bundled
from core.studies.study_plane import StudyPlane


def test_what_a_percent_buys_is_affordable_and_never_gains_less_with_more(stored):
    whole = stored.comparison.independent
    gains = []
    for percent, found in enumerate(stored.by_percent, start=1):
        fitting = [each for each in stored.networks if affordable(each.cost, percent / 100 * whole)]
        if found is None:
            assert not fitting
        else:
            assert found.best in fitting
            assert found.advised in fitting
            assert found.best.score == max(each.score for each in fitting)
            gains.append(found.best.score)
    assert gains == sorted(gains)


def test_a_network_is_found_by_its_code_and_nothing_else(stored):
    codes = [code_of(each.point) for each in stored.networks]
    assert len(set(codes)) == len(codes)
    assert [stored.find(code) for code in codes] == list(stored.networks)
    assert stored.find("multipath:of another study") is None


def test_the_gain_of_one_task_ranks_by_that_task(paths_plane):
    view = CompareView(paths_plane, CostQuestion.STORED, Unit.PARAMETERS, "loop")
    for each in view.networks:
        assert each.score == pytest.approx(each.point.gains[each.point.tasks.index("loop")])
    # Papers have other tasks.
    assert not view.published


def test_every_family_is_drawn_or_has_a_reason(paths_plane):
    for question in CostQuestion:
        for unit in question.units:
            view = CompareView(paths_plane, question, unit)
            drawn = {each.point.family for each in view.networks}
            assert drawn.isdisjoint(view.missing)
            assert drawn | view.missing.keys() == {family.name for family in paths_plane.families}


def test_predictions_and_papers_are_no_part_of_what_is_compared(stored):
    assert stored.predicted
    assert stored.published
    assert all(each.point.origin == "measured" for each in stored.networks)
    by_origin = {each.gain for each in stored.predicted} | {each.gain for each in stored.published}
    assert by_origin.isdisjoint(each.score for each in stored.networks)


def test_where_layouts_are_only_predicted_their_family_says_so():
    view = CompareView(StudyPlane(load_bundled("scenes5")), CostQuestion.STORED, Unit.PARAMETERS)
    assert not view.has_rivals
    assert "predicted" in view.missing["layouts"]
    assert all(math.isfinite(each.gain) for each in view.predicted)


def test_an_area_of_nothing_has_its_reason(stored):
    said = empty_areas(stored)
    nothing = [name for name, found in stored.hypervolumes.items() if name and round(found.area, 2) == 0]
    assert "single" in nothing
    for name in stored.hypervolumes:
        if name is not None:
            assert (family_words(name) in said) == (name in nothing)


def test_a_metric_is_shown_as_it_was_measured_and_ranks_networks_by_it(paths_plane):
    results = paths_plane.study.result(MultiPathResults)
    place = [task.name for task in results.tasks].index("class")
    scale = paths_plane.scale("class")
    view = CompareView(paths_plane, CostQuestion.STORED, Unit.PARAMETERS, "class", scale)
    for network in results.networks:
        (found,) = [each for each in view.networks if each.point.label.startswith(f"{network.name}:")]
        values = network.values["test"][:, place]
        assert scale.value(found.score) == pytest.approx(values.mean())
        assert list(scale.values_of(view.original(found)).values()) == pytest.approx(values.tolist())
        low, high = (scale.value(end) for end in view.interval(found))
        assert (low, high) == pytest.approx(t_interval(values.tolist()))
        assert view.written(found.score) == f"{values.mean():.3f}"
    (single,) = [each for each in view.networks if each.point.family == "single"]
    assert scale.value(single.score) == pytest.approx(results.singles["test"][:, place].mean())
    fitting = [each for each in view.networks if view.share(each) <= 0.4]
    best = view.comparison.within_share(0.4).best
    assert scale.value(best.score) == pytest.approx(max(scale.value(each.score) for each in fitting))
