import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.estimators import TwoTaskTable, fill_holes
from core.estimators.holes import SMALLEST_STEP, UNKNOWN_STEP


def table_of(sequences, n_tasks=2, stderr=None):
    """A table whose known sequences are given per (target, partner); the rest are holes."""
    n_points = len(next(iter(sequences.values())))
    values = np.full((n_tasks, n_tasks, n_points), np.nan)
    values[..., 0] = 0.0
    for pair, sequence in sequences.items():
        values[pair] = sequence
    errors = None if stderr is None else np.where(np.isnan(values), np.nan, stderr)
    return TwoTaskTable(tuple("abcdef"[:n_tasks]), values, errors)


@settings(deadline=None)
@given(st.integers(0, 999))
def test_known_cells_stay_and_every_cell_gets_a_value_and_an_error(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(3, 3, 5))
    values[..., 0] = 0.0
    values[rng.random(values.shape) < 0.5] = np.nan
    values[np.arange(3), np.arange(3)] = 0.0
    table = TwoTaskTable(("a", "b", "c"), values, np.where(np.isnan(values), np.nan, 0.1))
    filled = fill_holes(table)
    known = ~np.isnan(values)
    assert np.allclose(filled.values[known], values[known])
    assert np.isfinite(filled.values).all()
    assert np.isfinite(filled.stderr).all()
    assert not filled.table.holes.any()
    assert np.array_equal(filled.filled, table.holes)
    assert (filled.stderr[filled.filled] > 0).all()
    # Beyond the last measured branch point it is less sure than there, and ever less.
    for i, j in np.argwhere(~np.isnan(values[:, :, 1]) & np.isnan(values[:, :, 2:]).all(axis=-1)):
        assert (np.diff(filled.stderr[i, j, 1:]) > 0).all()


def test_lines_between_and_the_last_value_beyond():
    filled = fill_holes(table_of({(0, 1): [0, np.nan, 4, np.nan, np.nan], (1, 0): [0, 1, 2, 3, 4]}))
    assert filled.values[0, 1].tolist() == [0, 2, 4, 4, 4]


def test_the_error_is_that_of_a_brownian_bridge():
    filled = fill_holes(table_of({(0, 1): [0, np.nan, 4, np.nan, np.nan], (1, 0): [0, 1, 2, 3, 4]}))
    step = np.sqrt(np.mean([4**2 / 2, 1, 1, 1, 1]))
    assert filled.step == pytest.approx(step)
    assert filled.stderr[0, 1] == pytest.approx(step * np.sqrt([0, 1 * 1 / 2, 0, 1, 2]))
    assert filled.stderr[1, 0].tolist() == [0, 0, 0, 0, 0]


def test_the_errors_of_the_ends_are_carried_along():
    filled = fill_holes(table_of({(0, 1): [0, 0, np.nan, 0], (1, 0): [0, 0, 0, 0]}, stderr=2.0))
    bridge = SMALLEST_STEP**2 / 2
    assert filled.stderr[0, 1, 2] == pytest.approx(np.sqrt(bridge + 2 * (0.5 * 2.0) ** 2))


def test_a_pair_without_measurement_borrows_from_the_tasks_other_partners():
    known = {(0, 1): [0, 2], (0, 2): [0, 4], (1, 0): [0, 1], (2, 0): [0, 1], (1, 2): [0, 1], (3, 0): [0, 7]}
    filled = fill_holes(table_of(known, n_tasks=4))
    assert filled.values[0, 3].tolist() == [0, 3]
    assert filled.stderr[0, 3, 1] == pytest.approx(np.sqrt(filled.step**2 + np.var([2, 4], ddof=1)))
    assert filled.values[3, 1].tolist() == [0, 7]


def test_an_empty_table_predicts_nothing_with_a_wide_error():
    filled = fill_holes(table_of({(0, 0): [0, 0, 0]}))
    assert not filled.values.any()
    assert filled.stderr[0, 1] == pytest.approx(UNKNOWN_STEP * np.sqrt([0, 1, 2]))
