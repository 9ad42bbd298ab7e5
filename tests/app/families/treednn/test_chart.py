import numpy as np
import pytest

from app.families.treednn.chart import results_figure, spoken
from app.families.treednn.scores import BranchBars, Network

NAN = float("nan")


def branch(name, values, top=1.0):
    means = {network: f"{100 * np.nanmean(each):.0f} %" for network, each in values.items() if not np.isnan(each).all()}
    words = {network: means.get(network, "–") for network in values}
    return BranchBars(name, "accuracy ↑", {n: np.array(v) for n, v in values.items()}, top, words, "2 points better")


GROWN = branch("<birds>", dict(zip(Network, ([0.5, 0.7], [0.4, NAN], [0.8, 0.9]), strict=True)))
GRAFT = branch("late", {Network.DEDICATED: [NAN, NAN], Network.SPECIALISED: [0.2, 0.2]})


def bars(figure):
    return {trace.name: list(trace.x) for trace in figure.data if trace.type == "bar"}


def test_bars_are_as_long_as_means_and_every_seed_is_a_dot():
    figure = results_figure([GROWN])
    assert [x for (x,) in bars(figure).values()] == pytest.approx([0.6, 0.4, 0.85])
    (dots,) = [trace for trace in figure.data if trace.type == "scatter"]
    assert sorted(dots.customdata) == [0.4, 0.5, 0.7, 0.8, 0.9]
    assert len(set(dots.y)) == 3


def test_branches_have_axes_of_their_own():
    figure = results_figure([branch("a", {Network.DEDICATED: [4.0]}, top=8.0), branch("b", {Network.DEDICATED: [0.5]})])
    assert bars(figure)["dedicated"] == [0.5, 0.5]


def test_a_run_that_is_missing_is_said_and_has_no_bar():
    figure = results_figure([GRAFT])
    assert list(bars(figure)) == ["after phase 2"]
    assert "missing" in [note.text for note in figure.layout.annotations]
    assert list(figure.layout.yaxis.ticktext) == ["dedicated", "after phase 2"]


def test_names_are_no_markup_and_the_picture_can_be_spoken():
    notes = [note.text for note in results_figure([GROWN, GRAFT]).layout.annotations]
    assert "<b>&lt;birds&gt;</b>" in notes
    said = spoken([GROWN])
    assert "<birds>, accuracy ↑: dedicated 60 %, after phase 1 40 %, after phase 2 85 %; 2 points better" in said
    assert "test split" in said


def test_forty_branches_stand_below_each_other():
    figure = results_figure([GROWN] * 40)
    (dots,) = [trace for trace in figure.data if trace.type == "scatter"]
    assert len(set(dots.y)) == 120
    assert figure.layout.height > 40 * 80
