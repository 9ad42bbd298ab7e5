"""What methods of whole channels promise: dense layers, frozen tasks, nested levels."""

import copy
import itertools

import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from core.backbones.division import Division
from core.errors import FamilyError
from core.families.rivals.grouped_packnet import GroupedPackNet
from core.families.rivals.method import NestedNetMethod, PackNetMethod
from core.families.rivals.network import parts_of
from core.families.rivals.packing import train_packing
from core.families.rivals.session import Session
from core.families.rivals.units import head_on
from core.families.rivals.weights import trained_rival
from core.networks.heads import ClassificationHead, DenseHead
from core.networks.tree import count_parameters
from core.networks.work import MacCounter
from core.training.workplace import Workplace
from tests.core.families.rivals.networks import BACKBONE, METHODS, PICTURES, SIZE, TASKS, fresh, run_of, training_of

PACKED, NESTED = METHODS[4:6]


def _stepped(learner, n=3):
    """Return a learner after some steps of an optimiser that also decays what has no gradient."""
    learner.requires_grad_(True).train()
    optimizer = torch.optim.AdamW(learner.parameters(), lr=0.1, weight_decay=0.5)
    for _ in range(n):
        optimizer.zero_grad()
        learner(PICTURES)[0].square().sum().backward()
        optimizer.step()
    return learner


def _trained():
    """Return the network, what each task answered when it was adopted, and its units."""
    network, answers = fresh(PACKED), []
    for task in range(3):
        learner = _stepped(network.learner(task))
        network.prune(task, learner)
        network.adopt(task, _stepped(learner))
        with torch.no_grad():
            answers.append(network.eval()(PICTURES, [task])[task])
    return network, answers


@pytest.mark.parametrize("method", [PACKED, NESTED], ids=["PackNet⁺", "NestedNet"])
class TestUnits:
    def test_a_task_is_a_plain_narrow_network(self, method):
        *_, network = training_of(method)
        for task in range(3):
            alone = network.dense(task)
            with torch.no_grad():
                assert torch.equal(alone(PICTURES), network(PICTURES, [task])[task])
            held, heads = network.holding(), network.heads
            assert count_parameters(alone) == held.used_params[task] + count_parameters(heads[task])

    def test_its_multiply_accumulates_are_those_of_its_channels(self, method):
        run, result, _, network = training_of(method)
        for task, macs in enumerate(result.payload["macs"]):
            alone, counter = network.dense(task)[:-1], MacCounter()
            with torch.no_grad(), counter:
                alone(PICTURES[:1])
            assert counter.macs == macs
        blocks, _ = parts_of(BACKBONE, TASKS, SIZE, run.seed)
        whole = nn.Sequential(*blocks).eval()
        with torch.no_grad(), MacCounter() as counter:
            whole(PICTURES[:1])
        assert result.payload["macs"][-1] == counter.macs

    def test_parameters_by_hand(self, method):
        _, result, _, network = training_of(method)
        # Convolutions of one unit of four, of widths 4, 4, 8, 16, 16: a channel of each, two, four, four.
        channels = {1: (1, 1, 2, 4, 4), 2: (2, 2, 4, 8, 8), 3: (3, 3, 6, 12, 12), 4: (4, 4, 8, 16, 16)}
        for used, own, count in zip(
            result.payload["used_params"], result.payload["own_params"], network.counts, strict=True
        ):
            widths = channels[count]
            weights, norms, before = 0, 0, None
            for place, width in enumerate(widths):
                first = 3 if before is None else before
                # The first block is one convolution, the others are residual blocks of two.
                weights += 9 * first * width + (0 if place == 0 else 9 * width * width)
                norms += 2 * width * (1 if place == 0 else 2)
                before = width
            assert (own, used) == (norms, weights + norms)

    def test_no_task_depends_on_weights_outside_its_units(self, method):
        *_, network = training_of(method)
        with torch.no_grad():
            for task in range(3):
                before = network(PICTURES, [task])[task]
                spoiled = copy.deepcopy(network)
                units = range(network.counts[task]) if method is NESTED else network.units(task)
                for weight, own in zip(spoiled.weights, network.pieces(units), strict=True):
                    weight[~own] = float("nan")
                assert torch.equal(spoiled(PICTURES, [task])[task], before)

    def test_every_task_has_its_units_and_those_before(self, method):
        *_, network = training_of(method)
        assert network.counts == ((1, 3, 4) if method is PACKED else (1, 2, 4))
        pieces = [
            network.pieces(range(count) if method is NESTED else network.units(task))
            for task, count in enumerate(network.counts)
        ]
        for small, large in itertools.pairwise(pieces):
            assert all((one <= other).all() and (one != other).any() for one, other in zip(small, large, strict=True))
        assert all(piece.all() for piece in pieces[-1])


class TestGroupedPackNet:
    def test_later_tasks_change_nothing_of_earlier_ones(self):
        network, answers = _trained()
        with torch.no_grad():
            again = network(PICTURES)
        assert all(torch.equal(answers[task], again[task]) for task in range(3))
        assert not torch.allclose(answers[0], answers[1])

    def test_a_change_of_an_earlier_task_is_noticed(self, tmp_path):
        class Spoiled(GroupedPackNet):
            def adopt(self, task, learner):
                super().adopt(task, learner)
                if task == 1:
                    self.weights[0].data += 1.0

        run = run_of(PackNetMethod(units=4), epochs=2)
        blocks, heads = parts_of(BACKBONE, TASKS, SIZE, 1)
        network = Spoiled(blocks, heads, Division(4), run.unit_counts, SIZE)
        with pytest.raises(FamilyError, match="never should"):
            train_packing(Session.of(run, Workplace(tmp_path)), network, run.method)

    def test_the_largest_units_are_kept(self):
        network = fresh(PACKED)
        learner = network.learner(0)
        with torch.no_grad():
            # All channels of unit 2, from and to; the layers of other units keep their initial weights.
            for learned, without in zip(learner.learned, network.pieces([0, 1, 3]), strict=True):
                learned[~without] *= 10
        network.prune(0, learner)
        assert network.units(0) == [2]
        sizes = network.magnitudes(fresh(PACKED).learner(0))
        # Every weight is from a unit and to one, and counts once for each of them; those of the picture only once.
        assert len(sizes) == 4
        assert len(network.weights) < sum(sizes) < 2 * len(network.weights)

    def test_free_units_start_anew_from_the_initial_weights(self):
        network = fresh(PACKED)
        initial = [weight.detach().clone() for weight in network.weights]
        learner = _stepped(network.learner(0))
        network.prune(0, learner)
        network.adopt(0, _stepped(learner))
        for weight, first, own in zip(network.weights, initial, network.pieces(network.units(0)), strict=True):
            assert torch.equal(weight[~own], first[~own])
            assert not torch.equal(weight[own], first[own])

    def test_a_task_learns_only_free_weights(self):
        network = fresh(PACKED)
        learner = _stepped(network.learner(0))
        network.prune(0, learner)
        network.adopt(0, learner)
        frozen = network.pieces(network.units(0))
        second = _stepped(network.learner(1))
        for weight, found, own in zip(network.weights, second.weights(), frozen, strict=True):
            assert torch.equal(weight[own], found[own])
            assert not torch.equal(weight[~own], found[~own])

    @pytest.mark.parametrize("owner", [[0, 0, 1, 2], [0, 1, 2, -1], [3, 3, 3, 3]])
    def test_weights_of_other_units_are_damaged(self, owner):
        run, _, weights, _ = training_of(PACKED)
        state = load(weights)
        state["owner"] = torch.tensor(owner, dtype=torch.int8)
        with pytest.raises(FamilyError, match="damaged"):
            trained_rival(run, TASKS, SIZE, save(state))


class TestGroupedNestedNet:
    def test_a_task_teaches_its_own_level_and_no_weight_above_it(self):
        network = fresh(NESTED)
        network(PICTURES, [1])[1].square().sum().backward()
        for weight, own in zip(network.weights, network.pieces([0, 1]), strict=True):
            assert not weight.grad[~own].any()
            assert weight.grad[own].any()

    def test_levels_take_units_in_one_order(self):
        assert fresh(NestedNetMethod(units=4)).counts == (1, 3, 4)


class TestHeads:
    @pytest.mark.parametrize("head", [ClassificationHead(6, 5), DenseHead((6, 4, 4), 2, (8, 8))])
    def test_a_head_on_some_channels_answers_as_with_zeros_elsewhere(self, head):
        channels = torch.tensor([0, 3, 4])
        features = torch.rand(2, 6, 4, 4)
        masked = torch.zeros_like(features)
        masked[:, channels] = features[:, channels]
        with torch.no_grad():
            found = head_on(head, channels)(features[:, channels])
            assert torch.allclose(found, head(masked), atol=1e-5)
