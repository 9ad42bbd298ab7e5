"""What is missing counts neither in a loss nor in a metric, whatever the network answers there."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from core.tasks import Kind, Task
from core.training.labelled import is_complete, labelled, present
from core.training.losses import LOSSES, loss_of
from core.training.metrics import measure

OUTPUTS = {
    Kind.CLASSIFICATION: 4,
    Kind.MULTI_LABEL: 3,
    Kind.SEGMENTATION: 4,
    Kind.NORMALS: 3,
    Kind.DEPTH: 1,
    Kind.REGRESSION_MAP: 2,
    Kind.REGRESSION: 1,
    Kind.ORDINAL: 4,
}
NAN = float("nan")


def example(kind, n=5, seed=0):
    """Give answers and complete targets of a kind."""
    generator = torch.Generator().manual_seed(seed)
    size = (4, 6) if kind.is_map else ()
    output = torch.randn(n, OUTPUTS[kind], *size, generator=generator)
    if kind.is_one_class or kind is Kind.SEGMENTATION:
        return output, torch.randint(0, OUTPUTS[kind], (n, *size), generator=generator)
    target = torch.rand(output.shape, generator=generator) + 0.5
    if kind is Kind.MULTI_LABEL:
        target = (target > 1).float()
    return output, functional.normalize(target, dim=1) if kind is Kind.NORMALS else target


def without(kind, target, share, seed=0):
    """Give the target with some labels missing, and where they are still there."""
    shape = target[:, 0].shape if kind is Kind.NORMALS else target.shape
    kept = torch.rand(shape, generator=torch.Generator().manual_seed(seed)) >= share
    where = kept[:, None].expand_as(target) if kind is Kind.NORMALS else kept
    missing = torch.tensor(NAN if target.is_floating_point() else -1, dtype=target.dtype)
    return torch.where(where, target, missing), kept


kinds = pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)


@kinds
def test_presence_is_what_was_left(kind):
    target, kept = without(kind, example(kind)[1], 0.4)
    assert torch.equal(present(kind, target), kept)
    assert not is_complete(kind, target)
    assert is_complete(kind, example(kind)[1])


@kinds
def test_of_complete_labels_nothing_changes(kind):
    output, target = example(kind)
    assert loss_of(Task.usual("x", kind, 3), complete=True) is LOSSES[kind]
    torch.testing.assert_close(
        loss_of(Task.usual("x", kind, 3), complete=False)(output, target), LOSSES[kind](output, target)
    )
    task = Task.usual("x", kind, OUTPUTS[kind])
    again = measure(task, *labelled(kind, output, target))
    assert again == pytest.approx(measure(task, output, target), rel=1e-6)


@kinds
@given(share=st.floats(0.1, 0.9), seed=st.integers(0, 1000))
def test_answers_where_a_label_is_missing_count_for_nothing(kind, share, seed):
    output, target = example(kind, seed=seed)
    target, kept = without(kind, target, share, seed)
    if not kept.any():
        return
    per_sample = {
        Kind.CLASSIFICATION: kept[:, None],
        Kind.ORDINAL: kept[:, None],
        Kind.SEGMENTATION: kept[:, None],
        Kind.NORMALS: kept[:, None],
    }
    where = per_sample.get(kind, kept).expand_as(output)
    other = torch.where(where, output, torch.randn(output.shape, generator=torch.Generator().manual_seed(seed + 1)))
    loss, task = loss_of(Task.usual("x", kind, 3), complete=False), Task.usual("x", kind, OUTPUTS[kind])
    assert torch.equal(loss(output, target), loss(other, target))
    assert measure(task, output, target) == measure(task, other, target)
    learned = output.clone().requires_grad_()
    loss(learned, target).backward()
    assert torch.isfinite(learned.grad).all()
    assert (learned.grad[~where] == 0).all()
    assert (learned.grad[where] != 0).any()


@kinds
@given(st.integers(1, 6), st.integers(0, 1000))
def test_dropping_whole_samples_is_the_same_as_not_having_them(kind, n_kept, seed):
    output, target = example(kind, n=7, seed=seed)
    masked = target.clone()
    masked[n_kept:] = NAN if target.is_floating_point() else -1
    task, loss = Task.usual("x", kind, OUTPUTS[kind]), loss_of(Task.usual("x", kind, 3), complete=False)
    torch.testing.assert_close(loss(output, masked), LOSSES[kind](output[:n_kept], target[:n_kept]))
    assert measure(task, output, masked) == pytest.approx(measure(task, output[:n_kept], target[:n_kept]), rel=1e-6)


@kinds
def test_a_batch_without_a_label_has_no_loss_and_no_gradient(kind):
    output, target = example(kind)
    target, _ = without(kind, target, 2.0)
    learned = output.clone().requires_grad_()
    loss = loss_of(Task.usual("x", kind, 3), complete=False)(learned, target)
    loss.backward()
    assert loss.item() == 0
    assert (learned.grad == 0).all()


def test_one_missing_channel_takes_the_whole_normal():
    target = torch.tensor([[0.0, 0, -1], [0, NAN, -1]]).reshape(2, 3, 1, 1)
    assert present(Kind.NORMALS, target).flatten().tolist() == [True, False]
