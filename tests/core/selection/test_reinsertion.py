import numpy as np
import pytest

from core.layouts import Layout, sample_layouts
from core.selection import PairwiseScore, reinsertion
from core.selection.choice import Terms


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("price", [0.0, 0.3])
def test_both_ways_move_alike_and_a_sweep_never_loses(seed, price):
    rng = np.random.default_rng(seed)
    terms = Terms(PairwiseScore.of(rng.normal(size=(7, 7, 4)), rng.random(7)), rng.random(3))
    tail = np.append(np.cumsum(terms.costs[::-1])[::-1], 0.0)
    start = sample_layouts(7, 3, 1, rng)[0]
    limit = terms.cost(start) if seed % 2 else np.inf
    order, ends = rng.permutation(7), []
    for sweep in (reinsertion.sweep_compiled, reinsertion.sweep_plain):
        points = start.branch_points()
        sweep(terms.score.pairs, tail, points, order, price, limit, terms.score_step)
        ends.append(Layout.from_branch_points(points))
    assert ends[0] == ends[1]
    before, after = terms.choice(start), terms.choice(ends[0])
    assert after.score - price * after.cost >= before.score - price * before.cost - 1e-9
    assert after.cost <= limit * (1 + 1e-12)
