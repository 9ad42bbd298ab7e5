from xml.etree import ElementTree

import numpy as np
import pytest

from app.families.treednn.chart import grown_svg, spoken
from app.families.treednn.scores import BranchBars, Network

SVG = "{http://www.w3.org/2000/svg}"
NAN = float("nan")


def branch(name, values, top=1.0):
    means = {network: f"{100 * np.nanmean(each):.0f} %" for network, each in values.items() if not np.isnan(each).all()}
    words = {network: means.get(network, "–") for network in values}
    return BranchBars(name, "accuracy ↑", {n: np.array(v) for n, v in values.items()}, top, words, "2 points better")


GROWN = branch("<birds>", dict(zip(Network, ([0.5, 0.7], [0.4, NAN], [0.8, 0.9]), strict=True)))
GRAFT = branch("late", {Network.DEDICATED: [NAN, NAN], Network.SPECIALISED: [0.2, 0.2]})


def drawn(branches, name):
    return list(ElementTree.fromstring(grown_svg(branches)).iter(f"{SVG}{name}"))


def test_bars_are_as_long_as_means_and_every_seed_is_a_dot():
    widths = [float(node.get("width")) for node in drawn([GROWN], "rect")]
    assert np.array(widths) / widths[0] == pytest.approx(np.array([0.6, 0.4, 0.85]) / 0.6, abs=1e-2)
    dots = [float(node.get("cx")) for node in drawn([GROWN], "circle")]
    assert len(dots) == 5
    left = float(drawn([GROWN], "rect")[0].get("x"))
    assert (dots[1] - left) / (dots[0] - left) == pytest.approx(0.7 / 0.5, abs=1e-2)


def test_a_run_that_is_missing_is_said_and_has_no_bar():
    words = [node.text for node in drawn([GRAFT], "text")]
    assert "missing" in words
    assert len(drawn([GRAFT], "rect")) == 1
    assert "after phase 1" not in words


def test_names_are_text_and_the_picture_can_be_spoken():
    words = [node.text for node in drawn([GROWN, GRAFT], "text")]
    assert {"<birds>", "late", "dedicated", "after phase 1", "after phase 2"} <= set(words)
    assert "<birds>, accuracy ↑: dedicated 60 %, after phase 1 40 %, after phase 2 85 %; 2 points better" in spoken(
        [GROWN]
    )
    labels = ElementTree.fromstring(grown_svg([GROWN, GRAFT])).get("aria-label")
    assert "test split" in labels


def test_forty_branches_stand_below_each_other():
    dots = [float(node.get("cy")) for node in drawn([GROWN] * 40, "circle")]
    assert dots == sorted(dots)
    assert len({round(y) for y in dots}) == 120
