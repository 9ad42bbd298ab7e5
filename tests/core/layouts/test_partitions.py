import itertools

import pytest

from core.errors import LayoutError
from core.layouts.layout import canonical_partition
from core.layouts.partitions import MAX_MASKED_TASKS, MAX_PARTITION_TASKS, all_partitions, pair_masks

BELL = (1, 2, 5, 15, 52, 203, 877, 4140)


@pytest.mark.parametrize(("n_tasks", "count"), list(enumerate(BELL, start=1)))
def test_there_are_bell_many_all_different(n_tasks, count):
    found = all_partitions(n_tasks)
    assert len(found) == count == len({row.tobytes() for row in found.ids})
    rows = [tuple(row) for row in found.ids.tolist()]
    assert rows == sorted(rows)
    assert all(found.n_groups[place] == max(row) + 1 for place, row in enumerate(rows))


def test_every_partition_is_there_in_canonical_form():
    listed = {all_partitions(4).groups(place) for place in range(15)}
    brute = set()
    for ids in itertools.product(range(4), repeat=4):
        groups = [[task for task in range(4) if ids[task] == group] for group in set(ids)]
        brute.add(canonical_partition(groups))
    assert listed == brute


def test_too_many_are_refused():
    with pytest.raises(LayoutError, match="beam"):
        all_partitions(MAX_PARTITION_TASKS + 1)


@pytest.mark.parametrize("n_tasks", range(1, 6))
def test_a_partition_refines_another_exactly_when_it_keeps_no_other_pair_together(n_tasks):
    found, masks = all_partitions(n_tasks), pair_masks(n_tasks).tolist()
    groups = [[set(group) for group in found.groups(place)] for place in range(len(found))]
    for fine, coarse in itertools.product(range(len(found)), repeat=2):
        refines = all(any(part <= whole for whole in groups[coarse]) for part in groups[fine])
        assert refines == (masks[fine] & ~masks[coarse] == 0)


def test_pairs_of_too_many_are_refused():
    assert len(set(pair_masks(8).tolist())) == 4140
    with pytest.raises(LayoutError, match="beam"):
        pair_masks(MAX_MASKED_TASKS + 1)
