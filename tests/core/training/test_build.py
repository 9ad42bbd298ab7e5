"""Common random numbers: weights depend on seed, block and task, never on the layout."""

import pytest
import torch

from core.data.scenes import TASKS
from core.layouts import Layout
from core.studies.specification import BackboneSpecification
from core.training.build import build

SMALL = BackboneSpecification(width=2)


def equal(one, other):
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.parametrize("text", ["0,1,2|0,1,2|0,1,2|0,1,2|0,1,2", "0,1,2|0,1,2|0,2;1|0,2;1|0;1;2"])
def test_every_path_of_every_layout_starts_like_the_single_task_network(text):
    network = build(SMALL, Layout.parse(text), TASKS[:3], (16, 16), seed=5)
    for index, task in enumerate(TASKS[:3]):
        single = build(SMALL, Layout.all_shared(1, 5), (task,), (16, 16), seed=5)
        assert equal(network.path(index), single.path(0))


def test_another_seed_starts_elsewhere():
    one, other = (build(SMALL, Layout.all_shared(1, 5), TASKS[:1], (16, 16), seed=seed) for seed in (5, 6))
    assert not torch.equal(one.heads[0].layers[0].weight, other.heads[0].layers[0].weight)
    assert not torch.equal(one.blocks[1][0].conv1.weight, other.blocks[1][0].conv1.weight)


def test_heads_of_two_tasks_of_one_kind_start_differently():
    network = build(SMALL, Layout.all_shared(2, 5), TASKS[3:5], (16, 16), seed=5)
    assert not torch.equal(network.heads[0].layers[0].weight, network.heads[1].layers[0].weight)


def test_the_callers_random_numbers_are_left_alone():
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    build(SMALL, Layout.all_shared(1, 5), TASKS[:1], (16, 16), seed=5)
    assert torch.equal(torch.rand(3), expected)


def test_a_new_network_is_in_training_mode():
    network = build(SMALL, Layout.all_shared(1, 5), TASKS[:1], (16, 16), seed=5)
    assert all(module.training for module in network.modules())
    assert not network.blocks[0][0][1].running_mean.any()
