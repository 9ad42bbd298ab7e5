"""Invariants of deep virtual networks, bit for bit."""

import pytest
import torch
from torch import Tensor, nn

from core.backbones.division import Division
from core.errors import FamilyError
from core.families.virtual.network import VirtualNetwork, build_virtual
from core.families.virtual.orders import nearest_orders
from core.families.virtual.totals import gradient_totals
from core.networks.small import small_residual
from core.networks.wide_residual import wide_residual
from core.tasks import Kind, Task

SIZE = (16, 16)


TASKS = (Task.usual("one", Kind.CLASSIFICATION, 3), Task.usual("two", Kind.CLASSIFICATION, 2))


def _network(n_units: int = 4, base: float = 0.0, *, wide: bool = False) -> tuple[VirtualNetwork, list[nn.Module]]:
    torch.manual_seed(0)
    blocks = wide_residual(8, 1) if wide else small_residual(8)
    network = build_virtual(blocks, TASKS, Division(n_units, base), nearest_orders(2, n_units), SIZE, seed=0)
    return network, blocks


@pytest.fixture
def x() -> Tensor:
    return torch.rand(4, 3, *SIZE, generator=torch.Generator().manual_seed(1))


@pytest.fixture(params=[(4, 0.0, False), (3, 0.25, False), (2, 0.0, True)], ids=["four", "common", "wide"])
def network(request: pytest.FixtureRequest) -> VirtualNetwork:
    n_units, base, wide = request.param
    return _network(n_units, base, wide=wide)[0]


def test_a_level_does_not_know_the_weights_of_other_units(network: VirtualNetwork, x: Tensor) -> None:
    for training in (False, True):
        network.train(training)
        for place in network.places:
            before = network(x, [place])[place]
            kept = [weight.detach().clone() for weight in network.weights]
            chain = network._chain(place)
            with torch.no_grad():
                for number, weight in enumerate(network.weights):
                    own = torch.zeros(weight.shape[:2], dtype=torch.bool)
                    own[chain.get_buffer(f"rows_{number}")[:, None], chain.get_buffer(f"columns_{number}")] = True
                    weight[~own] = torch.nan
            assert torch.equal(network(x, [place])[place], before)
            with torch.no_grad():
                for weight, value in zip(network.weights, kept, strict=True):
                    weight.copy_(value)


def test_the_highest_level_is_the_plain_network(x: Tensor) -> None:
    for wide in (False, True):
        network, blocks = _network(wide=wide)
        plain = nn.Sequential(*blocks, network._head((1, 3)))
        for training in (True, False):
            network.train(training)
            plain.train(training)
            assert torch.equal(network(x, [(1, 3)])[1, 3], plain(x))


def test_a_level_alone_answers_bit_for_bit_and_holds_its_own_parameters_only(
    network: VirtualNetwork, x: Tensor
) -> None:
    network.train()
    network(x)
    network.eval()
    for place in network.places:
        alone = network.dense(place)
        assert torch.equal(alone(x), network(x, [place])[place])
        assert sum(parameter.numel() for parameter in alone.parameters()) == network.n_params(place)
        assert all(type(layer).__name__ != "NarrowChain" for layer in alone.modules())


def test_gradients_are_the_sum_over_the_levels_that_use_a_weight(x: Tensor) -> None:
    network, _ = _network()
    network.double().eval()
    x = x.double()
    together = torch.autograd.grad(sum(out.square().sum() for out in network(x).values()), [*network.weights])
    total = [torch.zeros_like(weight) for weight in network.weights]
    counts = [torch.zeros(weight.shape[:2]) for weight in network.weights]
    for place in network.places:
        loss = network(x, [place])[place].square().sum()
        for number, gradient in enumerate(torch.autograd.grad(loss, [*network.weights])):
            total[number] += gradient
            counts[number] += gradient.abs().sum(dim=tuple(range(2, gradient.ndim))) > 0
    for one, other in zip(together, total, strict=True):
        assert torch.allclose(one, other)
    # A piece of the last block gets as many gradients as the arithmetic says.
    totals = torch.from_numpy(gradient_totals(network.orders))
    # Some single weights get none at all behind a ReLU, so the most of a piece counts.
    found = counts[-1].reshape(-1, 4, counts[-1].shape[1] // 4, 4).amax(dim=(0, 2))
    assert torch.equal(found.long(), totals)


def test_parameters_of_levels_grow_with_the_square_of_their_width() -> None:
    network, blocks = _network()
    convolutions = [layer for block in blocks for layer in block.modules() if isinstance(layer, nn.Conv2d)]
    first, others = convolutions[0].weight.numel(), sum(layer.weight.numel() for layer in convolutions[1:])
    for level in range(4):
        width = (level + 1) / 4
        assert network.shared_params((0, level)) == width * first + width**2 * others


def test_predict_takes_the_highest_level_within_a_budget(x: Tensor) -> None:
    network, _ = _network()
    network.eval()
    sizes = [network.n_params((1, level)) for level in range(4)]
    assert torch.equal(network.predict(x, 1, sizes[2]), network(x, [(1, 2)])[1, 2])
    assert torch.equal(network.predict(x, 1, sizes[3] - 1), network(x, [(1, 2)])[1, 2])
    with pytest.raises(FamilyError, match=f"{sizes[0]:,} parameters"):
        network.predict(x, 1, sizes[0] - 1)
    with pytest.raises(FamilyError, match="no task 2"):
        network.predict(x, 2, 1e9)


class _Turned(nn.Module):
    """Turns the order of the channels round."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(8, 8, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of the turned channels."""
        out: Tensor = self.layer(x.flip(1))
        return out


def _shared_twice() -> nn.Module:
    one, other = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 1)
    other.weight = one.weight
    return nn.Sequential(one, other)


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (nn.Conv2d(8, 8, 3, groups=8), "Conv2d with 8 groups"),
        (nn.GroupNorm(2, 8), "GroupNorm"),
        (nn.Sequential(nn.Flatten(2), nn.LayerNorm(256)), "LayerNorm"),
        (nn.Conv2d(8, 10, 3), "10 channels, and 4 units need a multiple of 4"),
        (nn.Softmax(dim=1), "differently from the same channels"),
        (_Turned(), "mixed otherwise"),
        (_shared_twice(), "shares a weight"),
    ],
    ids=["depthwise", "group norm", "layer norm", "odd width", "softmax", "turned", "tied"],
)
def test_what_can_not_be_cut_is_one_sentence(block: nn.Module, sentence: str) -> None:
    blocks = [nn.Conv2d(3, 8, 3, padding=1), block]
    with pytest.raises(FamilyError, match=sentence):
        build_virtual(blocks, TASKS, Division(4), nearest_orders(2, 4), SIZE, seed=0)
