"""The loss of a path, from arithmetic."""

import math

import pytest
import torch

from core.families.multipath.distillation import Distillation
from core.families.multipath.losses import mixed, teacher_loss
from core.tasks import METRICS, Kind, Task

PLAIN = Distillation(temperature=1.0)
# Two classes with log-odds 0 and log 3: probabilities ½, ½ and ¼, ¾.
STUDENT, TEACHER = torch.tensor([[0.0, 0.0]]), torch.tensor([[0.0, math.log(3)]])
ONE = torch.tensor([0])
HALF = math.log(2)


def _loss(kind, student, teacher, target, **settings):
    return float(teacher_loss(Task.usual("x", kind, 3), student, teacher, target, Distillation(**settings)))


def test_the_divergence_has_a_direction():
    ours = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    theirs = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    assert _loss(Kind.CLASSIFICATION, STUDENT, TEACHER, ONE, temperature=1) == pytest.approx(ours)
    assert _loss(Kind.CLASSIFICATION, STUDENT, TEACHER, ONE, temperature=1, direction="teacher") == pytest.approx(
        theirs
    )


def test_the_temperature_divides_scores_and_its_square_multiplies_the_loss():
    cooler = _loss(Kind.CLASSIFICATION, STUDENT, TEACHER, ONE, temperature=1)
    warm = _loss(Kind.CLASSIFICATION, 2 * STUDENT, 2 * TEACHER, ONE, temperature=2)
    assert warm == pytest.approx(cooler)
    squared = _loss(Kind.CLASSIFICATION, 2 * STUDENT, 2 * TEACHER, ONE, temperature=2, squared=True)
    assert squared == pytest.approx(4 * cooler)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("direction", ["student", "teacher"])
def test_equal_outputs_cost_nothing_and_others_pull_towards_the_teacher(kind, direction):
    shape = (4, 3, 2, 2) if kind.is_map else (4, 3)
    drawn = torch.Generator().manual_seed(0)
    teacher, student = (torch.randn(shape, generator=drawn) for _ in range(2))
    target = {
        Kind.CLASSIFICATION: torch.tensor([0, 1, 2, 0]),
        Kind.ORDINAL: torch.tensor([0, 1, 2, 0]),
        Kind.SEGMENTATION: torch.zeros(4, 2, 2, dtype=torch.int64),
    }.get(kind, torch.zeros(shape))
    settings = Distillation(direction=direction)
    same = teacher.clone().requires_grad_()
    loss = teacher_loss(Task.usual("x", kind, 3), same, teacher, target, settings)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert float(same.grad.abs().max()) < 1e-6
    student.requires_grad_()
    loss = teacher_loss(Task.usual("x", kind, 3), student, teacher, target, settings)
    loss.backward()
    assert loss.item() > 0
    with torch.no_grad():
        assert (
            float(teacher_loss(Task.usual("x", kind, 3), student - 0.1 * student.grad, teacher, target, settings))
            < loss.item()
        )


def test_labels_that_exclude_none_are_compared_one_by_one():
    student, teacher = torch.tensor([[0.0, 7.0]]), torch.tensor([[math.log(3), 7.0]])
    one_label = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    found = _loss(Kind.MULTI_LABEL, student, teacher, torch.tensor([[1.0, 0.0]]), temperature=1)
    assert found == pytest.approx(one_label / 2)


def test_numbers_are_compared_by_their_squares():
    zeros = torch.zeros(1, 1, 1, 2)
    found = _loss(Kind.DEPTH, zeros, torch.tensor([[[[3.0, 1.0]]]]), torch.ones(1, 1, 1, 2))
    assert found == pytest.approx((9 + 1) / 2)


def test_normals_are_compared_as_directions():
    along, across = torch.tensor([[1.0, 0.0, 0.0]])[..., None, None], torch.tensor([[0.0, 1.0, 0.0]])[..., None, None]
    assert _loss(Kind.NORMALS, 5 * along, along, along) == pytest.approx(0, abs=1e-6)
    # The squared distance of two directions at right angles is 2, over three channels.
    assert _loss(Kind.NORMALS, 5 * along, 3 * across, along) == pytest.approx(2 / 3)


def test_only_what_is_labelled_counts():
    student, teacher = torch.cat([STUDENT, STUDENT + 9]), torch.cat([TEACHER, -9 * TEACHER])
    alone = _loss(Kind.CLASSIFICATION, STUDENT, TEACHER, ONE, temperature=1)
    assert _loss(Kind.CLASSIFICATION, student, teacher, torch.tensor([1, -1]), temperature=1) == pytest.approx(alone)
    nothing = student.clone().requires_grad_()
    loss = teacher_loss(Task.usual("x", Kind.CLASSIFICATION, 3), nothing, teacher, torch.tensor([-1, -1]), PLAIN)
    loss.backward()
    assert loss.item() == 0
    assert float(nothing.grad.abs().max()) == 0
    maps = torch.randn(2, 3, 2, 2, generator=torch.Generator().manual_seed(1))
    pixels = torch.tensor([[[0, -1], [-1, -1]], [[-1, -1], [-1, 2]]])
    picked = torch.stack([maps[0, :, 0, 0], maps[1, :, 1, 1]])
    found = teacher_loss(Task.usual("x", Kind.SEGMENTATION, 3), maps, maps.flip(1), pixels, PLAIN)
    assert float(found) == pytest.approx(
        float(
            teacher_loss(Task.usual("x", Kind.CLASSIFICATION, 3), picked, picked.flip(1), torch.tensor([0, 0]), PLAIN)
        )
    )


def test_complete_targets_give_the_same_without_looking():
    student, teacher = torch.randn(5, 3), torch.randn(5, 3)
    target = torch.zeros(5, dtype=torch.int64)
    found = [
        teacher_loss(Task.usual("x", Kind.CLASSIFICATION, 3), student, teacher, target, PLAIN, complete=c)
        for c in (True, False)
    ]
    assert torch.equal(*found)


@pytest.mark.parametrize(
    ("mix", "expected"),
    [("none", 10), ("doubled", 20), ("literal", 9 + 0.2), ("additive", 10 + 1.8), ("swapped", 1 + 1.8)],
)
def test_the_mix_weighs_both_losses(mix, expected):
    settings = Distillation(mix=mix, alpha=0.9)
    labels, teacher = torch.tensor(10.0), torch.tensor(2.0)
    found = mixed(labels, teacher if settings.has_teachers else None, settings)
    assert float(found) == pytest.approx(expected)
    assert settings.has_teachers == (mix not in ("none", "doubled"))


@pytest.mark.parametrize(
    ("mix", "alpha", "warned"),
    [
        ("literal", 1.0, "switches distillation off"),
        ("additive", 0.0, "weight 0"),
        ("swapped", 0.0, "weight 0"),
        ("literal", 0.9, None),
        ("additive", 1.0, None),
        ("swapped", 1.0, None),
        ("none", 1.0, None),
        ("doubled", 0.0, None),
    ],
)
def test_a_mix_without_its_teacher_is_warned_of(mix, alpha, warned):
    settings = Distillation(mix=mix, alpha=alpha)
    found = settings.warning
    assert (found is None) == (warned is None)
    assert warned is None or warned in found
    assert warned is None or not settings.has_teachers


def test_several_numbers_are_held_each_in_times_of_its_own_spread_also_where_some_are_missing():
    task = Task("size", Kind.REGRESSION, METRICS[Kind.REGRESSION], 2, mean=(0.0, 0.0), std=(1.0, 1000.0))
    student, teacher = torch.tensor([[1.0, 1000.0], [5.0, 0.0]]), torch.zeros(2, 2)
    target = torch.tensor([[0.0, 0.0], [math.nan, 0.0]])
    assert float(teacher_loss(task, student, teacher, target, PLAIN)) == pytest.approx((1 + 1 + 0) / 3)
