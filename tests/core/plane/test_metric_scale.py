import pytest

from core.plane.metric_scale import MetricScale
from core.plane.point import GainOrigin, PlanePoint
from core.tasks import Metric

ERROR = Metric("mean absolute error", False)


def network(gains):
    by_seed = {seed: (gain, 1.0) for seed, gain in gains.items()}
    return PlanePoint("layouts", "x", ("a", "b"), {}, (0.0, 1.0), 0.5, None, len(gains), GainOrigin.MEASURED,
                      seed_gains=by_seed)  # fmt: skip


def test_a_smaller_error_scores_higher_and_values_return():
    scale = MetricScale("a", ERROR, {0: 2.0, 1: 4.0, 7: 3.0})
    # A tenth less error than the single-task network of the seed.
    found = scale.scored(network({0: 10.0, 1: 10.0, 5: 99.0}))
    assert scale.values_of(network({0: 10.0, 1: 10.0, 5: 99.0})) == pytest.approx({0: 1.8, 1: 3.6})
    assert found.scores("a") == pytest.approx({0: 40.0, 1: -20.0})
    assert found.scores("b") == {0: 1.0, 1: 1.0}
    assert [scale.value(score) for score in found.scores("a").values()] == pytest.approx([1.8, 3.6])
    assert scale.score(scale.mean) == 0.0
    assert scale.score(2.0) > scale.score(2.5)


def test_a_network_of_other_seeds_has_no_value():
    assert MetricScale("a", ERROR, {0: 2.0}).scored(network({1: 5.0})) is None
