import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import LayoutError
from core.estimators import TwoTaskTable
from core.estimators.coverage import hole_warning, interpolation_warnings, measured_cells, seeds_of_cells
from core.layouts import Layout

TASKS = ("a", "b", "c")


def table(n_blocks=5, known=()):
    values = np.full((3, 3, n_blocks + 1), np.nan)
    values[..., 0] = 0
    values[np.arange(3), np.arange(3)] = 0
    for cell in known:
        values[cell] = 1.0
    return TwoTaskTable(TASKS, values)


def full(n_blocks=5):
    return [(i, j, b) for i in range(3) for j in range(3) if i != j for b in range(1, n_blocks + 1)]


def test_a_complete_table_needs_no_warning():
    assert measured_cells(table(known=full())).tolist() == [10, 10, 10]
    assert interpolation_warnings(table(known=full()), Layout.all_shared(3, 5)) == ()


def test_small_tables_without_holes_are_not_thin():
    assert interpolation_warnings(table(1, full(1)), Layout.all_shared(3, 1)) == ()


@given(st.permutations(range(10)), st.integers(0, 10))
def test_a_task_is_named_up_to_one_in_five_of_its_cells(order, n_known):
    of_a = [cell for cell in full() if cell[0] == 0]
    known = [cell for cell in full() if cell[0] != 0] + [of_a[place] for place in order[:n_known]]
    found = " ".join(interpolation_warnings(table(known=known)))
    assert (f"a ({n_known} of 10 measured)" in found) == (n_known <= 2)
    assert "b (" not in found


def test_a_layout_of_interpolated_cells_only_is_said_to_be_one():
    ends = [cell for cell in full() if cell[2] in (1, 3)]
    shared, split = Layout.all_shared(3, 5), Layout.all_split(3, 5)
    holes, warning = interpolation_warnings(table(known=ends), shared)
    assert "interpolation alone" in warning
    assert "18 of its 30 cells" in holes
    (holes,) = interpolation_warnings(table(known=[*ends, (0, 1, 5)]), shared)
    assert "17 of its 30 cells" in holes
    # What shares nothing is predicted from nothing; whether it is the best rests on the table.
    assert interpolation_warnings(table(known=ends), split) == (hole_warning(table(known=ends)),)


def test_cells_are_means_of_the_seeds_that_were_measured():
    samples = np.stack([table(known=full()).values] * 3)
    samples[0, 0, 1, 2] = samples[:, 1, 2, 4] = np.nan
    thin = TwoTaskTable.from_samples(TASKS, samples)
    assert seeds_of_cells(thin) == (2, 3)
    assert seeds_of_cells(table()) is None
    assert "1 of its 30 cells is not measured" in hole_warning(thin)


def test_many_thin_tasks_are_counted():
    names = tuple(f"task {n}" for n in range(40))
    values = np.full((40, 40, 3), np.nan)
    (warning,) = interpolation_warnings(TwoTaskTable(names, values))
    assert "task 0 (0 of 78 measured)" in warning
    assert len(warning) < 400


def test_a_layout_of_another_table_is_refused():
    with pytest.raises(LayoutError):
        interpolation_warnings(table(), Layout.all_shared(3, 4))
