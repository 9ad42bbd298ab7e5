"""Splits that are too large to be answered at once are evaluated piece by piece, and that changes no metric."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from core.tasks import Kind, Task
from core.training import answers as module
from core.training.answers import EVALUATION_BATCH, answers, batches, predict
from core.training.constant import constant_answer
from core.training.evaluation import Evaluation
from core.training.labelled import is_complete
from core.training.streamed import Streamed
from core.training.tensors import Tensors
from tests.core.training.test_labelled import OUTPUTS, example, without

N = 23
CPU = torch.device("cpu")
kinds = pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)


class Written(nn.Module):
    """Answers to picture number ``n`` with row ``n`` of what was written down.

    Args:
        outputs: Of each task.
    """

    def __init__(self, *outputs):
        super().__init__()
        self.outputs, self.most = outputs, 0

    def forward(self, pictures):
        self.most = max(self.most, len(pictures))
        rows = pictures[:, 0, 0, 0].long()
        return {task: output[rows] for task, output in enumerate(self.outputs)}


def numbered(target, complete, n=N):
    """Return pictures that hold their number, and targets."""
    return Tensors(torch.arange(n).float()[:, None, None, None].expand(-1, 2, 2, 3), (target,), (complete,))


def truths(kind, missing):
    target = example(kind, N, seed=1)[1]
    if missing:
        target = without(kind, target, 0.4)[0]
        target[:6] = float("nan") if target.is_floating_point() else -1
    return target


def small_pieces(monkeypatch, n_bytes=1):
    monkeypatch.setattr(module, "WHOLE_BYTES", 0)
    monkeypatch.setattr(module, "PIECE_BYTES", n_bytes)


def in_file(target, most):
    """Return a target of which only so many rows may be read at once."""

    def convert(rows):
        assert len(rows) <= most
        return rows

    return Streamed(target.numpy(), convert, CPU)


@kinds
@pytest.mark.parametrize("missing", [False, True])
@pytest.mark.parametrize("rows", [1, 4])
def test_an_evaluation_in_pieces_is_that_of_the_whole(monkeypatch, tmp_path, kind, missing, rows):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    task, target = Task.usual("x", kind, OUTPUTS[kind]), truths(kind, missing)
    network = Written(example(kind, N)[0])
    data = numbered(target, is_complete(kind, target))
    names = {"x": tuple("abcdefgh"[: OUTPUTS[kind]])}
    whole, parts = Evaluation(), Evaluation()
    whole.add_part("test", network, data, {0: task}, names)
    answer = constant_answer(task, target)
    assert network.most == N
    network.most = 0
    small_pieces(monkeypatch, rows * (network.outputs[0][:1].nbytes + target[:1].nbytes))
    parts.add_part("test", network, replace(data, targets=(in_file(target, rows),)), {0: task}, names)
    assert network.most == rows
    for one, other in ((whole.metrics, parts.metrics), (whole.constant, parts.constant)):
        # Angles of float32 numbers have other last digits where processors compute several at once.
        assert one["test"]["x"] == pytest.approx(other["test"]["x"], rel=1e-6 if kind is Kind.NORMALS else 1e-12)
    assert whole.samples == parts.samples
    assert whole.confusion == parts.confusion
    assert whole.classes == parts.classes
    torch.testing.assert_close(constant_answer(task, in_file(target, rows)), answer, rtol=1e-6, atol=0)


@kinds
def test_the_whole_is_one_call_of_the_metrics(kind):
    task, target = Task.usual("x", kind, OUTPUTS[kind]), truths(kind, missing=True)
    output = example(kind, N)[0]
    one, other = Evaluation(), Evaluation()
    one.add("test", task, output, target)
    other.add_part("test", Written(output), numbered(target, complete=False), {0: task}, {})
    assert one == other


def test_numbers_far_from_zero_keep_their_variance_in_pieces(monkeypatch):
    task = Task.usual("x", Kind.REGRESSION, 1)
    target = 1e6 + torch.arange(N).float()[:, None]
    network, data, found = Written(target + 1), numbered(target, complete=True), []
    for change in (lambda: None, lambda: small_pieces(monkeypatch)):
        change()
        evaluation = Evaluation()
        evaluation.add_part("test", network, data, {0: task}, {})
        found.append(evaluation.metrics["test"]["x"]["R²"])
    assert found[1] == pytest.approx(found[0], rel=1e-12)
    assert found[0] == pytest.approx(1 - 1 / ((N**2 - 1) / 12))


def test_only_the_first_rows_are_answered_where_no_more_are_wanted():
    output, target = example(Kind.CLASSIFICATION, N)
    ((rows, found),) = answers(Written(output), numbered(target, complete=True), most=9)
    assert rows == slice(0, 9)
    assert torch.equal(found[0], output[:9])


def test_batches_of_large_pictures_or_outputs_are_smaller(monkeypatch):
    n = EVALUATION_BATCH + 1
    output, target = torch.zeros(n, 2), torch.zeros(n, dtype=torch.int64)
    data = numbered(target, complete=True, n=n)
    assert batches(Written(output), data) == [slice(0, EVALUATION_BATCH), slice(EVALUATION_BATCH, n)]
    monkeypatch.setattr(module, "_BATCH_BYTES", 10 * (4 * 12 + 8))
    assert {each.stop - each.start for each in batches(Written(output), data)} == {10, 1}
    network = Written(torch.zeros(n, 1000))
    predict(network, data)
    assert network.most == 1


@kinds
def test_answers_that_are_larger_than_the_memory_wait_in_a_file(monkeypatch, tmp_path, kind):
    output, target = example(kind, N)
    data, rows = numbered(target, complete=True), torch.tensor([3, 0, 22, 3])
    (memory,) = predict(Written(output), data)
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    monkeypatch.setenv("BRANCHWISE_MEMORY", "0.000000001")
    (file,) = predict(Written(output), data)
    assert isinstance(memory, torch.Tensor)
    assert isinstance(file, Streamed)
    assert torch.equal(memory, output)
    assert torch.equal(file[:], output)
    assert torch.equal(file[rows], output[rows])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
