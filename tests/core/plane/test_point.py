"""Points of any family, the best of them within a budget, and the front."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.costs import CostQuestion, Unit
from core.layouts import Layout
from core.plane.interval import t_interval
from core.plane.point import (
    MOST_DRAWN,
    Advice,
    GainOrigin,
    PlanePoint,
    advised,
    best_within,
    drawn_of,
    last_within,
    pareto_front,
)
from core.selection.budget import percent_of
from core.selection.choice import Choice

LAYOUT = Layout.all_shared(2, 1)
pairs = st.lists(st.tuples(st.floats(0, 100), st.floats(-50, 50)), max_size=30)


def point(cost: float, gain: float) -> PlanePoint:
    costs = {(CostQuestion.STORED, Unit.BYTES): cost}
    return PlanePoint("any", "x", ("a", "b"), costs, (gain, gain), gain, None, 1, GainOrigin.MEASURED)


@given(pairs, st.floats(0, 100))
def test_the_best_within_a_budget_is_affordable_and_nothing_affordable_is_better(found, budget):
    choices = [Choice(LAYOUT, score, cost) for cost, score in found]
    best = best_within(choices, budget)
    affordable = [choice for choice in choices if choice.cost <= budget * (1 + 1e-9)]
    if best is None:
        assert not affordable
    else:
        assert best in affordable
        assert all((choice.score, -choice.cost) <= (best.score, -best.cost) for choice in affordable)


@given(pairs)
def test_no_point_beats_one_of_the_front_and_every_other_is_beaten(found):
    points = [point(cost, gain) for cost, gain in found]
    front = pareto_front(points, CostQuestion.STORED, Unit.BYTES)
    costs = [each.costs[CostQuestion.STORED, Unit.BYTES] for each in front]
    gains = [each.gain for each in front]
    assert costs == sorted(costs)
    assert gains == sorted(set(gains))
    for cost, gain in found:
        assert any(c <= cost and g >= gain for c, g in zip(costs, gains, strict=True))


def test_a_point_without_the_cost_that_is_asked_for_stands_on_no_front():
    assert pareto_front([point(1, 1)], CostQuestion.ALL_TASKS, Unit.MACS) == []
    assert point(1, 1).cost(CostQuestion.ALL_TASKS, Unit.MACS) is None


def test_every_unit_answers_a_question():
    assert {unit for question in CostQuestion for unit in question.units} == set(Unit)
    assert all(unit in CostQuestion.usual(unit).units for unit in Unit)


def test_an_interval_needs_two_seeds_and_is_students():
    assert t_interval([3.0]) is None
    low, high = t_interval([1.0, 2.0, 3.0])
    # t of 90 % with two degrees of freedom is 2.920.
    assert (low, high) == pytest.approx((2 - 2.920 / 3**0.5, 2 + 2.920 / 3**0.5), abs=1e-3)


def test_browser_and_core_choose_the_same():
    cases = json.loads((Path(__file__).parents[2] / "browser_code" / "best_within.json").read_text(encoding="utf-8"))
    assert cases
    for case in cases:
        front = [SimpleNamespace(cost=cost, score=float(place)) for place, cost in enumerate(case["costs"])]
        found = best_within(front, case["budget"])
        assert (-1 if found is None else front.index(found)) == case["best"], case


def test_browser_and_core_recommend_the_same():
    cases = json.loads((Path(__file__).parents[2] / "browser_code" / "advised.json").read_text(encoding="utf-8"))
    assert len(cases) > 20
    for case in cases:
        front = [SimpleNamespace(cost=cost, score=float(place)) for place, cost in enumerate(case["costs"])]
        found = advised(front, case["recommends"], case["percent"] / 100)
        expected = None if case["best"] < 0 else Advice(case["best"], case["place"])
        assert found == expected, case


def test_browser_and_core_put_the_same_budget_to_a_point():
    cases = json.loads((Path(__file__).parents[2] / "browser_code" / "percent_of.json").read_text(encoding="utf-8"))
    assert len(cases) > 20
    for case in cases:
        assert percent_of(case["costs"], case["place"]) == case["percent"], case


@given(st.sets(st.integers(1, 10**8), min_size=1, max_size=30), st.data())
def test_the_budget_of_a_point_finds_that_point_again_through_an_address(millionths, data):
    shares = [cost / 10**8 for cost in sorted(millionths)]
    place = data.draw(st.integers(0, len(shares) - 1))
    percent = percent_of(shares, place)
    budget = float(f"{percent:.12g}") / 100
    front = [Choice(LAYOUT, float(row), share) for row, share in enumerate(shares)]
    assert last_within(front, budget) == place
    # It is no larger than it has to be: tenths, unless a costlier point would fit, too.
    assert 100 * shares[place] <= percent * (1 + 1e-9)
    assert percent < 100 * shares[place] + 0.1
    if place + 1 == len(shares) or 100 * (shares[place + 1] - shares[place]) > 0.1:
        assert percent == pytest.approx(round(percent, 1), abs=1e-12)


def test_the_last_within_a_budget_is_the_best_within_it():
    front = [Choice(LAYOUT, float(cost), 2.0 * cost) for cost in (1, 3, 4, 9)]
    for budget in (0.0, 0.5, 1.0, 2.9, 3.0, 4.5, 9.0 * (1 - 1e-12), 100.0):
        place = last_within(front, budget)
        assert (None if place is None else front[place]) == best_within(front, budget)


def test_a_front_of_thousands_is_drawn_by_what_each_percent_allows():
    n, whole = 5000, 7.0
    front = [Choice(LAYOUT, whole * (place + 1) / n, float(place)) for place in range(n)]
    drawn = drawn_of(front, whole)
    assert len(drawn) <= 100 < MOST_DRAWN
    for percent in range(1, 101):
        budget = percent / 100 * whole
        assert best_within(drawn, budget) == best_within(front, budget)
    assert drawn_of(front[:MOST_DRAWN], whole) == tuple(front[:MOST_DRAWN])
