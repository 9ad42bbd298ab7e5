"""Networks of some units only: the same layers with fewer channels."""

import copy
from collections.abc import Collection, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call

from core.backbones.division import Division
from core.errors import FamilyError

_CLOSE = 1e-3


class NarrowChain(nn.Module):
    """The blocks of some units without their weights, which come from outside with every call.

    Norms with their statistics, and biases, are the chain's own.

    Args:
        blocks: Of the whole network; they are copied.
        division: How channels are divided.
        units: The active ones.
        pictures: Names of the layers that read the picture: they have all of its channels.

    Raises:
        FamilyError: A layer can't be cut into units.
    """

    def __init__(
        self, blocks: Sequence[nn.Module], division: Division, units: Collection[int], pictures: Collection[str]
    ) -> None:
        super().__init__()
        whole = nn.Sequential(*blocks)
        self.chain = nn.Sequential(*copy.deepcopy([*blocks]))
        self.names: list[str] = []
        for name, layer in whole.named_modules():
            if not any(True for _ in layer.parameters(recurse=False)):
                continue
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                rows = division.channels(layer.num_features, units, f'The layer "{name}"')
                cut: nn.Module = _narrow_norm(layer, rows)
            else:
                cut = self._cut(name, plain_layer(name, layer), division, units, reads_picture=name in pictures)
            parent, _, attribute = name.rpartition(".")
            setattr(self.chain.get_submodule(parent), attribute, cut)

    def forward(self, x: Tensor, weights: Sequence[Tensor]) -> Tensor:
        """Return what the last block returns.

        Args:
            x: A batch of pictures.
            weights: Of the whole network, as ``weights_of`` lists them.
        """
        given = {name: self.part(place, weights[place]) for place, name in enumerate(self.names)}
        out: Tensor = functional_call(self.chain, given, (x,))
        return out

    def part(self, place: int, weight: Tensor) -> Tensor:
        """Return the rows and columns of a weight that the units have; the weight itself where it is all of it."""
        rows, columns = self.get_buffer(f"rows_{place}"), self.get_buffer(f"columns_{place}")
        if len(rows) < weight.shape[0]:
            weight = weight.index_select(0, rows)
        return weight.index_select(1, columns) if len(columns) < weight.shape[1] else weight

    def dense(self, weights: Sequence[Tensor]) -> nn.Sequential:
        """Return the blocks as a plain network that holds its own weights and nothing else."""
        found = nn.Sequential(*copy.deepcopy([*self.chain]))
        for place, name in enumerate(self.names):
            layer, _, attribute = name.rpartition(".")
            part = self.part(place, weights[place]).detach().clone()
            setattr(found.get_submodule(layer), attribute, nn.Parameter(part))
        return found

    def _cut(
        self,
        name: str,
        layer: nn.Conv2d | nn.Linear,
        division: Division,
        units: Collection[int],
        *,
        reads_picture: bool,
    ) -> nn.Module:
        """Return a layer with the channels of some units, whose weight comes from outside."""
        outputs, inputs = layer.weight.shape[:2]
        where = f'The layer "{name}"'
        rows = torch.from_numpy(division.channels(outputs, units, where))
        columns = torch.arange(inputs)
        if not reads_picture:
            columns = torch.from_numpy(division.channels(inputs, units, where))
        place = len(self.names)
        self.names.append(f"{name}.weight")
        self.register_buffer(f"rows_{place}", rows, persistent=False)
        self.register_buffer(f"columns_{place}", columns, persistent=False)
        cut = copy.deepcopy(layer)
        cut.register_parameter("weight", None)
        if layer.bias is not None:
            cut.bias = nn.Parameter(layer.bias.detach()[rows].clone())
        if isinstance(cut, nn.Conv2d):
            cut.out_channels, cut.in_channels = len(rows), len(columns)
        else:
            cut.out_features, cut.in_features = len(rows), len(columns)
        return cut


def _narrow_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d, rows: NDArray[np.int64]) -> nn.Module:
    chosen = torch.from_numpy(rows)
    cut = copy.deepcopy(layer)
    cut.num_features = len(chosen)
    for name, parameter in list(cut.named_parameters(recurse=False)):
        setattr(cut, name, nn.Parameter(parameter.detach()[chosen].clone()))
    for name, buffer in list(cut.named_buffers(recurse=False)):
        if buffer.ndim:
            setattr(cut, name, buffer[chosen].clone())
    return cut


def plain_layer(name: str, layer: nn.Module) -> nn.Conv2d | nn.Linear:
    """Return a layer after checking that it can be cut into units.

    Raises:
        FamilyError: It can't.
    """
    kind = type(layer).__name__
    # Not a subclass: what else it does is not known.
    if type(layer) is nn.Linear or (type(layer) is nn.Conv2d and layer.groups == 1):
        return layer
    if getattr(layer, "groups", 1) != 1:
        kind = f"{kind} with {layer.groups} groups"
    raise FamilyError(
        f'The layer "{name[:120]}" is a {kind[:60]}. Only plain convolutions, linear layers and BatchNorm can be cut '
        "into units. Choose a plain residual network, such as small-residual or torchvision:resnet18."
    )


def weights_of(blocks: Sequence[nn.Module]) -> list[Tensor]:
    """Return a copy of the weight of every convolution and linear layer, in the order of a ``NarrowChain``.

    Raises:
        FamilyError: A layer can't be cut into units, or two share a weight.
    """
    found: list[Tensor] = []
    known: set[int] = set()
    for name, layer in nn.Sequential(*blocks).named_modules():
        own = list(layer.parameters(recurse=False))
        if known & {id(parameter) for parameter in own}:
            raise FamilyError(
                f'The layer "{name[:120]}" shares a weight with another. Units need weights of their own.'
            )
        known |= {id(parameter) for parameter in own}
        if own and not isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            found.append(plain_layer(name, layer).weight.detach().clone())
    return found


def layers_on_pictures(blocks: Sequence[nn.Module], picture: Tensor) -> frozenset[str]:
    """Return the names of the layers that read the picture itself.

    Args:
        blocks: Of the whole network.
        picture: A batch, ``[n, channels, height, width]``.
    """
    chain, found = nn.Sequential(*blocks), []
    hooks = [
        layer.register_forward_pre_hook(
            lambda _, inputs, name=name: found.append(name) if inputs and inputs[0] is picture else None
        )
        for name, layer in chain.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    training = [block.training for block in blocks]
    try:
        with torch.no_grad():
            chain.eval()(picture)
    finally:
        for hook in hooks:
            hook.remove()
        for block, was_training in zip(blocks, training, strict=True):
            block.train(was_training)
    return frozenset(found)


def check_units(blocks: Sequence[nn.Module], division: Division, picture: Tensor) -> frozenset[str]:
    """Check that blocks can be cut into units; return the names of the layers that read the picture.

    With the weights from other units set to 0, the whole network has to compute on the channels of some units what
    their narrow network computes. Layers that mix channels in another way than by weights fail.

    Args:
        blocks: Of the whole network; left as they are.
        division: How channels are divided.
        picture: A batch of two pictures at least.

    Raises:
        FamilyError: They can't; the layer is named where one is to blame.
    """
    pictures = layers_on_pictures(blocks, picture)
    whole = nn.Sequential(*copy.deepcopy([*blocks])).eval()
    weights = weights_of([*whole])
    _randomise(whole)
    with torch.no_grad():
        for units in ([0], [*range(1, division.n_units)]):
            narrow = NarrowChain([*whole], division, units, pictures).eval()
            try:
                found = narrow(picture, weights)
            except RuntimeError as fault:
                raise FamilyError(_MIXED.format("their shapes don't fit each other")) from fault
            masked = {name: _masked(narrow, place, weights[place]) for place, name in enumerate(narrow.names)}
            expected = functional_call(whole, masked, (picture,))
            channels = torch.from_numpy(division.channels(expected.shape[1], units, "The output of the last block"))
            expected = expected[:, channels]
            if found.shape != expected.shape or not torch.allclose(found, expected, rtol=_CLOSE, atol=_CLOSE):
                raise FamilyError(_MIXED.format("they answer differently from the same channels of the whole network"))
    return pictures


_MIXED = (
    "This network can't be cut into units: its channels are mixed otherwise than by convolutions and linear layers, so "
    "with some of the channels {}. Choose a plain residual network, such as small-residual or torchvision:resnet18."
)


def _masked(narrow: NarrowChain, place: int, weight: Tensor) -> Tensor:
    """Return a weight with 0 from other units to the active ones; the other rows don't matter."""
    inactive = torch.ones(weight.shape[1], dtype=torch.bool)
    inactive[narrow.get_buffer(f"columns_{place}")] = False
    masked = weight.clone()
    masked[:, inactive] = 0
    return masked


def _randomise(chain: nn.Module) -> None:
    """Draw scales and statistics of norms at random: at first norms change nothing."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in chain.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                for value in (*layer.parameters(recurse=False), *layer.buffers(recurse=False)):
                    if value.ndim:
                        value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
