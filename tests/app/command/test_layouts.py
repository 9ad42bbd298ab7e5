import pytest

from core.layouts.counting import count_layouts


@pytest.mark.parametrize(
    ("tasks", "blocks", "count"), [(3, 5, 51), (5, 5, 7556), (4, 5, 561), (6, 4, 44590), (1, 9, 1)]
)
def test_counts_of_the_paper(answer, tasks, blocks, count):
    assert answer("layouts", "count", "--tasks", tasks, "--blocks", blocks) == {"count": str(count)}


def test_the_largest_size_is_counted_exactly(answer):
    assert answer("layouts", "count", "--tasks", 40, "--blocks", 200)["count"] == str(count_layouts(40, 200))


def test_two_tasks_have_one_more_layout_than_blocks(call):
    assert call("layouts", "count", "--tasks", 2, "--blocks", 17).stdout == "18\n"


@pytest.mark.parametrize(("tasks", "blocks"), [(0, 5), (41, 5), (3, 0), (3, 201), (-1, 1)])
def test_other_sizes_are_refused(refusal, tasks, blocks):
    assert "is not in the range" in refusal("layouts", "count", "--tasks", tasks, "--blocks", blocks, "--json")
