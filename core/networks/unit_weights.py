"""Weights whose channels are divided into units: cut into pieces between units, and put together from those of some.

Sources that run without this project hold this text, too.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations

import torch
from torch import Tensor

from core.errors import BackboneError

# Stands for the channels that every level has.
EVERYWHERE = -1
# The units between which a piece's weights lie: two, or one alone, or none for the channels that every level has.
Pair = tuple[int, ...]


class UnitWeights:
    """The weights of the active units; a change needs only the pieces that are not there.

    A piece holds, layer by layer, what leads from one unit to another and back. That of one unit alone also holds
    what leads to it from the picture, and between it and the channels that every level has.

    Args:
        pattern: Unit of each channel until the pattern begins anew; −1 for those that every level has.
        shapes: Of the weights of the whole network.
        pictures: Numbers of the layers that read the picture: they have all of its channels.
    """

    def __init__(self, pattern: Sequence[int], shapes: Sequence[Sequence[int]], pictures: Collection[int]) -> None:
        self.pattern, self.shapes, self.pictures = pattern, [tuple(shape) for shape in shapes], set(pictures)
        self.units: tuple[int, ...] = ()
        self.weights: list[Tensor] = [torch.empty(0, 0) for _ in self.shapes]

    def pairs(self, units: Collection[int]) -> list[Pair]:
        """Return the pieces that some units need."""
        found: list[Pair] = [()] if EVERYWHERE in self.pattern and units else []
        return found + [(unit,) for unit in sorted(units)] + list(combinations(sorted(units), 2))

    def missing(self, units: Collection[int]) -> list[Pair]:
        """Return the pieces that some units need and that are not there."""
        there = set(self.pairs(self._kept(units)))
        return [pair for pair in self.pairs(units) if pair not in there]

    def size(self, pair: Pair) -> int:
        """Return how many numbers a piece has."""
        return sum(self._count(number, to, of) for number, to, of in self._parts(pair))

    def cut(self, weights: Sequence[Tensor], pair: Pair) -> Tensor:
        """Return a piece of the weights of the whole network, as one row of numbers."""
        parts = []
        for number, to, of in self._parts(pair):
            rows, columns = self._places(number, self.pattern, to, of)
            parts.append(weights[number][rows[:, None], columns].contiguous().flatten())
        return torch.cat(parts)

    def put(self, units: Collection[int], pieces: Mapping[Pair, Tensor]) -> None:
        """Make some units the active ones.

        Args:
            units: These.
            pieces: Those of ``missing``.

        Raises:
            BackboneError: A piece has another size.
        """
        for pair, piece in pieces.items():
            if piece.numel() != self.size(pair):
                raise BackboneError(f"A piece has {piece.numel():,} numbers, and should have {self.size(pair):,}.")
        before, after, kept = self._active(self.units), self._active(units), {EVERYWHERE, *self._kept(units)}
        found = []
        for number, old in enumerate(self.weights):
            new = self._empty(number, after)
            if self.units:
                rows, columns = self._places(number, after, kept, kept)
                old_rows, old_columns = self._places(number, before, kept, kept)
                new[rows[:, None], columns] = old[old_rows[:, None], old_columns]
            found.append(new)
        for pair, piece in pieces.items():
            start = 0
            for number, to, of in self._parts(pair):
                rows, columns = self._places(number, after, to, of)
                end = start + self._count(number, to, of)
                kernel = self.shapes[number][2:]
                found[number][rows[:, None], columns] = piece[start:end].reshape(len(rows), len(columns), *kernel)
                start = end
        self.weights, self.units = found, tuple(sorted(units))

    def _kept(self, units: Collection[int]) -> set[int]:
        return set(units) & set(self.units)

    def _active(self, units: Collection[int]) -> list[int]:
        """Return the pattern without the channels of other units."""
        return [unit for unit in self.pattern if unit == EVERYWHERE or unit in units]

    def _parts(self, pair: Pair) -> list[tuple[int, set[int], set[int]]]:
        """Return layer, units of the rows, and units of the columns, of each part of a piece in turn."""
        found = []
        for number in range(len(self.shapes)):
            ways: list[Pair]
            if len(pair) == 2:
                ways = [] if number in self.pictures else [pair, pair[::-1]]
            else:
                unit = pair[0] if pair else EVERYWHERE
                ways = [(unit, unit)]
                if pair and EVERYWHERE in self.pattern and number not in self.pictures:
                    ways += [(unit, EVERYWHERE), (EVERYWHERE, unit)]
            found += [(number, {to}, {of}) for to, of in ways]
        return found

    def _count(self, number: int, to: set[int], of: set[int]) -> int:
        rows, columns = self._places(number, self.pattern, to, of)
        return len(rows) * len(columns) * _product(self.shapes[number][2:])

    def _places(
        self, number: int, active: Sequence[int], to: Collection[int], of: Collection[int]
    ) -> tuple[Tensor, Tensor]:
        """Return which rows and columns of a weight some units have, where the channels of ``active`` are there."""
        outputs, inputs = self.shapes[number][:2]
        rows = self._channels(outputs, active, to)
        return rows, torch.arange(inputs) if number in self.pictures else self._channels(inputs, active, of)

    def _channels(self, n_channels: int, active: Sequence[int], units: Collection[int]) -> Tensor:
        owners = torch.tensor(active, dtype=torch.int64).repeat(n_channels // len(self.pattern))
        return torch.isin(owners, torch.tensor(sorted(units))).nonzero().flatten()

    def _empty(self, number: int, active: Sequence[int]) -> Tensor:
        outputs, inputs, *kernel = self.shapes[number]
        rows = outputs // len(self.pattern) * len(active)
        columns = inputs if number in self.pictures else inputs // len(self.pattern) * len(active)
        new = torch.empty(rows, columns, *kernel)
        # As it was trained; other orders of memory round differently.
        return new.to(memory_format=torch.channels_last) if new.ndim == 4 else new


def _product(numbers: Sequence[int]) -> int:
    found = 1
    for number in numbers:
        found *= number
    return found
