import copy
from itertools import count, product

import numpy as np
import pytest
import torch

from core.families.gradient_affinity.payload import GradientPayload
from core.families.gradient_affinity.request import request_fault
from core.families.gradient_affinity.results import gradient_effects
from core.families.gradient_affinity.runs import GradientAffinityRun, GradientAffinitySubmission, gradient_runs
from core.families.gradient_affinity.train import block_weights, effects, gradients, train_measured
from core.families.single.runs import network_run
from core.families.single.train import train_network
from core.layouts import Layout
from core.networks.rates import set_rate
from core.networks.tree import TreeNetwork
from core.runs.pretrained import PretrainedWeights
from core.runs.result import RunState
from core.training.workplace import Workplace
from tests.core.families.small_study import small_study, text_of

TEXT = text_of("gradient_affinity")


def network_of_two() -> TreeNetwork:
    """Return two blocks with curves and norms, and two heads, in 64-bit numbers."""
    torch.manual_seed(0)
    blocks = [
        torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU()),
        torch.nn.Sequential(torch.nn.Conv2d(4, 4, 3, stride=2), torch.nn.Tanh(), torch.nn.Flatten()),
    ]
    heads = [torch.nn.Linear(16, 3), torch.nn.Linear(16, 1)]
    return TreeNetwork(blocks, Layout.all_shared(2, 2), heads).double()


def losses_on(network, pictures, classes, numbers):
    out = network(pictures)
    return torch.stack(
        [torch.nn.functional.cross_entropy(out[0], classes), torch.nn.functional.mse_loss(out[1][:, 0], numbers)]
    )


def batch(seed):
    draw = torch.Generator().manual_seed(seed)
    pictures = torch.randn(8, 3, 7, 7, generator=draw, dtype=torch.float64)
    return pictures, torch.randint(3, (8,), generator=draw), torch.randn(8, generator=draw, dtype=torch.float64)


def test_to_first_order_effects_are_those_of_looking_ahead_block_by_block():
    network, rate = network_of_two(), 1e-5
    set_rate(network.blocks[1], 0.5)
    weights = block_weights(network)
    steps = gradients(losses_on(network, *batch(0)), weights)
    before = losses_on(network, *batch(1))
    found = effects(steps, gradients(before, weights), before.detach(), weights, rate)
    exact = torch.empty_like(found)
    for block, task in product(range(2), range(2)):
        ahead = copy.deepcopy(network)
        with torch.no_grad():
            place = 0
            for weight in ahead.blocks[block].parameters():
                own = steps[block][task, place : place + weight.numel()].view(weight.shape)
                weight -= rate * (1.0, 0.5)[block] * own
                place += weight.numel()
        exact[block, task] = 1 - losses_on(ahead, *batch(1)).detach() / before.detach()
    assert torch.allclose(found, exact, rtol=1e-3, atol=1e-4 * float(exact.abs().max()))
    assert not torch.allclose(found[0], found[1], rtol=0.1)


def test_effects_of_two_squares_by_hand():
    # L_0 = (w - 1)², L_1 = (w + v)² at w = 3, v = 1 on both batches: gradients by w are 4 and 8, by v 0 and 8.
    w, v = (torch.nn.Parameter(torch.tensor([value])) for value in (3.0, 1.0))
    losses, weights = torch.stack([(w - 1) ** 2, (w + v) ** 2]).flatten(), [[(w, 1.0)], [(v, 1.0)]]
    found = gradients(losses, weights)
    assert [each.flatten().tolist() for each in found] == [[4, 8], [0, 8]]
    shown = effects(found, found, losses.detach(), weights, 0.1).tolist()
    np.testing.assert_allclose(shown, [[[0.4, 0.2], [0.8, 0.4]], [[0.0, 0.0], [0.0, 0.4]]], rtol=1e-6)


@pytest.fixture(scope="module")
def run() -> GradientAffinityRun:
    return gradient_runs(small_study(TEXT, "every = 3"))[0]


@pytest.fixture(scope="module")
def done(run, tmp_path_factory):
    result, weights = train_measured(run, Workplace(tmp_path_factory.mktemp("home")))
    assert (result.state, weights) == (RunState.DONE, None)
    return result


def test_the_network_is_trained_as_that_of_the_fully_shared_layout(run, done):
    plain = train_network(network_run(small_study(TEXT), [0, 1], Layout.all_shared(2, 5), run.seed))
    assert (done.metrics, done.curve, done.params) == (plain.metrics, plain.curve, plain.params)


def test_an_interrupted_run_goes_on_to_the_same_effects(run, done, tmp_path):
    # Asked first at step 0 and every ten steps: the first epoch of four steps is over when it stops.
    longer = run.model_copy(update={"training": run.training.model_copy(update={"epochs": 4})})
    whole, _ = train_measured(longer, Workplace(tmp_path / "whole"))
    asked = count()
    stopped, _ = train_measured(longer, Workplace(tmp_path, should_stop=lambda: next(asked) >= 1))
    assert stopped.state is RunState.CANCELLED
    assert stopped.steps == 10
    resumed, _ = train_measured(longer, Workplace(tmp_path))
    assert resumed.payload == whole.payload
    assert resumed.payload["measured"] == 6  # steps 0, 3, 6, 9, 12, 15
    assert done.payload["measured"] == 3


def test_a_study_has_the_effects_of_the_seeds_that_are_done(run, done):
    study = small_study(TEXT, "every = 3\nseeds = [0, 1]")
    found = gradient_effects(study, {run.key: done})
    assert found is not None
    assert (found.tasks, found.seeds, found.values.shape) == (study.tasks, (0,), (1, 5, 2, 2))
    # A task's own steps lower its own loss.
    assert (np.diagonal(found.mean().sum(axis=0)) > 0).all()
    other = GradientPayload(effects=done.payload["effects"][:4], measured=1)
    damaged = done.model_copy(update={"payload": other.model_dump(mode="json")})
    assert gradient_effects(study, {run.key: damaged}) is None


def test_more_seeds_are_added_to_those_of_a_study():
    asked = GradientAffinitySubmission((0, 3))
    study = asked.extend(small_study(TEXT, "every = 3\nseeds = [1]"))
    assert [(run.seed, run.every) for run in gradient_runs(study)] == [(1, 3), (0, 3), (3, 3)]
    assert [run.label.seed for run in asked.runs(study)] == [0, 3]


def test_where_no_block_learns_nothing_can_be_measured():
    study = small_study(TEXT)
    frozen = PretrainedWeights.model_construct(freeze=5)
    whole = study.model_copy(update={"backbone": study.backbone.model_copy(update={"weights": frozen})})
    assert request_fault(study) is None
    assert "freeze = 5" in str(request_fault(whole))
