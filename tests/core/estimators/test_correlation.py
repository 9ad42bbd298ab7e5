import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from core.estimators.correlation import METHODS, average_ranks, correlation, correlations

PAIRS = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=3, max_size=12)
SCIPY = {"spearman": stats.spearmanr, "pearson": stats.pearsonr, "kendall": stats.kendalltau}


@pytest.mark.parametrize("method", METHODS)
@settings(deadline=None)
@given(pairs=PAIRS)
def test_correlations_are_scipys_ties_included(method, pairs):
    x, y = np.array(pairs, dtype=float).T
    value = correlation(method, x, y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert value is None
    else:
        assert value == pytest.approx(SCIPY[method](x, y).statistic, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_many_rows_are_each_row_alone(method):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 7, 9))
    assert np.allclose(correlations(method, x, y), [correlation(method, a, b) for a, b in zip(x, y, strict=True)])


def test_long_samples_take_the_faster_way_to_the_same_kendall():
    rng = np.random.default_rng(1)
    x, y = rng.integers(50, size=(2, 1, 500)).astype(float)
    assert correlations("kendall", x, y)[0] == pytest.approx(stats.kendalltau(x[0], y[0]).statistic)
    assert np.isnan(correlations("kendall", x, np.ones_like(x)))[0]


def test_two_points_tell_nothing():
    assert correlation("pearson", np.array([1.0, 2.0]), np.array([1.0, 2.0])) is None


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=st.integers(-3, 3).map(float)))
def test_average_ranks_are_those_of_scipy(x):
    assert np.array_equal(average_ranks(x), stats.rankdata(x, axis=1))
