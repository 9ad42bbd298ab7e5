import numpy as np
import pytest

from core.affinity.distance import Distance, distances
from core.errors import AffinityError
from core.layouts import Layout
from core.selection.branched import BranchedCase, best_tree
from core.selection.tree_certainty import tree_certainty

DOWNS = (1.0, 0.0)


def draws_of(noise, n=40, n_tasks=4):
    rng = np.random.default_rng(0)
    side = np.arange(n_tasks) % 2
    alike = np.where(side[:, None] == side, 0.9, 0.3)[None, None] + rng.normal(0, noise, (n, 2, n_tasks, n_tasks))
    alike = np.clip((alike + alike.transpose(0, 1, 3, 2)) / 2, 0.01, 0.99)
    alike[:, :, range(n_tasks), range(n_tasks)] = 1.0
    return alike


def test_shares_sum_to_one_and_the_most_frequent_comes_first():
    found = tree_certainty(draws_of(0.25), DOWNS, 0.2)
    shares = [each.share for each in found.trees]
    assert sum(shares) == pytest.approx(1.0)
    assert shares == sorted(shares, reverse=True)
    assert len(found.trees) > 1
    assert found.n_draws == 40


def test_every_draw_gives_its_own_cheapest_tree():
    draws = draws_of(0.2)
    found = tree_certainty(draws, DOWNS, 0.2)
    each = [best_tree(BranchedCase(distances(draw), DOWNS), 0.2).layout for draw in draws]
    for tree in found.trees:
        assert tree.share == pytest.approx(each.count(tree.layout) / len(each))


def test_without_noise_there_is_one_tree():
    found = tree_certainty(draws_of(0.0), DOWNS, 0.2)
    assert [each.share for each in found.trees] == [1.0]
    layout = found.trees[0].layout
    assert found.share(layout) == 1.0
    assert found.share(Layout.all_shared(4, 2)) == 0.0
    assert layout.partitions[1] == ((0, 2), (1, 3))


def test_pairs_are_apart_as_often_as_the_trees_say():
    found = tree_certainty(draws_of(0.25), DOWNS, 0.2)
    apart = found.apart()
    assert apart.shape == (2, 4, 4)
    assert (apart[1] >= apart[0]).all()
    expected = sum(each.share for each in found.trees if each.layout.branch_points()[0, 1] < 2)
    assert apart[1, 0, 1] == pytest.approx(expected)


def test_the_kind_of_distance_is_the_one_asked_for():
    draws = draws_of(0.0) * 0.5
    cosine, plain = (tree_certainty(draws, DOWNS, 0.05, kind=kind) for kind in (Distance.COSINE, Distance.ONE_MINUS))
    for kind, found in ((Distance.COSINE, cosine), (Distance.ONE_MINUS, plain)):
        assert found.trees[0].layout == best_tree(BranchedCase(distances(draws[0], kind), DOWNS), 0.05).layout


def test_bad_input_is_one_sentence():
    draws = draws_of(0.1)
    with pytest.raises(AffinityError, match="No measurement"):
        tree_certainty(draws[:0], DOWNS, 0.1)
    draws[3, 1, 0, 1] = np.nan
    with pytest.raises(AffinityError, match="Depth 1 was not measured with every seed"):
        tree_certainty(draws, DOWNS, 0.1)
