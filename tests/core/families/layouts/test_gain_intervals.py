"""Intervals of predicted gains."""

import numpy as np

from core.estimators.basis import without_holes
from core.estimators.prediction import Estimator
from core.estimators.two_task import TwoTaskTable
from core.estimators.weights import task_weights
from core.families.layouts.gain_intervals import GainIntervals
from core.layouts import Layout


def test_with_bayes_only_tasks_that_share_are_noisy() -> None:
    samples = np.random.default_rng(0).normal(size=(2, 3, 3, 4))
    samples[..., 0] = 0
    # As with a frozen first block: sharing it is the same network.
    samples[..., 1] = 0
    samples[:, np.arange(3), np.arange(3)] = 0
    table = TwoTaskTable.from_samples(("a", "b", "c"), samples)
    weights = task_weights(table, "uniform")
    found = GainIntervals(table, without_holes(table, Estimator.BAYES), weights, Estimator.BAYES)
    assert found.knows_noise
    for text in ("0;1;2 | 0;1;2 | 0;1;2", "0,1,2 | 0;1;2 | 0;1;2"):
        known = found.of(Layout.parse(text))
        assert np.abs([known.score_low, known.score, known.score_high]).max() < 0.01, text
    known = found.of(Layout.parse("0,1;2 | 0,1;2 | 0;1;2"))
    assert known.low[0] < known.estimates[0] < known.high[0]
    assert known.low[2] == known.high[2] == 0
