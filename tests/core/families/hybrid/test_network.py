"""Networks of hybrids against those of layouts and nested paths, output for output."""

import torch

from core.families.hybrid.hybrid import Hybrid
from core.families.hybrid.network import build_hybrid
from core.families.multipath.network import build_multipath
from core.families.multipath.place import Place
from core.layouts import Layout
from core.networks.tree import count_parameters
from core.runs.settings import BackboneSpecification
from core.tasks import Kind, Task
from core.training.build import build

TASKS = tuple(Task.usual(name, Kind.CLASSIFICATION, 3) for name in "abc")
BACKBONE = BackboneSpecification(width=2, blocks=4)
SIZE = (16, 16)
PICTURES = torch.randn(4, 3, *SIZE, generator=torch.Generator().manual_seed(0))


def outputs(network):
    network.eval()
    with torch.no_grad():
        return network(PICTURES)


def test_where_no_task_leaves_early_it_is_the_network_of_the_layout():
    layout = Layout.parse("0,1,2 | 0,1;2 | 0;1;2 | 0;1;2")
    hybrid = build_hybrid(BACKBONE, Hybrid.of(layout, (3, 3, 3)), TASKS, SIZE, 5)
    tree = build(BACKBONE, layout, TASKS, SIZE, 5)
    assert hybrid.state_dict().keys() == tree.state_dict().keys()
    for task, found in outputs(hybrid).items():
        assert torch.equal(found, outputs(tree)[task])


def test_where_everything_is_shared_it_is_a_multi_path_network():
    exits = (0, 3, 2)
    hybrid = build_hybrid(BACKBONE, Hybrid.of(Layout.all_shared(3, 4), exits), TASKS, SIZE, 5)
    places = [Place(task, exit_) for task, exit_ in enumerate(exits)]
    paths = build_multipath(BACKBONE, ("0", "1", "2", "3"), places, TASKS, SIZE, 5)
    assert count_parameters(hybrid) == count_parameters(paths)
    for task, found in outputs(hybrid).items():
        torch.testing.assert_close(found, outputs(paths)[task])


def test_blocks_that_no_task_runs_are_not_there():
    hybrid = Hybrid.parse("0,1,2 | 0,1;2 | 0;1;2 | 0;1;2 @ 1,3,1")
    network = build_hybrid(BACKBONE, hybrid, TASKS, SIZE, 5)
    blocks = [count_parameters(copies[0]) for copies in build(BACKBONE, Layout.all_shared(3, 4), TASKS, SIZE, 5).blocks]
    assert count_parameters(network.blocks) == blocks[0] + 2 * blocks[1] + blocks[2] + blocks[3]
    loss = sum(found.square().sum() for found in network(PICTURES).values())
    loss.backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
