import re
from dataclasses import replace

import numpy as np
import pytest

from app.plane.basis import measured_basis, pair_basis, predicted_basis, weights_sentence
from core.estimators.weights import TaskWeights, WeightRule


def test_a_gain_says_weighting_split_and_seeds(scene_of):
    scene = scene_of("trained")
    assert predicted_basis(scene.view) == "paper estimator, equal weights, validation split, 3 seeds"
    assert measured_basis(scene.trained) == "equal weights, test split, 2 seeds"
    for words in (predicted_basis(scene.view), "test split, 2 seeds"):
        assert words in scene.basis


@pytest.mark.parametrize("name", ["five", "ten"])
def test_unequal_weights_are_said_and_add_up(scene_of, name):
    view = scene_of(name).view
    assert (
        weights_sentence(
            replace(
                view, weights=TaskWeights(WeightRule.UNIFORM, np.full_like(view.weights.values, 1 / len(view.tasks)))
            )
        )
        == ""
    )
    values = np.arange(1.0, len(view.tasks) + 1)
    said = weights_sentence(replace(view, weights=TaskWeights(WeightRule.SVDE, values / values.sum())))
    assert view.tasks[-1] in said
    assert ("others" in said) == (len(view.tasks) > 8)
    assert sum(float(part) for part in re.findall(r"([\d.]+) %", said)) == pytest.approx(100, abs=3)


def test_the_mean_of_a_pair_and_that_of_a_layout_are_told_apart(scene_of):
    view = scene_of("trained").view
    assert pair_basis(view).endswith("two-task network.")
    heavy = replace(view, weights=TaskWeights(WeightRule.SVDE, np.array([0.6, 0.2, 0.2])))
    assert "plain mean of its two tasks" in pair_basis(heavy)
    assert "those of a layout are the mean of all tasks with entropy weights" in pair_basis(heavy)
