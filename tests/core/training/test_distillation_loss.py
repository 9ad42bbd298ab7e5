"""The loss that holds answers, from arithmetic; how it is used is tested with each family that has teachers."""

import math

import pytest
import torch
from torch.nn import functional

from core.tasks import Kind, Task
from core.training.distillation_loss import distillation_loss

# Probabilities ½, ½ and ¼, ¾.
STUDENT, TEACHER = torch.tensor([[0.0, 0.0]]), torch.tensor([[0.0, math.log(3)]])


def _outputs(kind):
    shape = (4, 3, 2, 2) if kind.is_map else (4, 3)
    drawn = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=drawn) for _ in range(2)]


def test_by_default_it_is_that_of_learning_without_forgetting():
    found = float(distillation_loss(Task.usual("x", Kind.CLASSIFICATION, 3), STUDENT, TEACHER, 1.0))
    assert found == pytest.approx(0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5))
    # The same gradient as the cross-entropy that the paper prints, at its temperature.
    student, teacher = _outputs(Kind.CLASSIFICATION)
    ours, theirs = (student.clone().requires_grad_() for _ in range(2))
    distillation_loss(Task.usual("x", Kind.CLASSIFICATION, 3), ours, teacher, 2.0).backward()
    soft = functional.softmax(teacher / 2, dim=1)
    (-(soft * functional.log_softmax(theirs / 2, dim=1)).sum(dim=1).mean()).backward()
    assert torch.allclose(ours.grad, theirs.grad, atol=1e-7)


@pytest.mark.parametrize("kind", Kind)
def test_answers_that_are_kept_cost_nothing_and_others_are_pulled_back(kind):
    student, teacher = (each.requires_grad_(learns) for each, learns in zip(_outputs(kind), (True, False), strict=True))
    kept = distillation_loss(Task.usual("x", kind, 3), teacher.clone(), teacher, 2.0)
    assert float(kept) == pytest.approx(0, abs=1e-6)
    loss = distillation_loss(Task.usual("x", kind, 3), student, teacher, 2.0)
    loss.backward()
    assert loss.item() > 0
    with torch.no_grad():
        assert (
            float(distillation_loss(Task.usual("x", kind, 3), student - 0.1 * student.grad, teacher, 2.0)) < loss.item()
        )


def test_the_squared_temperature_multiplies_divergences_only():
    for kind, factor in ((Kind.CLASSIFICATION, 9), (Kind.MULTI_LABEL, 9), (Kind.DEPTH, 1)):
        student, teacher = _outputs(kind)
        plain, squared = (
            float(distillation_loss(Task.usual("x", kind, 3), student, teacher, 3.0, squared=s)) for s in (False, True)
        )
        assert squared == pytest.approx(factor * plain)
