import math
from dataclasses import replace

import pytest

from app.storage.response_chart import response_figure
from app.storage.response_model import comparisons, published
from core.backbones import load_backbone
from core.families.switching.results import bundled_switchings
from core.families.treednn.costs import CutBackbone
from core.families.treednn.published import TABLE_1


@pytest.fixture(scope="module")
def shown():
    case = CutBackbone(load_backbone("resnet50"), 15, 5)
    return (*comparisons(bundled_switchings(), case, cold=True), published(TABLE_1))


def traces(figure):
    return {trace.name: trace for trace in figure.data if trace.name}


@pytest.mark.parametrize("log", [False, True])
def test_bars_end_where_they_were_measured(shown, log):
    found = traces(response_figure(shown, log=log))
    loading = found["loading: until the weights are in place"]
    computing = found["computing: until the first output"]
    bars = [bar for each in shown[:-1] for bar in (each.whole, each.branch)]
    assert list(loading.x) == pytest.approx([1000 * bar.load for bar in bars])
    ends = [start + long for start, long in zip(computing.base, computing.x, strict=True)]
    assert ends == pytest.approx([1000 * bar.first_output for bar in bars])
    assert list(loading.base) == [0] * len(bars)
    assert list(found["published: both together"].x) == [228, 120]


def test_the_arithmetic_is_marked_on_every_branch_and_on_no_whole_network(shown):
    found = traces(response_figure(shown, log=False))
    assert list(found["first output by bytes alone"].x) == pytest.approx(
        [1000 * each.branch.first_by_bytes for each in shown]
    )
    # Nobody says how long the phone loads.
    assert len(found["loading by bytes alone"].x) == len(shown) - 1
    rows = found["loading: until the weights are in place"].y
    assert set(found["loading by bytes alone"].y) == set(rows[1::2])


def test_everything_lies_within_the_axis_and_bars_differ_by_more_than_colour(shown):
    for log in (False, True):
        figure = response_figure(shown, log=log)
        low, high = figure.layout.xaxis.range
        times = [1000 * time for each in shown for time in (each.whole.first_output, each.branch.first_output)]
        placed = [math.log10(time) for time in times] if log else times
        assert low < min(placed)
        assert max(placed) < high
        shapes = {trace.marker.pattern.shape for trace in figure.data if trace.type == "bar"}
        assert len(shapes) == 3


def test_names_are_no_markup_and_the_nearest_is_marked(shown):
    figure = response_figure([replace(shown[0], name="<i>x</i>", is_nearest=True), *shown[1:]], log=False)
    words = [note.text for note in figure.layout.annotations]
    assert words[0] == "<b>&lt;i&gt;x&lt;/i&gt;</b> ◂ nearest to the selected cut"
    assert sum("nearest" in each for each in words) == 1
