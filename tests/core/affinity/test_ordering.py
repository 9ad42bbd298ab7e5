import numpy as np
import pytest

from core.affinity.ordering import Arrangement, Order, Over, arrangements, clustered, seriated
from core.errors import AffinityError


def blocks(n, groups):
    """Give tasks that are alike inside of groups and nowhere else."""
    side = np.array(groups)
    table = np.where(side[:, None] == side, 0.9, 0.1) + np.zeros((n, n))
    np.fill_diagonal(table, 1.0)
    return table


def line(n, rng):
    """Give tasks along a line, in random order, and their true places."""
    places = rng.permutation(n)
    return np.exp(-np.abs(places[:, None] - places) / 3.0), places


def test_the_order_of_the_study_is_its_own():
    assert arrangements(np.full((2, 4, 4), np.nan), Order.STUDY, Over.THIS) == [Arrangement((0, 1, 2, 3))]


def test_clusters_stand_together_and_join_where_they_are_unlike():
    found = clustered(blocks(6, [0, 1, 0, 1, 0, 1]))
    assert {frozenset(found.order[:3]), frozenset(found.order[3:])} == {frozenset({0, 2, 4}), frozenset({1, 3, 5})}
    assert len(found.brackets) == 5
    assert found.brackets[-1].height == pytest.approx(0.9)
    assert [b.height for b in found.brackets] == sorted(b.height for b in found.brackets)


def test_a_bracket_joins_branches_that_lie_beside_each_other_and_below_it():
    rng = np.random.default_rng(0)
    table = rng.random((9, 9))
    table = (table + table.T) / 2
    np.fill_diagonal(table, 1.0)
    found = clustered(table)
    assert sorted(found.order) == list(range(9))
    for bracket in found.brackets:
        assert 0 <= bracket.places[0] < bracket.places[1] <= 8
        assert max(bracket.below) <= bracket.height + 1e-12


@pytest.mark.parametrize("seed", range(5))
def test_seriation_finds_a_line_again(seed):
    table, places = line(8, np.random.default_rng(seed))
    walked = places[list(seriated(table).order)]
    assert walked.tolist() in (list(range(8)), list(range(7, -1, -1)))


def test_permuted_tasks_give_the_same_neighbours():
    table, _ = line(7, np.random.default_rng(1))
    order = np.random.default_rng(2).permutation(7)
    first, second = seriated(table).order, [int(order[i]) for i in seriated(table[np.ix_(order, order)]).order]
    assert second in (list(first), list(reversed(first)))


@pytest.mark.parametrize("order", [Order.CLUSTER, Order.SIMILARITY])
def test_one_order_for_all_depths_or_one_for_each(order):
    alike = np.stack([blocks(4, [0, 0, 1, 1]), blocks(4, [0, 1, 0, 1])])
    assert len(arrangements(alike, order, Over.ALL)) == 1
    each = arrangements(alike, order, Over.THIS)
    assert len(each) == 2
    assert {frozenset(each[0].order[:2]), frozenset(each[1].order[:2])} <= {
        frozenset({0, 1}), frozenset({2, 3}), frozenset({0, 2}), frozenset({1, 3}),
    }  # fmt: skip
    assert each[0].order != each[1].order


def test_two_tasks_can_be_ordered():
    table = np.array([[1.0, 0.3], [0.3, 1.0]])
    assert clustered(table).brackets[0].height == pytest.approx(0.7)
    assert sorted(seriated(table).order) == [0, 1]


@pytest.mark.parametrize("order", [Order.CLUSTER, Order.SIMILARITY])
def test_holes_are_named_and_nothing_is_clustered(order):
    alike = np.stack([np.eye(3), np.eye(3)])
    alike[1, 0, 2] = alike[1, 2, 0] = np.nan
    with pytest.raises(AffinityError, match=r"1 of 2 depths .* depth 1, tasks 0 and 2"):
        arrangements(alike, order, Over.ALL)
