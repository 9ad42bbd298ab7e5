"""Blocks of a network between its branching points, and what each one holds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.backbones.maker import Maker
from core.errors import BackboneError

BYTES_PER_PARAMETER = 4  # float32
MAX_BLOCKS = 200
_TO = " … "


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a backbone between two branching points.

    Args:
        name: What the source calls it, such as ``layer1.0``.
        params: Parameters; running statistics of normalisation layers are not counted.
        macs: Multiply-accumulates of one input, one per multiply-add.
        output_shape: Shape of its output, without the batch.
        latency: Seconds for one input, where measured.
        cut: Name of the traced node that this block ends with, where the block was traced.

    Raises:
        BackboneError: A count is negative or not finite.
    """

    name: str
    params: int
    macs: int
    output_shape: tuple[int, ...] = ()
    latency: float | None = None
    cut: str = ""

    def __post_init__(self) -> None:
        for what, value in (("params", self.params), ("macs", self.macs), ("latency", self.latency or 0.0)):
            if not math.isfinite(value) or value < 0:
                raise BackboneError(f'Block "{self.name}" has {what} {value}. It should be zero or more.')

    @property
    def bytes(self) -> int:
        """Bytes of its float32 parameters."""
        return self.params * BYTES_PER_PARAMETER

    @property
    def activation_bytes(self) -> int:
        """Bytes of its float32 output for one input."""
        return math.prod(self.output_shape) * BYTES_PER_PARAMETER if self.output_shape else 0


@dataclass(frozen=True, slots=True)
class Backbone:
    """The blocks of a network from input to the last one before the heads.

    Args:
        name: Its name.
        blocks: From the input.
        input_shape: Shape of one input, without the batch.
        source: What measured it: package versions.
        head_params: Parameters of the head it was found with; no block holds them.
        head_macs: Multiply-accumulates of that head on one input.
        builder: Python expression that makes the whole network, such as
            ``torchvision.models.resnet18()``; empty if unknown.
        maker: How its owner named a network that no builder makes.

    Raises:
        BackboneError: There is no block, or too many, or a count of the head is negative.
    """

    name: str
    blocks: tuple[Block, ...]
    input_shape: tuple[int, ...] = ()
    source: str = ""
    head_params: int = 0
    head_macs: int = 0
    builder: str = ""
    maker: Maker | None = None

    def __post_init__(self) -> None:
        if self.head_params < 0 or self.head_macs < 0:
            raise BackboneError(
                f'The head of "{self.name}" has {self.head_params} parameters and {self.head_macs} MACs. '
                "Both should be zero or more."
            )
        if not 1 <= len(self.blocks) <= MAX_BLOCKS:
            raise BackboneError(
                f'Backbone "{self.name}" has {len(self.blocks)} blocks. It should have 1 to {MAX_BLOCKS}.'
            )

    @property
    def n_blocks(self) -> int:
        """Number of blocks B."""
        return len(self.blocks)

    @property
    def params(self) -> int:
        """Parameters of all blocks."""
        return sum(block.params for block in self.blocks)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all blocks on one input."""
        return sum(block.macs for block in self.blocks)

    @property
    def latency(self) -> float | None:
        """Seconds for one input, or None unless every block was timed."""
        times = [block.latency for block in self.blocks if block.latency is not None]
        return math.fsum(times) if len(times) == self.n_blocks else None

    def merged(self, starts: Sequence[int]) -> "Backbone":
        """Return the backbone whose blocks start at ``starts``; the blocks between are joined.

        Args:
            starts: Rising indices of today's blocks, the first of them 0.

        Raises:
            BackboneError: The indices do not rise from 0 or leave the backbone.
        """
        if (
            not starts
            or starts[0] != 0
            or any(a >= b for a, b in zip(starts, [*starts[1:], self.n_blocks], strict=True))
        ):
            raise BackboneError(
                f"Blocks can't start at {list(starts)}. Give rising numbers from 0 to at most {self.n_blocks - 1}."
            )
        ends = [*starts[1:], self.n_blocks]
        return replace(self, blocks=tuple(_join(self.blocks[a:b]) for a, b in zip(starts, ends, strict=True)))

    def merged_to(self, n_blocks: int) -> "Backbone":
        """Return the backbone joined into ``n_blocks`` runs of nearly equal MACs.

        The split with the smallest sum of squared MACs is found exactly by dynamic programming.

        Raises:
            BackboneError: There are fewer blocks than that, or ``n_blocks`` is below one.
        """
        return self.merged(equal_runs([block.macs for block in self.blocks], n_blocks))


def equal_runs(sizes: Sequence[float], n_runs: int) -> list[int]:
    """Return where ``n_runs`` runs of adjacent items start so that their sums are as equal as possible.

    Minimises the sum of squared run sums; ties keep the earlier start.

    Raises:
        BackboneError: ``n_runs`` is below one or above the number of items.

    >>> equal_runs([1, 1, 1, 3, 3], 3)
    [0, 3, 4]
    """
    n = len(sizes)
    if not 1 <= n_runs <= n:
        raise BackboneError(f"{n} blocks can't be merged to {n_runs}. Choose 1 to {n}.")
    prefix = [0.0]
    for size in sizes:
        prefix.append(prefix[-1] + size)
    best = [[math.inf] * (n + 1) for _ in range(n_runs + 1)]
    start = [[0] * (n + 1) for _ in range(n_runs + 1)]
    best[0][0] = 0.0
    for run in range(1, n_runs + 1):
        for end in range(run, n + 1):
            for begin in range(run - 1, end):
                value = best[run - 1][begin] + (prefix[end] - prefix[begin]) ** 2
                if value < best[run][end]:
                    best[run][end], start[run][end] = value, begin
    starts, end = [], n
    for run in range(n_runs, 0, -1):
        end = start[run][end]
        starts.append(end)
    return starts[::-1]


def _join(blocks: Sequence[Block]) -> Block:
    first, last = blocks[0], blocks[-1]
    times = [block.latency for block in blocks if block.latency is not None]
    return Block(
        name=first.name if len(blocks) == 1 else joined_name(first.name, last.name),
        params=sum(block.params for block in blocks),
        macs=sum(block.macs for block in blocks),
        output_shape=last.output_shape,
        latency=math.fsum(times) if len(times) == len(blocks) else None,
        cut=last.cut,
    )


def starting_name(name: str) -> str:
    """Return what the first block of a run of blocks is called.

    >>> starting_name("layer1.0 … layer2.1"), starting_name("fc")
    ('layer1.0', 'fc')
    """
    return name.split(_TO)[0]


def joined_name(first: str, last: str) -> str:
    """Return the name of the run of blocks from ``first`` to ``last``, which may be runs themselves.

    >>> joined_name("conv1 … layer1.0", "layer1.1")
    'conv1 … layer1.1'
    """
    return f"{first.split(_TO)[0]}{_TO}{last.split(_TO)[-1]}"
