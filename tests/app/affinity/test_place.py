import pytest

from app.affinity.place import pair_of


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ([0, 2], (0, 2)), ([2, 0], (0, 2)), (["1", "2"], (1, 2)), ([1, 1], None), ([0, 3], None), ([-1, 1], None),
        ([0], None), ([0, 1, 2], None), ("01", None), (None, None), ({"0": 1}, None), ([0, None], None),
        ([0, 1.5], None), (["²", "1"], None), (["9" * 5000, "1"], None), ([[0], 1], None), ([True, 0], None),
    ],
)  # fmt: skip
def test_only_two_different_tasks_of_three_are_a_pair(sent, found):
    assert pair_of(sent, 3) == found
