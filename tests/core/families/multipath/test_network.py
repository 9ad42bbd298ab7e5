"""Multi-path networks: nested by construction, nothing beyond a path runs, hard sharing as a special case."""

import copy
from itertools import pairwise

import pytest
import torch
from torch import nn

from core.errors import BackboneError, FamilyError
from core.families.multipath.ladder import preset_ladder
from core.families.multipath.network import MultiPathNetwork, backbone_ladder, build_multipath
from core.families.multipath.place import Place, all_places, spread
from core.families.multipath.stages import stages_of
from core.families.multipath.timing import path_seconds
from core.layouts import Layout
from core.networks.heads import head_of
from core.networks.small import small_residual
from core.networks.tree import count_parameters
from core.runs.settings import BackboneSpecification
from core.tasks import Kind, Task
from core.training.build import build

SIZE = (16, 16)
TASKS = (Task.usual("loop", Kind.CLASSIFICATION, 2), Task.usual("depth", Kind.DEPTH, 1))
SMALL = BackboneSpecification(width=4, blocks=5)
EXITS = ("0", "2.conv1", "2", "3.conv1", "4")
PICTURES = torch.rand(3, 3, *SIZE, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network():
    return build_multipath(SMALL, EXITS, all_places(2, 5), TASKS, SIZE, 3).eval()


class Called:
    """Which leaf modules run."""

    def __init__(self, network):
        self.modules = []
        for module in network.modules():
            if not [*module.children()]:
                module.register_forward_hook(lambda module, _args, _out: self.modules.append(module))


@pytest.mark.parametrize("exit_", range(5))
def test_an_exit_calls_only_its_own_path_and_head(network, exit_):
    watched = copy.deepcopy(network)
    called = Called(watched)
    number = watched.places.index(Place(0, exit_))
    watched(PICTURES, [number])
    allowed = {*watched.heads[number].modules()} | {m for stage in watched.stages[: exit_ + 1] for m in stage.modules()}
    assert {*called.modules} <= allowed
    weighted = {m for stage in watched.stages[: exit_ + 1] for m in stage.modules() if [*m.parameters(recurse=False)]}
    assert weighted <= {*called.modules}


@pytest.mark.parametrize("exit_", range(4))
def test_an_exit_answers_the_same_without_what_lies_behind_it(network, exit_):
    numbers = [n for n, place in enumerate(network.places) if place.exit == exit_]
    whole = network(PICTURES)
    cut = copy.deepcopy(network)
    for stage in cut.stages[exit_ + 1 :]:
        for parameter in stage.parameters():
            parameter.data.fill_(float("nan"))
    shorter = MultiPathNetwork(
        [*cut.stages][: exit_ + 1],
        cut.exits[: exit_ + 1],
        [cut.places[n] for n in numbers],
        [cut.heads[n] for n in numbers],
    )
    for new, old in enumerate(numbers):
        assert torch.equal(shorter(PICTURES)[new], whole[old])
        assert torch.equal(cut(PICTURES)[old], whole[old])
        assert torch.equal(cut.path(old)(PICTURES), whole[old])


def test_paths_hold_what_they_are_said_to_hold(network):
    held = [{id(p) for stage in network.stages[: n + 1] for p in stage.parameters()} for n in range(5)]
    assert all(a < b for a, b in pairwise(held))
    sizes = [sum(count_parameters(stage) for stage in network.stages[: n + 1]) for n in range(5)]
    assert sizes == [exit_.params for exit_ in network.exits]
    assert count_parameters(nn.Sequential(*small_residual(4))) == sizes[-1]


def test_all_tasks_at_the_last_exit_are_hard_sharing():
    ours = build_multipath(SMALL, EXITS, (Place(0, 4), Place(1, 4)), TASKS, SIZE, 3)
    shared = build(SMALL, Layout.all_shared(2, 5), TASKS, SIZE, 3)
    outputs = []
    for one in (ours, shared):
        one.train()
        found = one(PICTURES)
        sum(value.square().sum() for value in found.values()).backward()
        outputs.append(found)
    for task in range(2):
        assert torch.equal(outputs[0][task], outputs[1][task])
    blocks = [p.grad for stage in ours.stages for p in stage.parameters()]
    theirs = [p.grad for modules in shared.blocks for p in modules.parameters()]
    assert len(blocks) == len(theirs)
    # The stages hold the modules in the order they run, the blocks in the order they were made.
    assert sorted(float(g.abs().sum()) for g in blocks) == sorted(float(g.abs().sum()) for g in theirs)
    for name in ("heads.0.linear.weight", "heads.1.layers.0.weight"):
        assert torch.equal(ours.get_parameter(name).grad, shared.get_parameter(name).grad)


@pytest.mark.parametrize("preset", ["resnet18-5", "mobilenetv2-0.5-3"])
def test_the_papers_networks_run_stage_by_stage(preset):
    found = preset_ladder(preset)
    stages = stages_of(found)
    tasks = [Task.usual(f"t{n}", Kind.CLASSIFICATION, 2) for n in range(len(stages))]
    places = [Place(n, n) for n in range(len(stages))]
    heads = [head_of(task, e.output_shape, (32, 32)) for task, e in zip(tasks, found.exits, strict=True)]
    network = MultiPathNetwork(stages, found.exits, places, heads).eval()
    sizes = [sum(count_parameters(stage) for stage in stages[: n + 1]) for n in range(len(stages))]
    assert sizes == [exit_.params for exit_ in found.exits]
    pictures = torch.rand(2, 3, 32, 32)
    outputs = network(pictures)
    for n in range(len(stages)):
        assert outputs[n].shape == (2, 2)
        assert torch.equal(network.path(n)(pictures), outputs[n])
    network.train()
    sum(value.sum() for value in network(pictures).values()).backward()
    assert all(p.grad is not None for p in network.parameters())


class InPlace(nn.Module):
    """A block whose first operator writes into what the block before it gave."""

    def __init__(self):
        super().__init__()
        self.relu, self.conv = nn.ReLU(inplace=True), nn.Conv2d(4, 4, 1)

    def forward(self, x):
        return self.conv(self.relu(x))


def test_a_later_stage_does_not_change_what_an_exit_has_read():
    chain = [nn.Conv2d(3, 4, 1), InPlace()]
    found = backbone_ladder(chain, ["0", "1"], SIZE)
    heads = [head_of(TASKS[1], e.output_shape, SIZE) for e in found.exits]
    network = MultiPathNetwork(stages_of(found), found.exits, [Place(0, 0), Place(0, 1)], heads)
    outputs = network(PICTURES)
    assert torch.equal(outputs[0], network(PICTURES, [0])[0])
    (outputs[0].sum() + outputs[1].sum()).backward()
    expected = chain[1](chain[0](PICTURES))
    assert torch.equal(outputs[1], heads[1](expected))


class Tied(nn.Module):
    """Uses one convolution twice."""

    def __init__(self):
        super().__init__()
        self.conv, self.other = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.conv(self.other(self.conv(x)))


def test_weights_on_both_sides_of_an_exit_are_refused():
    with pytest.raises(BackboneError, match="before and behind"):
        stages_of(backbone_ladder([Tied()], ["other", "0"], SIZE))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["0", "7"], '"7" lies outside the backbone'),
        (["0", "2.conv9", "4"], "block 2 has no module conv9; it has conv1,"),
        (["0", "2.conv1.deep", "4"], r"block 2\.conv1 has no module deep; nothing is inside it"),
        (["0", "conv1", "4"], "in several blocks"),
        (["0", "0", "4"], "named twice"),
        (["0", "2"], "not the end of the backbone"),
        (["2", "1", "4"], "not on the way"),
        (["4"], "at least two exits"),
    ],
)
def test_exits_that_do_not_fit_are_one_sentence(names, words):
    with pytest.raises(BackboneError, match=words):
        backbone_ladder(small_residual(4), names, SIZE)


def test_places_have_to_match():
    found = backbone_ladder(small_residual(4), ["0", "4"], SIZE)
    stages = stages_of(found)
    for places, words in (([Place(0, 0)] * 2, "at most one head"), ([Place(0, 0), Place(0, 2)], "no exit 2")):
        with pytest.raises(FamilyError, match=words):
            MultiPathNetwork(stages, found.exits, places, [nn.Identity(), nn.Identity()])


def test_the_deepest_exit_within_a_budget_answers(network):
    outputs = network(PICTURES)
    params, macs = ([getattr(exit_, name) for exit_ in network.exits] for name in ("params", "macs"))
    for limits, deepest in (
        ({"params": params[2]}, 2),
        ({"macs": macs[3] - 1}, 2),
        ({"params": params[3], "macs": macs[1]}, 1),
        ({"within": 0.25, "seconds": (0.1, 0.2, 0.3, 0.4, 0.5)}, 1),
        ({}, 4),
    ):
        assert torch.equal(network.predict(PICTURES, 0, **limits), outputs[deepest])
    for task, limits, words in ((0, {"params": 1}, "allow more"), (5, {}, "no head"), (0, {"within": 1.0}, "timed")):
        with pytest.raises(FamilyError, match=words):
            network.predict(PICTURES, task, **limits)


def test_every_path_is_timed_and_the_times_are_a_budget():
    timed = build_multipath(SMALL, EXITS, all_places(2, 5), TASKS, SIZE, 3).train()
    seconds = path_seconds(list(timed.stages), PICTURES[:1], repeats=2)
    assert len(seconds) == 5
    assert all(second > 0 for second in seconds)
    assert all(module.training for module in timed.modules())
    timed.eval()
    found = timed.predict(PICTURES, 0, within=max(seconds), seconds=seconds)
    assert torch.equal(found, timed(PICTURES)[4])


def test_tasks_are_spread_over_the_exits():
    for n_tasks in range(1, 9):
        for n_exits in range(2, 9):
            found = spread(n_tasks, n_exits)
            assert list(found) == sorted(found)
            assert found[-1] == n_exits - 1
            assert found[0] >= 0
            assert n_tasks != n_exits or found == tuple(range(n_exits))
