"""Methods that balance tasks, and trees that grow: small parts of two benchmarks."""

import importlib
from pathlib import Path

import pytest
import torch
from torch import nn

from core.data.store import make
from core.families.single.runs import network_run
from core.families.single.train import trainer_of
from core.layouts import Layout
from core.networks.tree import TreeNetwork
from core.studies.specification import parse_study
from core.training.build import build
from core.training.loop import optimizer_of

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def controls(monkeypatch):
    pytest.importorskip("torchjd")
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("training_controls")


def _gradients(parameters, losses):
    return [torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True) for loss in losses]


def _case(sign):
    """Return a shared convolution in channels-last order, a head of one task, and two losses."""
    torch.manual_seed(0)
    shared = nn.Parameter(torch.randn(3, 2, 3, 3).contiguous(memory_format=torch.channels_last))
    head = nn.Parameter(torch.randn(4))
    losses = [(shared**2).sum() + (head**3).sum(), sign * shared.sum() + 0.1 * (shared**4).sum()]
    return [shared, head], losses


def test_without_conflict_the_aggregate_is_the_sum(controls):
    parameters, losses = _case(1)
    first, second = _gradients(parameters, losses)
    if float((first[0] * second[0]).sum()) < 0:
        first = tuple(-each for each in first)
    controls.set_aggregate(parameters, [first, second])
    torch.testing.assert_close(parameters[0].grad, first[0] + second[0])
    assert torch.equal(parameters[1].grad, first[1])
    # A fused optimiser reads memory in the parameter's own order.
    assert parameters[0].grad.stride() == parameters[0].stride()


def test_with_conflict_no_loss_rises_along_the_aggregate(controls):
    parameters, losses = _case(1)
    first, second = _gradients(parameters, losses)
    if float((first[0] * second[0]).sum()) > 0:
        first = tuple(-each for each in first)
    controls.set_aggregate(parameters, [first, second])
    found = parameters[0].grad
    assert not torch.allclose(found, first[0] + second[0])
    assert all(float((own * found).sum()) >= -1e-4 * float(own.norm() * found.norm()) for own in (first[0], second[0]))


def test_uncertainty_weights_a_task_by_its_own_variance(controls):
    study = parse_study(
        'name = "s"\ntasks = ["task A", "task B"]\n[dataset]\nname = "planted"\nn_train = 32\nn_validation = 8\n'
        "n_test = 8\nsize = 16\n[backbone]\nwidth = 2\n[training]\nepochs = 1\nbatch_size = 16\n"
    )
    run = network_run(study, [0, 1], Layout.all_shared(2, 5), 0)
    data = make(study.dataset)
    plain = trainer_of(build(run.backbone, run.tree, data.tasks[:2], data.size, 0), run, data, torch.device("cpu"))
    trainer = controls.Uncertainty(plain.network, plain.tasks, plain.settings, 0, plain.train, plain.validation)
    trainer.begin()
    rows, optimizer = torch.arange(16), optimizer_of(trainer.network, trainer.settings)
    total, losses = trainer.losses_at(rows)
    torch.testing.assert_close(total, losses.sum())
    trainer.train_step(optimizer, 8, rows)
    # Losses of four classes are above ½ at the start, so that every variance rises from 1.
    found = trainer.variances()
    assert all(found > 1)
    total, losses = trainer.losses_at(rows)
    torch.testing.assert_close(total, (losses / found + found.log() / 2).sum())


def test_a_grown_tree_answers_as_the_shared_network_did(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    grown = importlib.import_module("grown")

    def network(n_tasks, layout):
        return TreeNetwork([nn.Linear(3, 4), nn.Linear(4, 4)], layout, [nn.Linear(4, 2) for _ in range(n_tasks)]).eval()

    shared, x = network(3, Layout.all_shared(3, 2)), torch.randn(5, 3)
    tree = network(2, Layout.of([[{0, 1}], [{0}, {1}]]))
    answers = grown.branched(shared, tree, [2, 0])(x)
    expected = shared(x)
    assert torch.equal(answers[0], expected[2])
    assert torch.equal(answers[1], expected[0])
    assert tree.blocks[1][0].weight is not tree.blocks[1][1].weight
