import pytest

from app.storage.gain_chart import gain_figure
from app.storage.model import MOST_BRANCHES, Count, Gain, StorageView
from core.backbones import load_backbone
from core.families.treednn.costs import CutBackbone, LayerCount


def view_of(gain=Gain.RELATIVE, formula=True):
    return StorageView(CutBackbone(load_backbone("resnet18"), 3, 5), LayerCount(100, 10, 5) if formula else None, gain)


@pytest.mark.parametrize("gain", Gain)
def test_every_curve_says_at_every_number_of_branches_what_the_model_says(gain):
    view = view_of(gain)
    curves = gain_figure(view).data
    assert len(curves) == len(view.counts)
    for k in (1, 5, MOST_BRANCHES):
        at = view.with_branches(k)
        for curve, what in zip(curves, view.counts, strict=True):
            stored = at.stored(what)
            assert curve.y[k - 1] == pytest.approx(stored.relative if gain is Gain.RELATIVE else stored.gain)


def test_curves_of_one_panel_differ_in_more_than_colour():
    curves = gain_figure(view_of()).data
    marks = [(curve.xaxis, curve.line.dash) for curve in curves]
    assert len(set(marks)) == len(marks)
    assert len({panel for panel, _ in marks}) == 3


def test_the_number_of_branches_and_what_shares_go_to_are_marked():
    view = view_of()
    lines = gain_figure(view).layout.shapes
    assert {line.x0 for line in lines if line.x0 == line.x1} == {5}
    limits = [view.asymptote(what) for what in view.counts if what is not Count.ONE_TASK]
    assert [line.y0 for line in lines if line.y0 == line.y1] == pytest.approx(limits)
    assert not [line for line in gain_figure(view_of(Gain.ABSOLUTE)).layout.shapes if line.x0 != line.x1]


def test_without_a_formula_its_curve_is_left_out():
    assert len(gain_figure(view_of(formula=False)).data) == 4
