"""What the lesson on budgets says in words is true of the bundled study and the published tables."""

import numpy as np

from app.lessons.values.budget import (
    BUDGET,
    FLOPS,
    PARAMETERS,
    dominators,
    front_of,
    rows,
    seed_front,
    shown,
    trees,
)
from core.layouts import Layout


def test_the_front_of_the_plane_is_what_nobody_dominates():
    layouts, costs, gains = trees()
    found = [layouts[place] for place in front_of(costs, gains)]
    assert found == [choice.layout for choice in shown().front]
    assert len(found) < len(layouts) / 5


def test_a_dominator_costs_no_more_and_gains_no_less():
    layouts, _, gains = trees()
    single = layouts.index(Layout.all_split(3, 5))
    assert set(dominators(layouts[single])) == {n for n in range(len(layouts)) if n != single and gains[n] >= 0}
    assert all(not dominators(choice.layout) for choice in shown().front)


def test_noise_hides_the_difference_at_the_budget():
    advice = shown().recommended(BUDGET)
    assert advice.is_cheaper


def test_the_unit_decides_which_published_network_is_on_the_front():
    fronts = []
    for unit in (FLOPS, PARAMETERS):
        found = rows(unit)
        places = front_of(np.array([row.cost for row in found]), np.array([row.score for row in found]))
        fronts.append({found[place].name for place in places})
    assert "AutoMTL" in fronts[1] - fronts[0]
    assert "#1046" in fronts[0] - fronts[1]


def test_fronts_of_two_seeds_have_little_in_common():
    one, two = set(seed_front(0)), set(seed_front(1))
    assert len(one & two) < min(len(one), len(two)) / 2
