import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage.response_model import BRANCH, WHOLE, Bar, Comparison, comparisons, conclusion, published
from core.backbones import load_backbone
from core.families.switching.results import bundled_switchings
from core.families.treednn.costs import CutBackbone, response
from core.families.treednn.published import TABLE_1


@pytest.fixture(scope="module")
def measured():
    return bundled_switchings()


def test_the_pages_own_backbone_comes_first_and_alone_is_marked(measured):
    for name, cut in (("mobilenet_v2", 20), ("resnet50", 16)):
        shown = comparisons(measured, CutBackbone(load_backbone(name), cut, 5), cold=False)
        assert len(shown) == len(measured)
        assert [each.is_nearest for each in shown] == [True] + [False] * (len(shown) - 1)
        assert shown[0].name.startswith(name)
    nobody = comparisons(measured, CutBackbone(load_backbone("vgg16"), 5, 5), cold=False)
    assert not any(each.is_nearest for each in nobody)


def test_marks_are_the_whole_networks_time_by_bytes(measured):
    (first, *_) = measured
    case = CutBackbone(load_backbone(first.backbone), first.cut, 5)
    for cold in (False, True):
        found = comparisons(measured, case, cold=cold)[0]
        times = first.report.median("whole", cold=cold)
        assert found.whole == Bar(WHOLE, times.load, times.first_output)
        assert found.branch.load_by_bytes == response(times.load, first.loaded_share)
        assert found.branch.first_by_bytes == response(times.first_output, first.loaded_share)


def test_without_cold_figures_a_measurement_is_left_out(measured):
    bare = [
        replace(
            each,
            report=replace(
                each.report,
                branches=tuple(
                    replace(b, whole=replace(b.whole, cold=None), branch=replace(b.branch, cold=None))
                    for b in each.report.branches
                ),
            ),
        )
        for each in measured
    ]
    case = CutBackbone(load_backbone("resnet18"), 4, 5)
    assert comparisons(bare, case, cold=True) == ()
    assert len(comparisons(bare, case, cold=False)) == len(measured)


def test_the_published_case_is_marked_and_has_no_loading_of_its_own():
    found = published(TABLE_1)
    assert found.is_published
    assert (found.whole.load, found.whole.first_output, found.branch.first_output) == (None, 0.228, 0.12)
    assert found.branch.first_by_bytes == pytest.approx(0.1151, abs=1e-4)
    assert conclusion(found) == "The first output comes after 120 ms instead of 228 ms, 47 % faster."


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(0.1, 0.05, "50 % faster"), (0.1, 0.12, "20 % slower"), (0.1, 0.101, "about the same"), (0.0, 0.0, "the same")],
)
def test_differences_are_said_as_they_are(before, after, words):
    found = Comparison("x", "", Bar(WHOLE, before, before + 0.2), Bar(BRANCH, after, after + 0.2, 0.01, 0.1))
    assert words in conclusion(found).split(". ")[0]
    assert "computing takes 200 ms either way" in conclusion(found)


def test_both_computing_times_are_said_where_they_differ():
    found = Comparison("x", "", Bar(WHOLE, 0.0226, 0.0483), Bar(BRANCH, 0.014, 0.0415, 0.01, 0.1))
    assert "computing takes 27.5 ms instead of 25.7 ms" in conclusion(found)
    assert "either way" not in conclusion(found)


@given(*[st.floats(0.0001, 2.0)] * 4)
def test_computing_is_what_a_reader_subtracts(load: float, computing: float, branch_load: float, more: float) -> None:
    whole, branch = Bar(WHOLE, load, load + computing), Bar(BRANCH, branch_load, branch_load + more, 0.01, 0.1)
    said = conclusion(Comparison("x", "", whole, branch))
    times = [float(found) for found in re.findall(r"([\d.]+) ms", said)]
    (in_place, in_place_whole, first, first_whole), spoken = times[:4], times[4:-1]
    expected = [first - in_place, first_whole - in_place_whole]
    assert spoken == pytest.approx(expected[: len(spoken)], abs=0.5001)
    if len(spoken) == 1:
        assert expected[0] == pytest.approx(expected[1], abs=0.5001)
