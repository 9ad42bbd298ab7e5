import pytest

from core.families.treednn.costs import response
from core.families.treednn.published import CASE, CASE_PRINTED_PERCENT, TABLE_1, TABLE_2


def test_the_case_is_what_the_paper_rounds():
    assert CASE.gain == 240
    assert round(100 * CASE.relative) == 48 != CASE_PRINTED_PERCENT


def test_eight_models_imply_a_trunk_of_half_a_model():
    assert TABLE_1.trunk_share == pytest.approx(0.4952, abs=5e-5)
    assert TABLE_1.saved_memory == pytest.approx(0.4333, abs=5e-5)
    # Its response time implies about the same branch: 120 of 228 ms.
    assert response(TABLE_1.separate_milliseconds, TABLE_1.loaded_share) == pytest.approx(120)
    assert 1 - TABLE_1.loaded_share == pytest.approx(TABLE_1.trunk_share, abs=0.025)


def test_the_two_small_sets_win_and_the_three_large_ones_lose():
    won = {branch.dataset for branch in TABLE_2 if branch.tree > branch.dedicated}
    assert won == {"Caltech-101", "Caltech-256"}
    assert len(TABLE_2) == CASE.n_branches
