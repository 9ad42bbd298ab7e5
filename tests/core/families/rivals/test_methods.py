"""What each method promises, in its own words."""

import copy
import itertools

import pytest
import torch
import torchvision
from torch import nn

from core.errors import BackboneError, FamilyError
from core.families.rivals.adashare import AdaShare
from core.families.rivals.measure import macs_of
from core.families.rivals.method import (
    AdaShareMethod,
    MtanMethod,
    NestedNetMethod,
    PackNetMethod,
    counts_of,
    shares_of,
)
from core.families.rivals.mtan import Mtan
from core.families.rivals.nestednet import levels_by_rank, levels_by_threshold, levels_of
from core.families.rivals.network import parts_of
from core.families.rivals.packing import train_packing
from core.families.rivals.packnet import PackNet
from core.families.rivals.policy import PolicySearch
from core.families.rivals.session import Session
from core.networks.tree import count_parameters
from core.training.workplace import Workplace
from tests.core.families.rivals.networks import (
    BACKBONE,
    METHODS,
    PICTURES,
    SIZE,
    TASKS,
    fresh,
    run_of,
    training_of,
)


class Calls(list):
    """Which blocks of a network run, in their order."""

    def __init__(self, network):
        for place, block in enumerate(network.blocks):
            others = network.others[place] if isinstance(network, AdaShare) else ()
            for module in (block, *others):
                module.register_forward_hook(lambda *_, place=place: self.append(place))


class TestPackNet:
    def test_shares_of_each_layer_are_those_asked_for(self):
        run, _, _, network = training_of(METHODS[0])
        for owner in network.owners:
            counts = [int(((owner >= 0) & (owner <= task)).sum()) for task in range(3)]
            assert counts == [*counts_of(run.shares, owner.numel())]

    def test_later_tasks_change_nothing_of_earlier_ones(self):
        network = fresh(PackNetMethod())
        answers = []
        for task in range(3):
            learner = network.learner(task)
            optimizer = torch.optim.AdamW(learner.parameters(), lr=0.1, weight_decay=0.5)
            for after in (False, True):
                for _ in range(3):
                    optimizer.zero_grad()
                    learner.train()(PICTURES)[0].square().sum().backward()
                    optimizer.step()
                if not after:
                    network.prune(task, learner)
            network.adopt(task, learner)
            with torch.no_grad():
                answers.append(network.eval()(PICTURES, [task])[task])
        with torch.no_grad():
            again = network(PICTURES)
        assert all(torch.equal(answers[task], again[task]) for task in range(3))
        assert not torch.allclose(answers[0], answers[1])

    def test_a_task_uses_the_weights_of_those_before_it(self):
        network = fresh(PackNetMethod(shares=(0.3, 0.6, 1.0)))
        for task in range(3):
            learner = network.learner(task)
            with torch.no_grad():
                for learned in learner.learned:
                    learned += 1.0
            network.prune(task, learner)
            network.adopt(task, learner)
        for first, second, third in zip(*(network.weights_for(task) for task in range(3)), strict=True):
            assert torch.equal(second * (first != 0), first)
            assert torch.equal(third * (second != 0), second)
            assert (third != 0).all()

    def test_the_smallest_weights_are_pruned(self):
        network = fresh(PackNetMethod(shares=(0.25, 0.5, 1.0)))
        learner = network.learner(0)
        before = [learned.detach().abs() for learned in learner.learned]
        network.prune(0, learner)
        for size, mask in zip(before, learner.masks, strict=True):
            assert size[mask > 0].min() >= size[mask == 0].max()
            assert int(mask.sum()) == counts_of((0.25,), mask.numel())[0]

    def test_a_change_of_an_earlier_task_is_noticed(self, tmp_path):
        class Spoiled(PackNet):
            def adopt(self, task, learner):
                super().adopt(task, learner)
                if task == 1:
                    self.weights[0].data += 1.0

        run = run_of(PackNetMethod(), epochs=2)
        blocks, heads = parts_of(BACKBONE, TASKS, SIZE, 1)
        with pytest.raises(FamilyError, match="never should"):
            train_packing(Session.of(run, Workplace(tmp_path)), Spoiled(blocks, heads, run.shares), PackNetMethod())

    def test_published_bits(self):
        # One mask of the tasks' numbers: log2 of the number of tasks, rounded up, for each weight.
        network = fresh(PackNetMethod())
        n = sum(weight.numel() for weight in network.weights)
        assert network.holding().mask_bits == 2 * n


class TestNestedNet:
    def test_levels_nest_and_have_the_sizes_asked_for(self):
        *_, network = training_of(METHODS[1])
        sets = [[{*w.flatten().nonzero().flatten().tolist()} for w in _level(network, task)] for task in range(3)]
        for small, large in itertools.pairwise(sets):
            assert all(one < other for one, other in zip(small, large, strict=True))
        for task, share in enumerate(shares_of((), 3)):
            sizes = [counts_of((share,), w.numel())[0] for w in network.weights]
            assert [len(one) for one in sets[task]] == sizes

    def test_a_task_teaches_its_own_level_and_no_weight_above_it(self):
        network = fresh(NestedNetMethod())
        network(PICTURES, [0])[0].square().sum().backward()
        for weight, level in zip(network.weights, network.levels(), strict=True):
            assert not weight.grad[level > 0].any()
            assert weight.grad[level == 0].any()
        # Scores learn in every level, so that weights can enter and leave.
        assert any(s.grad[level > 0].any() for s, level in zip(network.scores, network.levels(), strict=True))

    def test_scores_change_no_value(self):
        network = fresh(NestedNetMethod())
        for given, weight, level in zip(
            network.weights_for(1, network.levels()), network.weights, network.levels(), strict=True
        ):
            assert torch.equal(given, weight * (level <= 1))

    @pytest.mark.parametrize("shape", [(7,), (8, 3, 3, 3), (40, 40)])
    def test_thresholds_give_the_levels_of_the_ranking(self, shape):
        scores = torch.rand(shape, generator=torch.Generator().manual_seed(1))
        for shares in ((0.4, 0.6, 0.7, 0.8, 1.0), (0.5, 1.0), (0.999, 1.0), (1.0,)):
            counts = counts_of(shares, scores.numel())
            assert torch.equal(levels_by_threshold(scores, counts), levels_by_rank(scores, counts))
        # Channels last, as the weights are in training.
        if scores.ndim == 4:
            other = scores.to(memory_format=torch.channels_last)
            assert torch.equal(
                levels_of(other, counts_of((0.3, 1.0), 216)), levels_of(scores, counts_of((0.3, 1.0), 216))
            )

    def test_equal_scores_and_empty_levels_are_ranked(self):
        scores = torch.tensor([0.5, 0.5, 0.1, 0.5])
        assert levels_by_threshold(scores, (2, 4)) is None
        assert levels_of(scores, (2, 4)).tolist() == [0, 0, 1, 1]
        assert levels_of(scores, (3, 4)).tolist() == [0, 0, 1, 0]
        assert levels_of(scores, (0, 1, 4)).tolist() == [1, 2, 2, 2]

    def test_levels_follow_the_ranking(self):
        assert levels_of(torch.tensor([0.1, 0.9, 0.5, 0.7]), (1, 3, 4)).tolist() == [2, 0, 1, 1]


def _level(network, task):
    with torch.no_grad():
        return [(level <= task) for level in network.levels()]


class TestMtan:
    def test_masks_are_between_0_and_1(self):
        *_, network = training_of(METHODS[2])
        for task in range(3):
            masks = network.masks(PICTURES, task)
            assert len(masks) == 5
            assert all(((mask > 0) & (mask < 1)).all() for mask in masks)

    def test_parameters_are_those_of_the_paper_s_modules(self):
        network = fresh(MtanMethod())
        channels = [4, 4, 8, 16, 16]
        attention = 0
        for place, c in enumerate(channels):
            joined = c if place == 0 else 2 * c
            attention += joined * c + c + 2 * c + c * c + c + 2 * c
        following = [*channels[1:], channels[-1]]
        carried = sum(9 * c * after + after for c, after in zip(channels, following, strict=True))
        blocks, _ = parts_of(BACKBONE, TASKS, SIZE, 1)
        held = network.holding()
        assert held.own_params == (attention + 2 * sum(following),) * 3
        assert held.shared_params == carried + sum(map(count_parameters, blocks))

    def test_resnet_18_costs_about_what_the_multi_path_paper_prints(self):
        # Tables 2 and 3: 1.5 times the parameters, .058 instead of .035 GMACs; its attention is not said in detail.
        model = torchvision.models.resnet18(num_classes=2)
        stem = nn.Sequential(nn.Conv2d(3, 64, 3, 2, 1, bias=False), model.bn1, model.relu, model.maxpool)
        blocks = [stem, model.layer1, model.layer2, model.layer3, model.layer4]
        network = Mtan(blocks, [nn.Linear(512, 2) for _ in range(5)], (32, 32))
        params = sum(map(count_parameters, blocks))
        assert network.holding().used_params[0] / params == pytest.approx(1.5, abs=0.06)
        macs = macs_of(network, (32, 32), [0])
        assert macs == pytest.approx(0.058e9, rel=0.04)

    def test_shared_blocks_run_once_for_all_tasks(self):
        network = fresh(MtanMethod()).eval()
        calls = Calls(network)
        network(PICTURES)
        assert calls == [0, 1, 2, 3, 4]

    def test_blocks_without_maps_are_refused(self):
        blocks = [nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 8))]
        with pytest.raises(BackboneError, match="maps"):
            Mtan(blocks, [nn.Linear(8, 2)], SIZE)


class TestAdaShare:
    def test_the_policy_is_discrete_and_skipped_blocks_never_run(self):
        *_, network = training_of(METHODS[3])
        assert network.policy.dtype is torch.bool
        # The weight of its sparsity is large: some block is skipped by some task.
        assert not network.policy.all()
        for task in range(3):
            watched = copy.deepcopy(network)
            calls = Calls(watched)
            watched(PICTURES, [task])
            assert calls == network.policy[task].nonzero().flatten().tolist()

    def test_what_tasks_select_alike_from_the_input_on_runs_once(self):
        network = fresh(AdaShareMethod()).eval()
        network.fix(torch.tensor([[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 0, 1]]))
        calls = Calls(network)
        network(PICTURES)
        assert sorted(calls) == [0, 1, 2, 3, 4, 4]
        assert network.holding().runs_for_all == (1, 1, 1, 1, 2)

    def test_a_policy_of_shares_0_and_1_is_the_fixed_one(self):
        network = fresh(AdaShareMethod()).eval()
        policy = torch.tensor([[1, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]])
        with torch.no_grad():
            mixed = network.mixed(PICTURES, policy.float())
            network.fix(policy)
            fixed = network(PICTURES)
        assert all(torch.allclose(mixed[task], fixed[task], atol=1e-6) for task in range(3))

    def test_a_block_that_is_reached_in_two_ways_has_norms_for_each(self):
        network = fresh(AdaShareMethod())
        before = network.holding().shared_params
        network.fix(torch.tensor([[1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1]]))
        # Blocks 2 to 4 have a second set of norms: two of 8, 16 and 16 channels.
        assert network.holding().shared_params == before + 2 * 2 * (8 + 16 + 16)
        network.train()(PICTURES)
        statistics = [module.running_mean for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
        assert len({tuple(mean.tolist()) for mean in statistics}) == len(statistics)
        network(PICTURES)[1].sum().backward()
        # The second way trains the same convolutions.
        assert network.blocks[2].conv1.weight.grad.any()
        assert not any(p.grad is not None and p.grad.any() for p in network.blocks[2].norm1.parameters())

    def test_blocks_that_no_task_runs_are_not_kept(self):
        network = fresh(AdaShareMethod())
        before, block = network.holding().shared_params, count_parameters(network.blocks[2])
        network.fix(torch.tensor([[1, 0, 1, 1], [1, 0, 1, 0], [1, 0, 1, 1]]))
        assert network.holding().shared_params == before - block
        assert network.eval()(PICTURES)[0].shape == (6, 4)

    def test_blocks_that_nothing_can_replace_are_refused(self):
        blocks = [nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 4, 3, padding=1)]
        with pytest.raises(BackboneError, match="shortcut"):
            AdaShare(blocks, [nn.Linear(4, 2)], SIZE)

    def test_the_search_begins_undecided(self):
        search = PolicySearch(fresh(AdaShareMethod()))
        assert search.logits.unique().tolist() == [0.5]
        gradient = torch.zeros_like(search.logits)
        gradient[0, 0, 0] = 1.0
        search.learn(gradient)
        assert not search.choice()[0, 0]
        assert search.choice().sum() == search.choice().numel() - 1
