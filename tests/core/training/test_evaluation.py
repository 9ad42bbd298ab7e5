"""Scores of samples and counts of confused classes, against closed forms."""

from dataclasses import fields

import numpy as np
import pytest
import torch

from core.data.membership import MIDDLE, RANGE, SPREAD
from core.data.scenes import CLASS_NAMES, TASKS, make_scenes
from core.families.single.runs import NetworkRun
from core.families.single.train import train_network
from core.layouts import Layout
from core.runs.result import Environment, RunResult, RunState
from core.studies.specification import BackboneSpecification, ScenesSpecification, TrainingSettings
from core.tasks import Kind, Metric, Task
from core.training.evaluation import Evaluation, confusion_of, preprocessing_of, scores_of


def test_a_class_is_right_wrong_or_unknown():
    output = torch.tensor([[3.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 5.0], [9.0, 0.0, 0.0]])
    found = scores_of(Task.usual("x", Kind.CLASSIFICATION, 3), output, torch.tensor([0, 2, 2, -1]))
    assert found.score == "correct"
    np.testing.assert_array_equal(found.values(), [1, 0, 1, np.nan])


def test_confused_classes_are_counted_true_by_answered_without_what_has_no_label():
    output = torch.eye(3)[[0, 1, 2, 0, 0]]
    target = torch.tensor([0, 2, 2, 1, -1])
    assert confusion_of(output, target).tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]


def test_of_several_labels_the_share_that_is_right_counts():
    output = torch.tensor([[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    target = torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, float("nan"), 0.0, float("nan")], [float("nan")] * 4])
    found = scores_of(Task.usual("x", Kind.MULTI_LABEL, 3), output, target)
    np.testing.assert_array_equal(found.values(), [0.75, 0.5, np.nan])


def test_where_answers_are_no_classes_the_loss_counts():
    output, target = torch.zeros(3, 1, 2, 2), torch.full((3, 1, 2, 2), 0.5)
    target[1] = 2.0
    target[2] = float("nan")
    found = scores_of(Task.usual("x", Kind.REGRESSION_MAP, 3), output, target)
    assert found.score == "loss"
    np.testing.assert_allclose(found.values(), [0.5, 2.0, np.nan])


@pytest.mark.parametrize("size", [(16, 16), (24, 32)])
def test_preprocessing_is_what_pictures_go_through(size):
    found = preprocessing_of(size)
    assert (found.size, found.channels, found.range) == (size, 3, RANGE)
    assert (found.mean, found.std) == ((MIDDLE,) * 3, (SPREAD,) * 3)


def test_a_real_result_carries_all_of_it_and_survives_json():
    asked = ScenesSpecification(n_train=24, n_validation=10, n_test=9, size=16)
    task = next(task for task in TASKS if task.kind is Kind.CLASSIFICATION)
    names = ("depth", task.name)
    run = NetworkRun(
        dataset=asked,
        tasks=names,
        backbone=BackboneSpecification(width=2),
        layout=Layout.all_shared(2, 5).partitions,
        training=TrainingSettings(epochs=1, batch_size=8),
        seed=0,
    )
    result = train_network(run, data=make_scenes(asked))
    for split, n_samples in (("validation", 10), ("test", 9)):
        scores = result.samples[split]
        assert {name: score.score for name, score in scores.items()} == {"depth": "loss", task.name: "correct"}
        assert all(score.values().shape == (n_samples,) for score in scores.values())
        counts = np.array(result.confusion[split][task.name])
        assert set(result.confusion[split]) == {task.name}
        assert counts.sum() == n_samples
        assert result.constant[split].keys() == result.metrics[split].keys()
        assert result.constant[split][task.name]["accuracy"] == counts.sum(axis=1).max() / n_samples
        accuracy = result.metrics[split][task.name]["accuracy"]
        assert np.trace(counts) / n_samples == pytest.approx(accuracy)
        assert scores[task.name].values().mean() == pytest.approx(accuracy, abs=1e-3)
    assert result.classes == {task.name: CLASS_NAMES[task.name]}
    assert result.environment.instructions
    assert result.preprocessing == preprocessing_of((16, 16))
    assert RunResult.model_validate_json(result.model_dump_json()) == result


def test_its_fields_are_those_of_a_result_and_one_metric_that_is_no_number_is_seen():
    found = Evaluation()
    task = Task("a", Kind.CLASSIFICATION, (Metric("accuracy", True),), 3)
    found.add("test", task, torch.eye(3), torch.arange(3), ("x", "y", "z"))
    assert found.is_finite
    assert set(found.fields) == {each.name for each in fields(Evaluation)}
    assert set(found.fields) <= set(RunResult.model_fields)
    result = RunResult(
        state=RunState.DONE, environment=Environment(device="cpu", machine="m", threads=1, versions={}), **found.fields
    )
    assert (result.metrics, result.classes) == (found.metrics, found.classes)
    found.metrics["test"]["a"]["accuracy"] = float("inf")
    assert not found.is_finite
