"""The plane of all families as a figure for a paper."""

import csv
import io

import pytest

from app.compare.family_marks import _KNOWN, family_mark
from app.compare.paper_figure import _MARKS, compare_figure
from app.figures.edits import Edits
from app.figures.parts import Plot


def test_every_network_is_drawn_once_and_in_the_data(stored):
    figure = compare_figure(stored, 0.4, Edits())
    (plot,) = figure.parts
    assert isinstance(plot, Plot)
    *families, front = plot.series
    assert sum(len(each.x) for each in families) == len(stored.networks)
    assert front.y == tuple(sorted(front.y))
    assert all(
        low <= gain <= high for low, gain, high in zip(front.low, front.y, front.high, strict=True) if low == low
    )
    rows = list(csv.DictReader(io.StringIO(figure.csv())))
    assert [float(row["gain"]) for row in rows] == pytest.approx([each.score for each in stored.networks])
    assert {row["question"] for row in rows} == {str(stored.question)}


def test_no_two_families_look_alike():
    looks = {(family_mark(name).colour, _MARKS[family_mark(name).shape]) for name in [*_KNOWN, "of another package"]}
    assert len(looks) == len(_KNOWN) + 1
