"""The constant answer has the least training loss, and metrics of a network that gives it."""

import pytest
import torch

from core.data.scenes import TASKS as SCENES
from core.data.scenes import make_scenes
from core.studies.specification import ScenesSpecification
from core.tasks import Kind, Task
from core.training.constant import constant_answer, constant_metrics
from core.training.losses import loss_of
from core.training.tensors import tensors_of

NAN = float("nan")


def test_of_classes_it_is_the_most_frequent_one_among_those_labelled():
    task = Task.usual("shape", Kind.CLASSIFICATION, 3)
    target = torch.tensor([2, 2, 1, -1, -1, -1, 0, 2])
    assert constant_answer(task, target).tolist() == [0, 0, 1]
    assert constant_metrics(task, target) == {"accuracy": 0.6}


def test_of_several_labels_each_has_its_own():
    task = Task.usual("marks", Kind.MULTI_LABEL, 2)
    target = torch.tensor([[1.0, 0.0], [1.0, NAN], [0.0, 0.0], [1.0, NAN]])
    assert constant_metrics(task, target)["accuracy"] == pytest.approx(5 / 6)


def test_of_values_it_is_the_median_and_of_sparse_ones_zero():
    task = Task.usual("heat", Kind.REGRESSION_MAP, 1)
    target = torch.zeros(2, 1, 4, 4)
    target[0, 0, 0] = 0.5
    assert constant_answer(task, target).tolist() == [0]
    assert constant_metrics(task, target) == {"mean absolute error": 4 * 0.5 / 32}


@pytest.mark.parametrize("task", SCENES, ids=lambda task: task.name)
def test_no_other_constant_has_a_smaller_loss(task):
    data = make_scenes(ScenesSpecification(n_train=8, n_validation=30, n_test=8, size=16))
    target = tensors_of(data, "validation", (task,), torch.device("cpu")).targets[0]
    best = constant_answer(task, target)
    shape = target.shape[2:] if target.is_floating_point() else target.shape[1:]
    # Among classes the best one is sharp: scores of the loss are compared where they are sure.
    scale = 20.0 if task.kind in (Kind.CLASSIFICATION, Kind.SEGMENTATION) else 1.0

    def loss(answer):
        spread = (scale * answer).reshape(1, -1, *[1] * len(shape)).expand(len(target), -1, *shape)
        return float(loss_of(task, complete=True)(spread, target))

    generator = torch.Generator().manual_seed(0)
    if scale == 1.0:
        others = [best + 0.2 * torch.randn(best.shape, generator=generator) for _ in range(20)]
    else:
        others = list(torch.eye(task.n_outputs))
    assert all(loss(best) <= loss(other) + 1e-6 for other in others)
