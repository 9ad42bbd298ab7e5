import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from core.affinity import similarity as module
from core.affinity.similarity import Similarity, dissimilarities, similarities
from core.errors import AffinityError

seeds = st.integers(0, 2**31)


def literal(tables):
    """Give the similarities by scipy, one pair of tasks at a time."""
    n_tasks, n_depths, n_pictures = tables.shape[:3]
    above = np.triu_indices(n_pictures, 1)
    found = np.ones((n_depths, n_tasks, n_tasks))
    for depth in range(n_depths):
        for i in range(n_tasks):
            for j in range(n_tasks):
                if i != j:
                    found[depth, i, j] = stats.spearmanr(tables[i, depth][above], tables[j, depth][above]).statistic
    return found


@given(seeds, st.integers(3, 9), st.integers(2, 30))
def test_dissimilarities_are_one_minus_the_correlation_of_features(seed, n_pictures, n_features):
    features = np.random.default_rng(seed).normal(size=(n_pictures, n_features))
    found = dissimilarities(features)
    np.testing.assert_allclose(found, 1 - np.corrcoef(features), atol=1e-9)
    assert np.array_equal(found, found.T)
    assert not np.diag(found).any()


@given(seeds, st.floats(0.01, 100), st.floats(-100, 100))
def test_scale_and_offset_of_a_picture_s_features_say_nothing(seed, scale, offset):
    features = np.random.default_rng(seed).normal(size=(5, 3, 2, 2))
    np.testing.assert_allclose(dissimilarities(features), dissimilarities(scale * features + offset), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_picture_with_equal_features_correlates_with_nothing(dtype):
    features = np.random.default_rng(0).normal(size=(4, 7)).astype(dtype)
    features[1], features[3] = 0.1, 0.1
    found = dissimilarities(features)
    assert found[1].tolist() == [1, 0, 1, 1]
    assert 0 < found[0, 2] < 2
    assert found[0, 2] != 1


def test_columns_taken_in_turns_give_the_same(monkeypatch):
    features = np.random.default_rng(0).normal(size=(6, 50)).astype(np.float32)
    whole = dissimilarities(features)
    monkeypatch.setattr(module, "_COLUMNS", 7)
    np.testing.assert_allclose(dissimilarities(features), whole, atol=1e-9)


@pytest.mark.parametrize(
    ("features", "sentence"),
    [
        (np.zeros((2, 5)), "2 pictures are too few"),
        (np.array([[1.0, 2.0], [np.nan, 1.0], [0.0, 1.0]]), "missing or infinite"),
        (np.array([[1.0, 2.0], [np.inf, 1.0], [0.0, 1.0]]), "missing or infinite"),
    ],
)
def test_features_that_say_nothing_are_refused(features, sentence):
    with pytest.raises(AffinityError, match=sentence):
        dissimilarities(features)


@given(
    arrays.arrays(
        np.float64,
        st.tuples(st.integers(2, 4), st.integers(1, 3), st.integers(4, 6), st.just(3)),
        # Few different numbers, so that there are many ties; none constant, which scipy can't rank.
        elements=st.sampled_from([0.0, 0.5, 1.0, 1.5]),
    )
)
def test_similarities_equal_scipy_s_with_ties(drawn):
    n_tasks, n_depths, n = drawn.shape[:3]
    tables = np.concatenate([drawn, np.zeros((n_tasks, n_depths, n, n - 3))], axis=3)
    tables[..., 0, 1], tables[..., 0, 2] = 0.25, 1.75
    np.testing.assert_allclose(similarities(tables), literal(tables), atol=1e-9)


@given(seeds)
def test_the_order_of_tasks_and_pictures_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(4, 2, 6, 5))
    tables = np.array([[dissimilarities(depth) for depth in task] for task in features])
    found = similarities(tables)
    tasks, pictures = rng.permutation(4), rng.permutation(6)
    np.testing.assert_allclose(
        similarities(tables[tasks][:, :, pictures][:, :, :, pictures]), found[:, tasks][:, :, tasks], atol=1e-9
    )
    Similarity(found, 0, 6).check_fits(4, 2)


def test_only_the_order_of_dissimilarities_counts():
    table = dissimilarities(np.random.default_rng(0).normal(size=(8, 20)))
    pair = np.stack([table, np.sqrt(table)])[:, None]
    np.testing.assert_allclose(similarities(pair), np.ones((1, 2, 2)))
    np.testing.assert_allclose(similarities(np.stack([table, 2 - table])[:, None])[0, 0, 1], -1)


def test_features_that_tell_no_pictures_apart_are_like_no_others():
    table = dissimilarities(np.random.default_rng(0).normal(size=(5, 20)))
    dead = dissimilarities(np.zeros((5, 20)))
    found = similarities(np.stack([table, dead, dead])[:, None])
    assert found[0].tolist() == np.eye(3).tolist()


def test_too_few_pictures_are_refused():
    with pytest.raises(AffinityError, match="2 pictures"):
        similarities(np.zeros((2, 1, 2, 2)))


@given(seeds)
def test_distances_are_never_negative(seed):
    values = np.random.default_rng(seed).uniform(-1, 1 + 1e-9, (2, 3, 3))
    values = np.maximum(values, values.transpose(0, 2, 1))
    values[:, range(3), range(3)] = 1 + 1e-9
    distances = Similarity(values, 0, 10).distances
    assert (distances >= 0).all()
    assert (distances <= 2).all()
    assert not np.diagonal(distances, axis1=1, axis2=2).any()
    np.testing.assert_allclose(distances, 1 - values, atol=1e-8)


def fit(change):
    values = np.full((5, 2, 2), 0.5)
    values[:, [0, 1], [0, 1]] = 1.0
    change(values)
    return values


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.ones((2, 2, 5)), r"should have shape \[n_depths, n_tasks, n_tasks\].*Depth comes first"),
        (np.ones((2, 3)), r"Found \[2, 3\]"),
        (np.ones((0, 2, 2)), "should have shape"),
        (fit(lambda v: v.__setitem__((1, 0, 1), np.nan)), "missing"),
        (fit(lambda v: v.__setitem__((1, 0, 1), -1.5)), "between −1 and 1"),
        (fit(lambda v: v.__setitem__((1, 0, 1), -0.5)), "not symmetric"),
        (fit(lambda v: v.__setitem__((1, 0, 0), 0.9)), "similar to itself"),
    ],
)
def test_what_is_no_similarity_is_refused(values, sentence):
    with pytest.raises(AffinityError, match=sentence):
        Similarity(values, 0, 10)


def test_other_tasks_or_blocks_are_refused():
    with pytest.raises(AffinityError, match=r"should have shape \[4, 2, 2\]. Found \[5, 2, 2\]"):
        Similarity(fit(lambda _: None), 0, 10).check_fits(2, 4)
    with pytest.raises(AffinityError, match="2 pictures"):
        Similarity(fit(lambda _: None), 0, 2)
