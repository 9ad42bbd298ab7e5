"""The planted tree can be found again: from scores, from answers, and from the pictures themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from core.data.planted import (
    answers,
    correlations,
    draw_factors,
    loadings,
    make_planted,
    planted_tasks,
    textures,
    true_tree,
)
from core.layouts import Layout
from core.layouts.layout import canonical_partition
from core.studies.dataset_specification import PlantedSpecification


def planted(**fields):
    return PlantedSpecification(name="planted", **fields)


@st.composite
def trees(draw):
    n_tasks, n_blocks = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    partition = [tuple(range(n_tasks))]
    found = []
    for _ in range(n_blocks):
        split = []
        for group in partition:
            sides = [draw(st.booleans()) for _ in group]
            halves = [tuple(t for t, side in zip(group, sides, strict=True) if side is want) for want in (True, False)]
            split += [half for half in halves if half]
        partition = split
        found.append(partition)
    return Layout.of(found)


@given(trees(), st.floats(0, 1))
def test_correlation_is_relatedness_times_the_share_of_common_blocks(tree, relatedness):
    asked = planted(tree=tree.to_text(), relatedness=relatedness)
    points = tree.branch_points()
    expected = relatedness * points / tree.n_blocks
    np.fill_diagonal(expected, 1.0)
    np.testing.assert_allclose(correlations(asked), expected, atol=1e-12)


@pytest.mark.parametrize("relatedness", [0.0, 0.5, 1.0])
def test_agreement_of_answers_has_its_closed_form(relatedness):
    asked = planted(relatedness=relatedness, classes=2, n_train=20_000)
    found = answers(asked, draw_factors(asked, "train"))
    agreement = (found[:, :, None] == found[:, None, :]).mean(axis=0)
    expected = 0.5 + np.arcsin(np.clip(correlations(asked), -1, 1)) / np.pi
    np.testing.assert_allclose(agreement, expected, atol=0.02)


@given(trees(), st.integers(0, 1000))
def test_clustering_the_answers_finds_every_level_of_the_tree(tree, seed):
    asked = planted(tree=tree.to_text(), relatedness=1.0, classes=10, n_train=4000, seed=seed)
    found = np.corrcoef(answers(asked, draw_factors(asked, "train")).T)
    merges = linkage(squareform(np.clip(1 - found, 0, 2), checks=False), "average")
    for block, partition in enumerate(tree.partitions):
        # Tasks together after block b share b + 1 blocks or more; half a block is far beyond the noise.
        labels = fcluster(merges, 1 - (block + 0.5) / tree.n_blocks, "distance")
        groups = canonical_partition([tuple(np.flatnonzero(labels == g).tolist()) for g in np.unique(labels)])
        assert groups == partition


def test_classes_are_equally_frequent():
    asked = planted(classes=5, n_train=20_000)
    counts = np.apply_along_axis(np.bincount, 0, answers(asked, draw_factors(asked, "train")))
    np.testing.assert_allclose(counts / 20_000, 0.2, atol=0.015)


def test_strengths_of_the_textures_tell_the_factors():
    asked = planted(n_test=300, noise=0.02)
    pictures = make_planted(asked).test.pictures.reshape(300, -1) / 255 - 0.5
    cosine, sine = textures(len(loadings(asked)), asked.size)
    strength = np.hypot(pictures @ cosine.T, pictures @ sine.T)
    factors = draw_factors(asked, "test")
    for place in range(factors.shape[1]):
        assert np.corrcoef(strength[:, place], factors[:, place])[0, 1] > 0.95


@pytest.mark.parametrize(("n", "size"), [(13, 32), (156, 16)])
def test_textures_never_overlap(n, size):
    waves = textures(n, size).reshape(2 * n, -1)
    products = waves @ waves.T
    np.testing.assert_allclose(products, np.diag(products.diagonal()), atol=1e-8)
    assert (products.diagonal() > 0).all()


def test_the_data_set_is_the_one_asked_for():
    asked = planted(tree="0,1|0;1", n_train=20, n_validation=5, n_test=6, size=16, classes=3)
    data = make_planted(asked)
    assert [task.name for task in data.tasks] == ["task A", "task B"]
    assert data.tasks == planted_tasks(asked)
    assert [len(s) for s in (data.train, data.validation, data.test)] == [20, 5, 6]
    assert data.size == (16, 16)
    longer = make_planted(asked.model_copy(update={"n_train": 40}))
    assert np.array_equal(longer.test.pictures, data.test.pictures)
    assert not np.array_equal(data.train.pictures[:5], data.validation.pictures)
    assert true_tree(asked) == Layout.parse("0,1 | 0;1")
