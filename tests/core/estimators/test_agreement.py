import numpy as np
import pytest
from scipy import stats

from core.errors import DataError
from core.estimators import Estimate, agreement, noise_ceiling, split_half
from core.estimators.halves import Regret


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
    assert (found.best_of_top_five, found.regret, found.regret_of_top_five) == (9, Regret(0), Regret(0))


def test_the_papers_top_1_is_the_best_trained_of_the_predicted_top_five():
    predicted = np.arange(8.0)
    trained = np.array([9.0, 0, 0, 1, 2, 8, 3, 4])
    found = agreement(predicted, trained[:, None], np.ones(1), rng=rng(), n_resamples=0)
    assert found.best_of_top_five == 5
    assert found.regret == Regret(5)
    assert found.regret_of_top_five == Regret(1)
    assert not found.chosen_apart
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


def test_reliability_is_how_seeds_agree_with_each_other():
    truth = np.arange(10.0)
    same = np.stack([truth, truth, truth])[:, :, None]
    assert split_half(same, np.ones(1), rng=rng()).weighted.value == pytest.approx(1.0)
    two = rng().normal(size=(2, 10, 1))
    assert split_half(two, np.ones(1), rng=rng()).weighted.value == pytest.approx(
        stats.spearmanr(two[0, :, 0], two[1, :, 0]).statistic
    )
    alone = split_half(two[:1], np.ones(1), rng=rng())
    assert alone.mean.value is None
    assert "one seed" in alone.mean.note


def test_with_three_seeds_every_seed_is_once_against_the_other_two():
    three = rng().normal(size=(3, 8, 1))
    splits = [
        stats.spearmanr(three[s, :, 0], np.delete(three, s, axis=0).mean(axis=0)[:, 0]).statistic for s in range(3)
    ]
    assert split_half(three, np.ones(1), rng=rng()).weighted.value == pytest.approx(np.mean(splits))


def test_reliability_has_an_interval_over_layouts_even_where_two_seeds_have_one_split():
    truth = np.linspace(0, 2, 12)
    two = truth + rng().normal(size=(2, 12))
    found = split_half(two[:, :, None], np.ones(1), rng=rng()).weighted
    assert found.low < found.value < found.high


def test_the_noise_ceiling_is_above_the_reliability_and_has_its_interval():
    found = noise_ceiling(Estimate(0.61, 0.43, 0.75))
    expected = [np.sqrt(2 * r / (1 + r)) for r in (0.61, 0.43, 0.75)]
    assert [found.value, found.low, found.high] == pytest.approx(expected)
    assert noise_ceiling(Estimate(-0.1, -0.5, 0.2)).value is None
    assert noise_ceiling(Estimate(0.1, -0.5, 0.2)).low == 0.0


def test_a_perfect_prediction_reaches_about_the_noise_ceiling():
    truth, generator = np.linspace(0, 1, 200), np.random.default_rng(3)
    real = (truth + 0.3 * generator.normal(size=(4, 200)))[:, :, None]
    found = agreement(truth, real, np.ones(1), rng=rng(), n_resamples=50)
    assert found.spearman.weighted.value == pytest.approx(found.ceiling.weighted.value, abs=0.03)
    assert found.split_half.weighted.value < found.spearman.weighted.value


def test_regret_is_not_flattered_where_the_best_is_chosen_on_other_seeds_and_another_split():
    generator = np.random.default_rng(5)
    validation, test = generator.normal(size=(2, 2, 30, 1))
    predicted = generator.normal(size=30)
    same = agreement(predicted, test, np.ones(1), rng=rng(), n_resamples=0)
    apart = agreement(predicted, test, np.ones(1), rng=rng(), n_resamples=0, chosen_on=validation)
    ours = predicted.argmax()
    for found, chooses in ((same, test), (apart, validation)):
        lost = [test[1 - s, chooses[s, :, 0].argmax(), 0] - test[1 - s, ours, 0] for s in (0, 1)]
        assert found.regret.value == pytest.approx(np.mean(lost))
        assert [found.regret.low, found.regret.high] == pytest.approx(sorted(lost))
        assert found.chosen_apart


def test_of_noise_alone_nothing_is_lost_on_average():
    # In the same results the best of fifty looks two standard deviations better than any choice.
    lost = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        real = generator.normal(size=(2, 50, 1))
        lost.append(agreement(generator.normal(size=50), real, np.ones(1), rng=rng(), n_resamples=0).regret.value)
    assert abs(np.mean(lost)) < 0.35


def test_what_low_cost_explains_does_not_count_within_strata():
    generator = np.random.default_rng(1)
    costs = np.repeat(np.arange(4.0), 15)
    skill = generator.normal(size=60)
    real = (-100 * costs + skill + 0.3 * generator.normal(size=(3, 60)))[:, :, None]
    mean = real.mean(axis=0)[:, 0]
    cheap = agreement(-costs + 1e-3 * generator.normal(size=60), real, np.ones(1), rng=rng(), costs=costs)
    skilled = agreement(-100 * costs + skill, real, np.ones(1), rng=rng(), costs=costs)
    assert min(cheap.spearman.weighted.value, skilled.spearman.weighted.value) > 0.9
    assert abs(cheap.strata.weighted.value) < 0.3
    assert skilled.strata.weighted.value > 0.8
    parts = [stats.spearmanr(skill[costs == cost], mean[costs == cost]).statistic for cost in range(4)]
    assert skilled.strata.weighted.value == pytest.approx(np.mean(parts))
    for found in (cheap.strata.weighted, skilled.strata.weighted):
        assert found.low < found.value < found.high


def test_too_few_layouts_have_no_strata():
    real = np.arange(5.0)[:, None]
    found = agreement(np.arange(5.0), real, np.ones(1), rng=rng(), n_resamples=0, costs=np.arange(5.0))
    assert found.strata.weighted.value is None
    assert "At least 6 layouts" in found.strata.weighted.note


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
