import pytest

from core.errors import LayoutError
from core.layouts import count_layouts

BELL = [1, 1, 2, 5, 15, 52, 203, 877, 4140, 21147]


@pytest.mark.parametrize(
    ("n_tasks", "n_blocks", "count"),
    [(3, 5, 51), (5, 5, 7_556), (10, 5, 26_740_775_306), (4, 5, 561), (6, 4, 44_590), (7, 5, 2_201_856)],
)
def test_published_counts(n_tasks, n_blocks, count):
    assert count_layouts(n_tasks, n_blocks) == count


def test_one_block_gives_bell_numbers():
    assert [count_layouts(n, 1) for n in range(len(BELL))] == BELL


@pytest.mark.parametrize("n_blocks", [1, 2, 7, 300])
def test_closed_forms_for_few_tasks(n_blocks):
    assert count_layouts(1, n_blocks) == 1
    assert count_layouts(2, n_blocks) == n_blocks + 1
    assert count_layouts(3, n_blocks) == (n_blocks + 1) * (3 * n_blocks + 2) // 2


def test_stays_exact_beyond_floats():
    count = count_layouts(40, 16)
    assert isinstance(count, int)
    assert count > 2**53
    assert count > count_layouts(40, 15) > count_layouts(39, 15)


def test_negative_numbers_are_refused():
    with pytest.raises(LayoutError, match="from 0"):
        count_layouts(-1, 2)
