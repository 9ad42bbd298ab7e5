"""Invariants on real modules: what is frozen stays bit for bit, what is another's stays another's."""

import copy
from functools import cache

import pytest
import torch
from torch import nn

from core.errors import DataError, FamilyError
from core.families.treednn.branch import Adapter, BranchPlan
from core.families.treednn.network import TreeDNN, new_branch
from core.networks.plan import BackbonePlan
from core.networks.tree import count_parameters
from core.tasks import Kind, Task

SIZE = (32, 32)
PLANS = {
    "small residual": (BackbonePlan("small_residual(width=8)", SIZE), 2),
    "resnet18": (BackbonePlan("torchvision.models.resnet18()", SIZE), 4),
    "mobilenet_v2": (BackbonePlan("torchvision.models.mobilenet_v2()", SIZE), 17),
}


def branch(name: str, classes: int, **options) -> BranchPlan:
    return BranchPlan(name, Task.usual(name, Kind.CLASSIFICATION, classes), SIZE, **options)


WANTED = (branch("digits", 10), branch("leaves", 3), branch("signs", 5))


def pictures(n: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, 3, *SIZE, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Many small networks: more threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def seedling(name: str) -> TreeDNN:
    torch.manual_seed(0)
    plan, cut = PLANS[name]
    return TreeDNN.build(plan, cut, WANTED)


# That invariants hold for one more network of torchvision is no news worth ten seconds of every run.
NAMES = [pytest.param(name, marks=[pytest.mark.slow] * (name == "resnet18")) for name in PLANS]


@pytest.fixture(params=NAMES)
def grown(request) -> TreeDNN:
    return copy.deepcopy(seedling(request.param))


def some_steps(tree: TreeDNN, place: int, n: int = 2) -> None:
    """Train one branch and whatever of the trunk may learn."""
    tree.train()
    optimizer = torch.optim.SGD([p for p in tree.parameters() if p.requires_grad], 0.05)
    for step in range(n):
        loss = nn.functional.cross_entropy(tree(pictures(6, step), place), torch.tensor([0, 1, 2, 0, 1, 2]))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    tree.eval()


def state(module: nn.Module) -> dict[str, torch.Tensor]:
    return copy.deepcopy(module.state_dict())


def same(module: nn.Module, before: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())


def test_training_a_branch_on_the_frozen_trunk_changes_nothing_else(grown):
    grown.eval()
    x = pictures(4, 99)
    trunk, others = state(grown.trunk), [state(grown.branch(place)) for place in range(3)]
    with torch.no_grad():
        answers = [grown(x, place) for place in range(3)]
    grown.freeze_trunk()
    some_steps(grown, 1)
    assert same(grown.trunk, trunk)
    assert not same(grown.branch(1), others[1])
    with torch.no_grad():
        for place in (0, 2):
            assert same(grown.branch(place), others[place])
            assert torch.equal(grown(x, place), answers[place])
        assert not torch.equal(grown(x, 1), answers[1])


def test_without_freezing_the_trunk_learns_and_counts(grown):
    before = state(grown.trunk)
    some_steps(grown, 1)
    changed = {name for name, tensor in grown.trunk.state_dict().items() if not torch.equal(tensor, before[name])}
    assert any(name.endswith("running_mean") for name in changed)
    assert any(name.endswith("weight") for name in changed)


def test_a_federated_batch_gives_each_branch_its_own_rows(grown):
    grown.eval()
    parts = [pictures(3, 1), pictures(2, 2), pictures(4, 3)]
    with torch.no_grad():
        found = grown.federated(parts)
        for place, (answers, part) in enumerate(zip(found, parts, strict=True)):
            torch.testing.assert_close(answers, grown(part, place), rtol=1e-4, atol=1e-5)


def test_a_branch_s_loss_reaches_only_its_own_branch_and_the_trunk(grown):
    grown.train()
    grown.federated([pictures(3, 1), pictures(2, 2), pictures(4, 3)])[1].sum().backward()
    for place in (0, 2):
        assert all(p.grad is None for p in grown.branch(place).parameters())
    assert all(p.grad is not None for p in grown.branch(1).parameters())
    assert all(p.grad is not None for p in grown.trunk.parameters())


def test_parameters_are_one_trunk_and_every_branch(grown):
    parts = [grown.trunk, *(grown.branch(place) for place in range(3))]
    assert count_parameters(grown) == sum(map(count_parameters, parts))
    assert count_parameters(grown.branch(0).blocks) == count_parameters(grown.branch(2).blocks)


def test_branches_start_alike_and_make_the_whole_backbone_with_the_trunk(grown):
    first, other = grown.branch(0).blocks, grown.branch(1).blocks
    assert same(first, state(other))
    grown.eval()
    with torch.no_grad():
        assert torch.equal(grown.path("leaves")(pictures(2)), grown(pictures(2), 1))


def test_an_empty_part_is_left_out():
    plan, cut = PLANS["small residual"]
    found = TreeDNN.build(plan, cut, WANTED).eval().federated([pictures(3), pictures(0), pictures(1)])
    assert found[1] is None
    assert found[0].shape == (3, 10)


@pytest.mark.parametrize("cut", [0, 5])
def test_the_ends_are_separate_networks_and_hard_sharing(cut):
    plan = PLANS["small residual"][0]
    tree = TreeDNN.build(plan, cut, WANTED)
    whole = sum(count_parameters(block) for block in plan.blocks())
    heads = sum(count_parameters(tree.branch(place).head) for place in range(3))
    assert count_parameters(tree) - heads == (3 * whole if cut == 0 else whole)
    assert tree(pictures(2), 0).shape == (2, 10)


@pytest.mark.parametrize(
    ("name", "width"), [("small residual", 0.5), ("small residual", 2), ("mobilenet_v2", 0.5), ("resnet50", 0.5)]
)
def test_a_branch_may_be_thinner_or_wider(name, width):
    plans = {**PLANS, "resnet50": (BackbonePlan("torchvision.models.resnet50()", SIZE), 8)}
    plan, cut = plans[name]
    tree = TreeDNN.build(plan, cut, [branch("plain", 3), branch("other", 3, width=width)]).eval()
    plain, other = (count_parameters(tree.branch(place).blocks) for place in range(2))
    assert (other < plain) if width < 1 else (other > plain)
    assert tree(pictures(2), 1).shape == (2, 3)
    # ResNet-50's width changes the inside of its blocks only, so it needs no adapter.
    assert isinstance(tree.branch(1).blocks[0], Adapter) == (name != "resnet50")


@pytest.mark.parametrize("name", NAMES)
def test_a_branch_may_be_deeper_or_shallower(name):
    plan, cut = PLANS[name]
    wanted = [branch("plain", 3), branch("deep", 3, depth=2), branch("flat", 3, depth=-1)]
    tree = TreeDNN.build(plan, cut, wanted).eval()
    lengths = [len(tree.branch(place).blocks) for place in range(3)]
    assert lengths == [lengths[0], lengths[0] + 2, lengths[0] - 1]
    assert count_parameters(tree.branch(1)) > count_parameters(tree.branch(0)) > count_parameters(tree.branch(2))
    assert [tree(pictures(2), place).shape for place in range(3)] == [(2, 3)] * 3


def test_dense_heads_answer_at_the_size_of_their_own_data():
    plan, cut = PLANS["small residual"]
    dense = BranchPlan("depth", Task.usual("depth", Kind.DEPTH, 1), (24, 20))
    assert TreeDNN.build(plan, cut, [dense])(pictures(2), "depth").shape == (2, 1, 24, 20)


def test_grafting_leaves_the_grown_tree_as_it_was(grown):
    grown.eval()
    x, before, trunk = pictures(3), [state(grown.branch(place)) for place in range(3)], state(grown.trunk)
    with torch.no_grad():
        answers = [grown(x, place) for place in range(3)]
    plan, _ = next(found for found in PLANS.values() if found[1] == len(grown.trunk))
    grown.graft(new_branch(grown, plan, branch("birds", 4), like="leaves"), "birds")
    assert same(grown.branch("birds").blocks, state(grown.branch("leaves").blocks))
    grown.freeze_trunk()
    some_steps(grown, 3)
    assert not same(grown.branch("birds").blocks, state(grown.branch("leaves").blocks))
    assert same(grown.trunk, trunk)
    with torch.no_grad():
        for place in range(3):
            assert same(grown.branch(place), before[place])
            assert torch.equal(grown(x, place), answers[place])
        assert grown(x, "birds").shape == (3, 4)


def test_the_name_of_a_branch_and_not_its_place_decides_its_random_numbers():
    plan, cut = PLANS["small residual"]

    def random(what):
        torch.manual_seed(sum(what.encode()))
        return torch.enable_grad()

    one = TreeDNN.build(plan, cut, WANTED, random=random)
    other = TreeDNN.build(plan, cut, WANTED[::-1], random=random)
    for name in one.names:
        assert same(one.path(name), state(other.path(name)))


def test_freezing_holds_until_it_is_taken_back(grown):
    grown.freeze_trunk()
    grown.eval().train()
    assert not grown.trunk.training
    assert grown.branch(0).training
    grown.freeze_trunk(frozen=False)
    assert grown.trunk.training
    assert all(p.requires_grad for p in grown.trunk.parameters())


def small() -> TreeDNN:
    return TreeDNN.build(PLANS["small residual"][0], 2, WANTED)


@pytest.mark.parametrize(
    ("made", "part"),
    [
        (lambda: TreeDNN.build(PLANS["small residual"][0], 6, WANTED), "from 0 to 5"),
        (lambda: TreeDNN.build(PLANS["small residual"][0], 2, []), "0 branches"),
        (lambda: TreeDNN.build(PLANS["small residual"][0], 2, [WANTED[0], WANTED[0]]), 'branch "digits" already'),
        (lambda: TreeDNN.build(*PLANS["resnet18"], [branch("a", 2, width=0.5)]), "no width to choose"),
        (lambda: TreeDNN.build(PLANS["small residual"][0], 2, [branch("a", 2, depth=-3)]), "too few for a depth of -3"),
        (lambda: branch("a", 2, width=0), "Choose above 0"),
        (lambda: branch("a", 2, depth=99), "Choose −40 to 40"),
        (lambda: small()(pictures(1), 3), 'no branch "3"'),
        (lambda: small()(pictures(1), "cats"), 'no branch "cats"'),
        (lambda: small().federated([pictures(1)]), "meets 3 branches"),
        (
            lambda: new_branch(small(), PLANS["small residual"][0], branch("a", 2, width=2), like=0),
            "Build them the same",
        ),
        (lambda: TreeDNN([], small().branches, ["one"]), "Give each branch one"),
    ],
)
def test_what_makes_no_tree_is_one_sentence(made, part):
    with pytest.raises(FamilyError) as fault:
        made()
    assert part in str(fault.value)


def test_a_name_that_could_not_stand_in_a_layout_is_refused():
    with pytest.raises(DataError, match="which layouts and tables use"):
        branch("../etc", 2)
