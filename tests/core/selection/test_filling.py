import numpy as np
import pytest

from core.layouts import enumerate_layouts
from core.selection import PairwiseScore, filling, layout_scores
from core.selection.choice import Terms
from core.selection.lagrange import Lanes, layout_of


@pytest.mark.parametrize("n_lanes", [1, 3, 4, 6])
def test_tables_hold_the_best_priced_layout(n_lanes):
    rng = np.random.default_rng(n_lanes)
    terms = Terms(PairwiseScore.of(rng.normal(size=(5, 5, 3)), rng.random(5)), rng.random(2))
    lanes = Lanes(terms, rng.random(n_lanes), rng.random(n_lanes) / 10)
    table = enumerate_layouts(5, 2)
    scores, copies = layout_scores(table, terms.score), table.group_counts.astype(float)
    for lane in range(n_lanes):
        best = (scores - copies @ lanes.penalties[lane]).max()
        assert terms.score.constant + lanes.best[0, -1, lane] == pytest.approx(best, abs=1e-12)
        member = np.zeros((2, 5), dtype=np.int32)
        gained = filling.trace(terms.score.gains, lanes.penalties[lane], lanes.best, lane, member)
        layout = layout_of(member)
        assert terms.score.constant + gained == terms.score.score(layout)
        price = np.dot(layout.group_counts, lanes.penalties[lane])
        assert terms.score.score(layout) - price == pytest.approx(best, abs=1e-12)


def test_the_plain_way_fills_the_same_floats():
    rng = np.random.default_rng(0)
    gains, penalties = PairwiseScore.of(rng.normal(size=(6, 6, 4)), rng.random(6)).gains, rng.random((6, 3))
    tables = np.empty((2, 4, 64, 6))
    filling.fill_compiled(gains, penalties, tables[0])
    filling.fill_plain(gains, penalties, tables[1])
    np.testing.assert_array_equal(tables[0], tables[1])
