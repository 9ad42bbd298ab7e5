import numpy as np
import pytest
from sklearn.cluster import SpectralClustering

from core.layouts.layout import canonical_partition
from core.selection.spectral import spectral_partitions


def planted(sizes, rng):
    side = np.repeat(np.arange(len(sizes)), sizes)
    alike = np.where(side[:, None] == side, 0.9, 0.1) + rng.random((len(side), len(side))) * 0.02
    return (alike + alike.T) / 2, side


def groups_of(labels):
    return canonical_partition(np.flatnonzero(labels == label).tolist() for label in np.unique(labels))


@pytest.mark.parametrize("sizes", [(5, 5), (4, 5, 6), (12, 14), (7, 7, 8)])
def test_planted_groups_are_found_as_scikit_learn_finds_them(sizes):
    alike, side = planted(sizes, np.random.default_rng(sum(sizes)))
    found = list(spectral_partitions(alike))
    theirs = SpectralClustering(len(sizes), affinity="precomputed", random_state=0).fit_predict(alike)
    assert found[len(sizes) - 2] == groups_of(side) == groups_of(theirs)


def test_every_number_of_groups_is_proposed_and_the_order_of_items_changes_nothing():
    alike, _ = planted((4, 4, 4), np.random.default_rng(1))
    found = list(spectral_partitions(alike))
    assert [len(partition) for partition in found] == list(range(2, 12))
    turned = np.random.default_rng(2).permutation(12)
    again = list(spectral_partitions(alike[np.ix_(turned, turned)]))[1]
    assert canonical_partition([turned[item] for item in group] for group in again) == found[1]


def test_it_is_the_same_every_time():
    alike, _ = planted((9, 9), np.random.default_rng(3))
    assert list(spectral_partitions(alike)) == list(spectral_partitions(alike))
