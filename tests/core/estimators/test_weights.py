import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.errors import TableError
from core.estimators import TwoTaskTable, WeightRule, parse_weights, task_weights, weights_of
from core.estimators.weights import TaskWeights, svd_entropy, weight_warnings

SEQUENCES = hnp.arrays(np.float64, st.integers(4, 8), elements=st.floats(-50, 50).map(lambda x: round(x, 6)))


def by_definition(sequence):
    rows = np.array([sequence[t : t + 3] for t in range(len(sequence) - 2)])
    # Singular values by another way than the one under test.
    singular = np.sqrt(np.maximum(np.linalg.eigvalsh(rows.T @ rows), 0.0))
    if singular.sum() == 0:
        return 0.0
    share = singular / singular.sum()
    return -sum(p * np.log2(p) for p in share if p > 0)


def table_of(values):
    values = np.array(values, dtype=float)
    values[..., 0] = 0.0
    return TwoTaskTable(tuple("abcdefgh"[: len(values)]), values)


def random_values(seed, n_tasks=3, n_blocks=5):
    return np.random.default_rng(seed).normal(size=(n_tasks, n_tasks, n_blocks + 1))


@settings(deadline=None)
@given(SEQUENCES)
def test_entropy_is_that_of_the_singular_values(sequence):
    assert svd_entropy(sequence) == pytest.approx(by_definition(sequence), abs=1e-5)
    assert 0 <= svd_entropy(sequence) <= np.log2(3) + 1e-12


@settings(deadline=None)
@given(SEQUENCES, st.floats(1e-6, 1e6))
def test_entropy_knows_no_scale_and_no_sign(sequence, factor):
    assert svd_entropy(-factor * sequence) == pytest.approx(svd_entropy(sequence), abs=1e-6)


@pytest.mark.parametrize("sequence", [[0.0] * 5, [3.0] * 5, [1.0, 2, 4, 8, 16], [1e-300] * 5, [7.0, -1, 3]])
def test_rank_one_has_no_entropy(sequence):
    assert svd_entropy(np.array(sequence)) == pytest.approx(0.0, abs=1e-9)


def test_three_orthogonal_rows_have_the_greatest_entropy():
    assert svd_entropy(np.array([0.0, 0, 1, 0, 0])) == pytest.approx(np.log2(3))


@settings(deadline=None)
@given(st.integers(0, 999), st.permutations(range(4)))
def test_weights_sum_to_one_and_follow_their_tasks(seed, order):
    values = random_values(seed, n_tasks=4)
    for rule in (WeightRule.SVDE, WeightRule.UNIFORM, WeightRule.PAPER):
        weights = task_weights(table_of(values), rule).values
        assert weights.sum() == pytest.approx(1.0)
        assert (weights >= 0).all()
        moved = task_weights(table_of(values[np.ix_(order, order)]), rule).values
        assert np.allclose(moved, weights[list(order)])


def test_svde_is_the_mean_over_partners_of_one_minus_normalised_entropy():
    values = random_values(1)
    raw = [1 - np.mean([by_definition(values[i, j, 1:]) / np.log2(3) for j in range(3) if j != i]) for i in range(3)]
    assert task_weights(table_of(values), "svde").values == pytest.approx(np.array(raw) / sum(raw))


def test_the_papers_weights_are_its_equations_literally():
    table = table_of(random_values(2))
    raw = [np.mean([-by_definition(table.values[i, j]) for j in range(3) if j != i]) for i in range(3)]
    assert task_weights(table, "paper").values == pytest.approx(np.array(raw) / sum(raw))


def test_the_papers_normalisation_turns_the_order_round():
    values = np.zeros((2, 2, 7))
    values[0, 1] = [0, 1, 1, 1, 1, 1, 1]
    values[1, 0] = [0, 3, -2, 1, 4, -5, 2]
    assert task_weights(table_of(values), "svde").values[0] > 0.5
    assert task_weights(table_of(values), "paper").values[0] < 0.5


@pytest.mark.parametrize("n_blocks", [1, 2, 3])
def test_few_blocks_give_uniform_weights_and_a_word_about_it(n_blocks):
    weights = task_weights(table_of(random_values(3, n_blocks=n_blocks)), "svde")
    assert weights.values.tolist() == [1 / 3] * 3
    assert "fewer than 4 blocks" in weights.note


def test_four_blocks_are_enough():
    weights = task_weights(table_of(random_values(3, n_blocks=4)), "svde")
    assert np.ptp(weights.values) > 0
    assert not weights.note


def test_a_table_of_zeros_is_regular():
    table = table_of(np.zeros((3, 3, 6)))
    assert task_weights(table, "svde").values.tolist() == [1 / 3] * 3
    assert not task_weights(table, "svde").note
    assert task_weights(table, "paper").values.tolist() == [1 / 3] * 3
    assert "all zero" in task_weights(table, "paper").note


def test_all_svde_weights_vanish_where_all_is_irregular():
    values = np.zeros((2, 2, 6))
    values[..., 3] = 1.0
    weights = task_weights(table_of(values), "svde")
    assert weights.values.tolist() == [0.5, 0.5]
    assert weights.note


def test_many_tables_at_once_are_each_table_alone():
    many = np.stack([random_values(seed) for seed in range(5)])
    many[..., 0] = 0
    for rule in (WeightRule.SVDE, WeightRule.PAPER, WeightRule.UNIFORM):
        together, _ = weights_of(many, rule)
        assert np.allclose(together, [weights_of(values, rule)[0] for values in many])


def test_holes_are_filled_first_and_that_is_said():
    values = random_values(5)
    values[0, 1, 2] = np.nan
    weights = task_weights(table_of(values), "svde")
    values[0, 1, 2] = (values[0, 1, 1] + values[0, 1, 3]) / 2
    assert weights.values == pytest.approx(task_weights(table_of(values), "svde").values)
    assert "interpolated" in weights.note


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("svd", "not known"),
        ("", "not known"),
        ("1,2", "Found 2"),
        ("1,2,-1", "Weight 2 is -1"),
        ("1,2,nan", "Weight 2"),
        ("inf,1,1", "Weight 0"),
        ("0,0,0", "All weights are zero"),
    ],
)
def test_weights_that_can_not_be_used_are_refused(text, words):
    with pytest.raises(TableError, match=words):
        parse_weights(text, 3)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e308), min_size=2, max_size=5).filter(any))
def test_explicit_weights_are_divided_by_their_sum(numbers):
    weights = parse_weights(",".join(map(repr, numbers)), len(numbers))
    assert weights.values.sum() == pytest.approx(1.0)
    largest = int(np.argmax(numbers))
    assert weights.values[largest] == weights.values.max()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((0.007, 0.731, 0.262), "hardly counts a (0.7 %"),
        ((0.95, 0.04, 0.01), "nearly that of a alone"),
        ((0.3, 0.3, 0.4), ""),
    ],
)
def test_weights_that_leave_tasks_out_are_a_warning(values, named):
    found = weight_warnings(("a", "b", "c"), TaskWeights(WeightRule.SVDE, np.array(values)))
    assert named in " ".join(found)
    assert bool(found) == bool(named)
    assert weight_warnings(("a", "b", "c"), TaskWeights(WeightRule.EXPLICIT, np.array(values))) == ()
