from dataclasses import replace

import pytest

from app.compare.differences import differences_frame
from app.compare.entries import budget_entries, certainty_words
from app.compare.family_marks import family_words
from app.compare.model import code_of
from app.compare.tables import networks_frame, shown_frame


def test_each_percent_says_what_the_comparison_recommends(stored):
    entries, rows = budget_entries(stored)
    assert len(rows) == 100
    for row, found in zip(rows, stored.by_percent, strict=True):
        assert (row.entry < 0) == (found is None)
        if found is not None:
            assert entries[row.entry].code == code_of(found.advised.point)
            assert bool(row.advice) == (found.is_cheaper or found.advised.score < 0)
            assert ("lost against single-task" in row.advice) == (found.advised.score < 0)
    # Only what some budget recommends travels.
    assert {row.entry for row in rows} - {-1} == set(range(len(entries)))


def test_a_likelier_family_than_that_of_the_largest_mean_is_explained_and_an_only_one_has_no_probability(stored):
    best = next(found for found in stored.by_percent if found is not None and len(found.by_family) > 1)
    other = next(name for name in best.by_family if name != best.best.point.family)
    assert family_words(best.best.point.family) in certainty_words(replace(best, family=other, alike=()))
    alone = replace(best, by_family={other: 1.0}, unknown=(), family=other, alike=())
    assert alone.is_only_family
    assert "probability" not in certainty_words(alone)


def test_a_network_beside_the_plane_has_its_structure_and_the_gain_of_each_task(stored):
    (entry,) = [each for each in budget_entries(stored)[0] if "Hard sharing" in each.title]
    network = stored.find(entry.code)
    assert "<svg" in entry.drawing
    assert entry.bars["values"] == pytest.approx(network.point.gains, abs=1e-3)
    ends = zip(entry.bars["low"], entry.bars["values"], entry.bars["high"], strict=True)
    assert all(low < value < high for low, value, high in ends)


def test_a_file_has_every_network_with_seeds_and_interval(stored):
    frame = networks_frame(stored)
    assert list(frame["network"]) == [each.point.label for each in stored.networks]
    assert (frame["low"] <= frame["gain"]).all()
    assert (frame["gain"] <= frame["high"]).all()
    assert set(frame["seeds"]) == {"0 1 2 3 4"}
    assert len(shown_frame(stored)) == len(frame)


def test_differences_are_those_of_the_gains_and_change_sign(stored):
    one, other = stored.comparison.front[-1], stored.networks[0]
    (there,) = differences_frame(stored, {"A": one, "B": other}).to_dict("records")
    (back,) = differences_frame(stored, {"A": other, "B": one}).to_dict("records")
    assert there["difference, points"] == pytest.approx(one.score - other.score)
    assert (back["low"], back["high"]) == pytest.approx((-there["high"], -there["low"]))
    assert there["pair"] == "A − B"
