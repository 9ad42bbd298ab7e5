"""The plain network of one task's level in memory; a switch reads only the pieces that are not there.

Sources that run without this project hold this text, too.
"""

import copy
from collections.abc import Callable, Collection, Mapping, Sequence

import torch
from torch import Tensor, nn

from core.networks.narrowed import narrowed
from core.networks.unit_weights import EVERYWHERE, Pair, UnitWeights


class LevelNetwork:
    """The network of one task's level.

    Args:
        blocks: Of the whole network; numbers that they hold are not read, and they may have no memory.
        pattern: Unit of each channel until the pattern begins anew; −1 for those that every level has.
        pictures: Paths of the layers that read the picture, in a chain of the blocks.
        heads: Makes the head of a task, for so many units.
        read_piece: Returns the piece between units, as one row of numbers.
        read_own: Returns the norms, biases and head of a task's level.
    """

    def __init__(
        self,
        blocks: Sequence[nn.Module],
        pattern: Sequence[int],
        pictures: Collection[str],
        *,
        heads: Callable[[str, int], nn.Module],
        read_piece: Callable[[Pair], Tensor],
        read_own: Callable[[str, int], Mapping[str, Tensor]],
    ) -> None:
        self.blocks, self.pattern, self.pictures = blocks, pattern, pictures
        self.heads, self.read_piece, self.read_own = heads, read_piece, read_own
        self.names = shared_names(blocks)
        self.weights = unit_weights(blocks, pattern, pictures)
        self.task: str | None = None
        self.level: int | None = None
        self.network = nn.Sequential()

    def switch(self, task: str, units: Sequence[int]) -> None:
        """Load the level of a task that has these units; what can't be read leaves the one before as it was."""
        level = len(units) - 1
        if (task, level) == (self.task, self.level):
            return
        own = dict(self.read_own(task, level))
        pieces = {pair: self.read_piece(pair) for pair in self.weights.missing(units)}
        network = self.made(task, units)
        self.weights.put(units, pieces)
        network.load_state_dict({**own, **dict(zip(self.names, self.weights.weights, strict=True))}, assign=True)
        # As it was trained; other orders of memory round differently.
        self.network = network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
        self.task, self.level = task, level

    def leave(self) -> None:
        """Drop everything."""
        self.weights = unit_weights(self.blocks, self.pattern, self.pictures)
        self.network, self.task, self.level = nn.Sequential(), None, None

    def made(self, task: str, units: Sequence[int]) -> nn.Sequential:
        """Return blocks and head of a task's level, without weights."""
        chain = narrow_chain(self.blocks, self.pattern, units, self.pictures)
        return nn.Sequential(chain, self.heads(task, len(units)))

    def __call__(self, x: Tensor) -> Tensor:
        """Return the output of the head."""
        with torch.inference_mode():
            out: Tensor = self.network(x)
        return out

    @property
    def resident_bytes(self) -> int:
        """Bytes of all weights and statistics in memory."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.network.state_dict().values())


def unit_weights(blocks: Sequence[nn.Module], pattern: Sequence[int], pictures: Collection[str]) -> UnitWeights:
    """Return the weights of blocks, without any active unit; the arguments are those of ``LevelNetwork``."""
    layers = weighted_layers(nn.Sequential(*blocks))
    numbers = [number for number, path in enumerate(layers) if path in pictures]
    return UnitWeights(pattern, [tuple(layer.weight.shape) for layer in layers.values()], numbers)


def shared_names(blocks: Sequence[nn.Module]) -> list[str]:
    """Return what these weights are called in the network of a level: a chain of the blocks, and a head."""
    return [f"0.{path}.weight" for path in weighted_layers(nn.Sequential(*blocks))]


def weighted_layers(chain: nn.Module) -> dict[str, nn.Conv2d | nn.Linear]:
    """Return path → layer of those whose weights are divided into units."""
    return {path: layer for path, layer in chain.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)}


def narrow_chain(
    blocks: Sequence[nn.Module], pattern: Sequence[int], units: Sequence[int], pictures: Collection[str]
) -> nn.Sequential:
    """Return a copy of blocks with as many channels as some units have, and without memory.

    Args:
        blocks: Of the whole network.
        pattern: As in ``LevelNetwork``.
        units: The active ones.
        pictures: As in ``LevelNetwork``.
    """
    active = sum(unit == EVERYWHERE or unit in units for unit in pattern)
    chain = copy.deepcopy(nn.Sequential(*blocks)).to("meta")

    def count(n_channels: int) -> int:
        return n_channels // len(pattern) * active

    widths = {
        path: (count(layer.num_features), count(layer.num_features))
        for path, layer in chain.named_modules()
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)
    }
    for path, layer in weighted_layers(chain).items():
        outputs, inputs = layer.weight.shape[:2]
        widths[path] = (count(outputs), inputs if path in pictures else count(inputs))
    narrowed(chain, widths)
    return chain
