import numpy as np
import pytest
from scipy import stats

from core.errors import DataError
from core.estimators import agreement, noise_ceiling


def rng():
    return np.random.default_rng(0)


def test_both_sides_are_compared_as_the_command_line_says():
    real = rng().normal(size=(20, 3))
    predicted = real @ [0.5, 0.3, 0.2] + rng().normal(size=20)
    weights = np.array([0.5, 0.3, 0.2])
    found = agreement(predicted, real, weights, rng=rng(), n_resamples=200)
    assert found.n == 20
    assert found.spearman.weighted.value == pytest.approx(stats.spearmanr(predicted, real @ weights).statistic)
    assert found.pearson.mean.value == pytest.approx(stats.pearsonr(predicted, real.mean(axis=1)).statistic)
    assert found.kendall.mean.value == pytest.approx(stats.kendalltau(predicted, real.mean(axis=1)).statistic)
    assert found.to_json()["kendall"] == {
        "weighted": found.kendall.weighted.value,
        "mean": found.kendall.mean.value,
    }
    for pair in (found.spearman, found.pearson, found.kendall):
        for side in (pair.weighted, pair.mean):
            assert -1 <= side.low <= side.value <= side.high <= 1


def test_a_perfect_prediction_is_perfect_and_loses_nothing():
    real = np.arange(10.0)[:, None] * np.ones(2)
    found = agreement(np.arange(10.0) ** 3, real, np.array([0.5, 0.5]), rng=rng())
    assert found.spearman.weighted.value == 1
    assert found.spearman.weighted.low == 1
    assert (found.best_of_top_five, found.regret, found.regret_of_top_five) == (9, 0, 0)


def test_the_papers_top_1_is_the_best_trained_of_the_predicted_top_five():
    predicted = np.arange(8.0)
    trained = np.array([9.0, 0, 0, 1, 2, 8, 3, 4])
    found = agreement(predicted, trained[:, None], np.ones(1), rng=rng(), n_resamples=0)
    assert found.best_of_top_five == 5
    assert found.regret == 5
    assert found.regret_of_top_five == 1
    assert found.spearman.weighted.low is None


def test_scores_equal_but_for_rounding_are_ties():
    predicted = np.array([0.1 + 0.2, 0.3, 0.5, 0.7])
    real = np.array([[2.0], [1.0], [3.0], [4.0]])
    found = agreement(predicted, real, np.ones(1), rng=rng(), n_resamples=0)
    assert found.spearman.weighted.value == pytest.approx(stats.spearmanr([0.3, 0.3, 0.5, 0.7], [2, 1, 3, 4]).statistic)


@pytest.mark.parametrize("predicted", [np.ones(5), np.arange(2.0)])
def test_what_has_no_correlation_says_why(predicted):
    real = np.arange(float(len(predicted)))[:, None]
    found = agreement(predicted, real, np.ones(1), rng=rng())
    assert found.spearman.weighted.value is None
    assert "At least 3 layouts" in found.spearman.weighted.note
    assert found.to_json()["spearman"] == {"weighted": None, "mean": None}


def test_more_noise_between_seeds_widens_the_interval():
    real = np.linspace(0, 1, 12)[None, :, None] + np.array([1.0, -1.0])[:, None, None] * rng().normal(size=(1, 12, 1))
    predicted = np.linspace(0, 1, 12)
    quiet = agreement(predicted, real.mean(axis=0), np.ones(1), rng=rng()).pearson.weighted
    noisy = agreement(predicted, real, np.ones(1), rng=rng()).pearson.weighted
    assert quiet.value == pytest.approx(noisy.value)
    assert noisy.low < quiet.low


def test_the_ceiling_is_how_seeds_agree_with_each_other():
    truth = np.arange(10.0)
    same = np.stack([truth, truth, truth])[:, :, None]
    assert noise_ceiling(same, np.ones(1), rng=rng()).weighted.value == pytest.approx(1.0)
    two = rng().normal(size=(2, 10, 1))
    assert noise_ceiling(two, np.ones(1), rng=rng()).weighted.value == pytest.approx(
        stats.spearmanr(two[0, :, 0], two[1, :, 0]).statistic
    )
    alone = noise_ceiling(two[:1], np.ones(1), rng=rng())
    assert alone.mean.value is None
    assert "one seed" in alone.mean.note


def test_with_three_seeds_every_seed_is_once_against_the_other_two():
    three = rng().normal(size=(3, 8, 1))
    splits = [
        stats.spearmanr(three[s, :, 0], np.delete(three, s, axis=0).mean(axis=0)[:, 0]).statistic for s in range(3)
    ]
    ceiling = noise_ceiling(three, np.ones(1), rng=rng()).weighted
    assert ceiling.value == pytest.approx(np.mean(splits))
    assert (ceiling.low, ceiling.high) == pytest.approx((min(splits), max(splits)))


@pytest.mark.parametrize(
    ("predicted", "real"),
    [
        (np.zeros(3), np.zeros((4, 2))),
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(0), np.zeros((0, 2))),
        (np.zeros(3), np.full((3, 2), np.nan)),
    ],
)
def test_what_does_not_fit_together_is_refused(predicted, real):
    with pytest.raises(DataError):
        agreement(predicted, real, np.array([0.5, 0.5]), rng=rng())
