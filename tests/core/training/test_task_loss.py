"""The loss of a task as the settings have it: weights of classes and tasks, smoothed labels."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.errors import DataError
from core.runs.settings import TrainingSettings
from core.tasks import Kind, Task
from core.training.losses import loss_of
from core.training.task_loss import check_some_task, check_task, task_loss

CLASSES = Task.usual("animal", Kind.CLASSIFICATION, 3)
LABELS = Task.usual("things", Kind.MULTI_LABEL, 2)
MAP = Task.usual("segmentation", Kind.SEGMENTATION, 3)
NAN = float("nan")


@pytest.fixture
def scores():
    return torch.randn(8, 3, generator=torch.Generator().manual_seed(0))


def loss(task, target, *, complete=True, **settings):
    return task_loss(task, TrainingSettings(**settings), target, complete=complete)


def test_plain_settings_are_the_plain_loss(scores):
    target = torch.tensor([0, 1, 2, 0, 0, 0, 0, 0])
    assert torch.equal(loss(CLASSES, target)(scores, target), loss_of(CLASSES, complete=True)(scores, target))


def test_balanced_classes_count_alike_whatever_their_number(scores):
    target = torch.tensor([0, 0, 0, 0, 0, 0, 1, 2])
    each = functional.cross_entropy(scores, target, reduction="none")
    expected = (each[:6].mean() + each[6] + each[7]) / 3
    assert loss(CLASSES, target, class_weights="balanced")(scores, target) == pytest.approx(float(expected), rel=1e-6)
    missing = target.clone()
    missing[:3] = -1
    expected = (each[3:6].mean() + each[6] + each[7]) / 3
    found = loss(CLASSES, missing, complete=False, class_weights="balanced")(scores, missing)
    assert found == pytest.approx(float(expected), rel=1e-6)


def test_a_class_without_labels_makes_no_infinity(scores):
    target = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
    assert torch.isfinite(loss(CLASSES, target, class_weights="balanced")(scores, target))


def test_listed_weights_and_smoothing_are_those_of_torch(scores):
    target = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    found = loss(CLASSES, target, class_weights={"animal": [1, 2, 3]}, label_smoothing=0.2)(scores, target)
    weights = torch.tensor([1.0, 2.0, 3.0])
    assert found == functional.cross_entropy(scores, target, weight=weights, label_smoothing=0.2)


def test_maps_are_counted_by_pixel():
    target = torch.tensor([[[0, 0], [0, 1]], [[0, 0], [-1, 2]]])
    scores = torch.randn(2, 3, 2, 2, generator=torch.Generator().manual_seed(1))
    each = functional.cross_entropy(scores, target, reduction="none", ignore_index=-1)
    expected = sum(each[target == number].mean() for number in range(3)) / 3
    found = loss(MAP, target, complete=False, class_weights="balanced")(scores, target)
    assert found == pytest.approx(float(expected), rel=1e-6)


def test_rare_labels_count_as_often_as_their_absence():
    target = torch.tensor([[1.0, 1], [0, 0], [0, NAN], [0, 1]])
    scores = torch.randn(4, 2, generator=torch.Generator().manual_seed(2))
    each = functional.binary_cross_entropy_with_logits(scores, target.nan_to_num(), reduction="none")
    weights = np.array([3.0, 0.5])
    times = np.where(target == 1, weights, 1)
    expected = (each.numpy() * times)[~target.isnan().numpy()].sum() / 7
    found = loss(LABELS, target, complete=False, class_weights="balanced")(scores, target)
    assert found == pytest.approx(expected, rel=1e-6)
    nothing = torch.full((4, 2), NAN)
    assert loss(LABELS, target, complete=False, class_weights="balanced")(scores, nothing) == 0


def test_a_task_s_factor_multiplies_its_loss_alone(scores):
    target = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    plain = loss(CLASSES, target)(scores, target)
    assert loss(CLASSES, target, loss_weights={"animal": 0.25})(scores, target) == 0.25 * plain
    assert loss(CLASSES, target, loss_weights={"other": 0.25})(scores, target) == plain


@pytest.mark.parametrize(
    ("task", "settings", "words"),
    [
        (CLASSES, {"class_weights": {"animal": [1, 2]}}, "3 classes"),
        (Task.usual("d", Kind.DEPTH, 1), {"class_weights": {"d": [1, 2]}}, "no classes"),
        (Task.usual("d", Kind.DEPTH, 1), {"class_weights": "balanced"}, "does nothing for depth"),
        (LABELS, {"label_smoothing": 0.1}, "does nothing for multi-label"),
    ],
)
def test_what_does_not_fit_or_does_nothing_is_refused(task, settings, words):
    def check():
        check_task(task, TrainingSettings(**settings))
        check_some_task([task], TrainingSettings(**settings))

    with pytest.raises(DataError, match=words):
        check()
