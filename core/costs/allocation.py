"""Which task uses which piece of parameters: one value for networks of every family, and what they cost by union."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.backbones.backbone import BYTES_PER_PARAMETER, Backbone
from core.costs.layout import CostQuestion, Unit
from core.errors import FamilyError
from core.layouts import Group, Layout


@dataclass(frozen=True, slots=True)
class Piece:
    """Parameters that tasks use together or not at all; what they compute on one input.

    Args:
        name: What tells it from others, in words.
        blocks: Those of the backbone that it is of, counted from the input; empty where it is of all.
        params: Parameters.
        macs: Multiply-accumulates each time it runs; a half where two pieces share an odd number.
        seconds: Each time it runs; None where it was not timed.
        more_bytes: Bytes besides its float32 parameters, such as masks.
        stays: Whether it is in memory whichever task is active; others are loaded with the task that uses them.

    Raises:
        FamilyError: A count is negative or not finite.
    """

    name: str
    blocks: tuple[int, ...]
    params: int
    macs: float
    seconds: float | None = None
    more_bytes: float = 0.0
    stays: bool = False

    def __post_init__(self) -> None:
        counts = (*self.blocks, self.params, self.macs, self.seconds or 0.0, self.more_bytes)
        if wrong := [count for count in counts if not 0 <= count < math.inf]:
            raise FamilyError(f'The piece "{self.name}" has a count of {wrong[0]}. Counts should be zero or more.')

    def size(self, unit: Unit) -> float | None:
        """Return its size in a unit; None for seconds that were not measured."""
        match unit:
            case Unit.PARAMETERS:
                return float(self.params)
            case Unit.BYTES:
                return self.params * BYTES_PER_PARAMETER + self.more_bytes
            case Unit.MACS:
                return float(self.macs)
            case Unit.LATENCY:
                return self.seconds


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which task uses which piece of a network's parameters, without heads.

    Args:
        tasks: Names, in index order.
        pieces: Everything that is kept, also what no task uses.
        paths: The pieces that each task runs, by their places, in the order in which they run.
        shares: Share of use of each task where one is active at a time; equal where left out.

    Raises:
        FamilyError: The numbers of tasks, paths and shares differ, a path names a piece that is not there or one piece
            twice, or shares are negative or all zero.

    >>> trunk, own, other = Piece("trunk", (0,), 10, 5), Piece("a", (1,), 4, 2), Piece("b", (1,), 4, 2)
    >>> tree = Allocation(("a", "b"), (trunk, own, other), ((0, 1), (0, 2)))
    >>> tree.cost(CostQuestion.STORED, Unit.PARAMETERS), tree.cost(CostQuestion.ALL_TASKS, Unit.MACS)
    (18.0, 9.0)
    """

    tasks: tuple[str, ...]
    pieces: tuple[Piece, ...]
    paths: tuple[tuple[int, ...], ...]
    shares: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.tasks or len(self.paths) != len(self.tasks) or len(self.shares) not in (0, len(self.tasks)):
            raise FamilyError(
                f"{len(self.tasks)} tasks were given with {len(self.paths)} paths and {len(self.shares)} shares. "
                "Give a path, and a share of use or none, for every task."
            )
        for task, path in zip(self.tasks, self.paths, strict=True):
            if len({*path}) < len(path) or not all(0 <= place < len(self.pieces) for place in path):
                raise FamilyError(
                    f'The path of "{task}" should name pieces 0 to {len(self.pieces) - 1}, each once. '
                    f"Found {list(path)[:12]}."
                )
        if self.shares and not (min(self.shares) >= 0 and 0 < sum(self.shares) < math.inf):
            raise FamilyError(f"Shares of use should be zero or more, not all zero. Found {list(self.shares)[:12]}.")

    @property
    def users(self) -> tuple[tuple[int, ...], ...]:
        """The tasks that use each piece, ``[n_pieces]``; none for what is only kept."""
        return tuple(
            tuple(task for task, path in enumerate(self.paths) if place in path) for place in range(len(self.pieces))
        )

    @property
    def runs(self) -> tuple[int, ...]:
        """How often each piece runs for all tasks on one input, ``[n_pieces]``.

        A piece runs once for each ordered path that leads to it: two tasks whose inputs to a piece differ run it twice.
        """
        found = [0] * len(self.pieces)
        for prefix in {path[: n + 1] for path in self.paths for n in range(len(path))}:
            found[prefix[-1]] += 1
        return tuple(found)

    def cost(self, question: CostQuestion, unit: Unit) -> float | None:
        """Return what the network costs without heads; None where question and unit do not go together.

        Args:
            question: *Stored*: every piece once. *All tasks*: each piece as often as it runs. *One task*: the mean of
                the paths by shares of use. *Resident*: what stays in memory, and the largest task's other pieces.
            unit: Unit of cost; for seconds None where a piece that runs was not timed.
        """
        if unit not in question.units:
            return None
        sizes = [piece.size(unit) for piece in self.pieces]
        match question:
            case CostQuestion.STORED:
                return _total(sizes)
            case CostQuestion.ALL_TASKS:
                return _total([size and n * size for size, n in zip(sizes, self.runs, strict=True) if n])
            case CostQuestion.ONE_TASK:
                return self._mean([_total([sizes[place] for place in path]) for path in self.paths])
            case CostQuestion.RESIDENT:
                staying = [place for place, piece in enumerate(self.pieces) if piece.stays]
                loaded = [_total([sizes[n] for n in path if not self.pieces[n].stays]) for path in self.paths]
                return _total([*(sizes[place] for place in staying), max(size or 0.0 for size in loaded)])

    def _mean(self, costs: Sequence[float | None]) -> float | None:
        shares = self.shares or (1.0,) * len(self.tasks)
        total = _total([cost and share * cost for cost, share in zip(costs, shares, strict=True)])
        return total and total / math.fsum(shares)


def layout_allocation(layout: Layout, backbone: Backbone, tasks: Sequence[str]) -> Allocation:
    """Return which task uses which copy of which block of a layout's network.

    Args:
        layout: Of as many blocks as the backbone.
        backbone: What each block holds and computes.
        tasks: Names, in index order.
    """
    copies = [(block, group) for block, groups in enumerate(layout.partitions) for group in groups]
    return copies_allocation(copies, backbone, tasks)


def copies_allocation(copies: Sequence[tuple[int, Group]], backbone: Backbone, tasks: Sequence[str]) -> Allocation:
    """Return which task uses which of some copies of blocks.

    Args:
        copies: Number of the block, and the tasks that share this copy; in the order in which they run.
        backbone: What each block holds and computes.
        tasks: Names, in index order.
    """
    pieces = []
    for number, group in copies:
        block = backbone.blocks[number]
        name = f"{block.name} of {', '.join(tasks[task] for task in group)}"
        pieces.append(Piece(name, (number,), block.params, block.macs, block.latency))
    paths = tuple(
        tuple(place for place, (_, group) in enumerate(copies) if task in group) for task in range(len(tasks))
    )
    return Allocation(tuple(tasks), tuple(pieces), paths)


def _total(sizes: Sequence[float | None]) -> float | None:
    """Return a sum; None where a size is not known."""
    known = [size for size in sizes if size is not None]
    return math.fsum(known) if len(known) == len(sizes) else None
