import numpy as np
import pytest

from core.affinity.distance import Distance, distances
from core.errors import AffinityError

A = np.array([[[0.4, 0.2], [0.2, 0.1]]])


def test_three_ways():
    assert distances(A)[0, 0, 1] == pytest.approx(1 - 0.2 / (0.4 * 0.1) ** 0.5)
    assert distances(A, Distance.ONE_MINUS)[0, 0, 1] == pytest.approx(0.8)
    assert distances(A, Distance.MAX)[0, 0, 1] == pytest.approx(0.5)
    for kind in Distance:
        assert np.diagonal(distances(A, kind), axis1=1, axis2=2).tolist() == [[0, 0]]


def test_they_stay_between_0_and_1():
    near = np.array([[[0.1, 0.5], [0.5, 0.1]]])
    assert distances(near)[0, 0, 1] == 0.0
    assert distances(-near, Distance.ONE_MINUS)[0, 0, 1] == 1.0


@pytest.mark.parametrize(
    ("tensor", "part"),
    [
        (np.ones((3, 3, 2)), "Depth comes first"),
        (np.ones((2, 3)), "n_depths"),
        (np.array([[[1.0, np.nan], [np.nan, 1.0]]]), "depth 0, tasks 0 and 1"),
        (np.array([[[1.0, 0.5], [0.4, 1.0]]]), "not symmetric at depth 0, tasks 0 and 1"),
        (np.array([[[0.0, 0.5], [0.5, 1.0]]]), "task 0 with itself at depth 0"),
    ],
)
def test_bad_tensors_are_named(tensor, part):
    with pytest.raises(AffinityError, match=part):
        distances(tensor)
