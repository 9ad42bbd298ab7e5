import numpy as np
import pytest

from core.errors import TableError
from core.estimators import TwoTaskTable


def test_means_and_errors_follow_from_the_seeds_that_are_there():
    samples = np.zeros((3, 2, 2, 2))
    samples[:, 0, 1, 1] = [1, 2, 6]
    samples[:, 1, 0, 1] = [4, np.nan, np.nan]
    table = TwoTaskTable.from_samples(("a", "b"), samples)
    assert table.values[0, 1, 1] == 3
    assert table.stderr[0, 1, 1] == pytest.approx(np.std([1, 2, 6], ddof=1) / np.sqrt(3))
    assert table.values[1, 0, 1] == 4
    assert np.isnan(table.stderr[1, 0, 1])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"stderr": np.zeros((1, 2, 2, 2))}, "stderr should have the shape of values"),
        ({"samples": np.zeros((2, 2, 2))}, "n_seeds"),
        ({"stderr": np.full((2, 2, 2), -1.0)}, "zero or more"),
        ({"values": np.zeros((2, 2, 1))}, "at least one block"),
        ({"values": np.full((2, 2, 2), np.inf)}, "infinite"),
        ({"values": np.ones((2, 2, 2))}, "Branch point 0"),
    ],
)
def test_what_can_not_be_a_table_is_refused_at_birth(fields, words):
    with pytest.raises(TableError, match=words):
        TwoTaskTable(**{"tasks": ("a", "b"), "values": np.zeros((2, 2, 2)), **fields})
