"""A multi-path network: nested paths through one backbone, each ending in the heads of its tasks."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.errors import BackboneError, FamilyError
from core.families.multipath.exits import Exit
from core.families.multipath.ladder import Ladder, ladder
from core.families.multipath.place import Place
from core.families.multipath.stages import Stage, joined, stages_of, start
from core.networks.heads import head_of
from core.networks.study_blocks import blocks_of
from core.runs.settings import BackboneSpecification
from core.tasks import Task
from core.training.build import seeded

_MOST_NAMED = 12


class MultiPathNetwork(nn.Module):
    """A backbone with nested exits, and heads at some of them.

    Exit ``i`` runs ``stages[0]`` to ``stages[i]`` and its head, nothing else. The weights of a path are those of
    these stages, so they are part of every longer path by construction.

    Args:
        stages: One for each exit, from the input.
        exits: What each path holds and computes, without heads.
        places: Task and exit of each head.
        heads: One for each place.

    Raises:
        FamilyError: Heads, places and exits don't match.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, §III-B, Eq 2.
    """

    def __init__(
        self, stages: Sequence[Stage], exits: Sequence[Exit], places: Sequence[Place], heads: Sequence[nn.Module]
    ) -> None:
        super().__init__()
        if len(stages) != len(exits) or len(places) != len(heads) or len({*places}) != len(places):
            raise FamilyError(
                f"{len(stages)} stages and {len(exits)} exits, {len(places)} places and {len(heads)} heads were given. "
                "They should match, and each task have at most one head at an exit."
            )
        if strange := [place for place in places if not 0 <= place.exit < len(exits)]:
            raise FamilyError(f"There is no exit {strange[0].exit}. Choose from 0 to {len(exits) - 1}.")
        self.stages = nn.ModuleList(stages)
        self.heads = nn.ModuleList(heads)
        self.exits, self.places = tuple(exits), tuple(places)

    def forward(self, x: Tensor, wanted: Sequence[int] | None = None) -> dict[int, Tensor]:
        """Return the output of each head, computing every needed stage once.

        Args:
            x: A batch of pictures.
            wanted: Numbers of ``places``; all by default. No stage behind the last of their exits runs.

        Returns:
            Number of the place → output of its head. Where every task has one head these are the tasks.
        """
        numbers = range(len(self.places)) if wanted is None else wanted
        found: dict[int, Tensor] = {}
        values, deepest = start(x), max((self.places[n].exit for n in numbers), default=-1)
        for exit_ in range(deepest + 1):
            stage = self.stages[exit_]
            values = stage(values)
            # Before the next stage: what it does in place would otherwise reach the head.
            found |= {n: self.heads[n](values[stage.end]) for n in numbers if self.places[n].exit == exit_}
        return {n: found[n] for n in numbers}

    def path(self, number: int) -> "PathNetwork":
        """Return the network of one place alone: its stages and its head, shared with this network."""
        last = self.places[number].exit
        stages = [stage for stage in self.stages[: last + 1] if isinstance(stage, Stage)]
        return PathNetwork(stages, self.heads[number])

    def predict(
        self,
        x: Tensor,
        task: int,
        *,
        params: float | None = None,
        macs: float | None = None,
        within: float | None = None,
        seconds: Sequence[float] = (),
    ) -> Tensor:
        """Return the output of a task at its deepest exit within a budget.

        Args:
            x: A batch of pictures.
            task: Number of the task.
            params: Most parameters of the path, without its head.
            macs: Most multiply-accumulates of the path on one picture, without its head.
            within: Most seconds of the path on one picture.
            seconds: Measured seconds of each path, ``[n_exits]``; needed with ``within``.

        Raises:
            FamilyError: The task has no head, or none within the budget.
        """
        if within is not None and len(seconds) != len(self.exits):
            raise FamilyError(f"{len(seconds)} paths were timed, and there are {len(self.exits)}. Time all of them.")
        own = [n for n, place in enumerate(self.places) if place.task == task]
        limits = [
            (params, [float(exit_.params) for exit_ in self.exits]),
            (macs, [float(exit_.macs) for exit_ in self.exits]),
            (within, list(seconds)),
        ]
        allowed = [
            n for n in own if all(limit is None or costs[self.places[n].exit] <= limit for limit, costs in limits)
        ]
        if not allowed:
            reason = "has no exit within the budget; allow more" if own else "has no head; name another"
            raise FamilyError(f"Task {task} {reason}.")
        best = max(allowed, key=lambda n: self.places[n].exit)
        outputs: dict[int, Tensor] = self(x, [best])
        return outputs[best]


class PathNetwork(nn.Module):
    """One path alone: a plain network from pictures to one task's outputs.

    Args:
        stages: From the input to the exit; their weights are shared.
        head: At the exit.
    """

    def __init__(self, stages: Sequence[Stage], head: nn.Module) -> None:
        super().__init__()
        self.body = joined(stages)
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        """Return the output of the head."""
        out: Tensor = self.head(self.body(x))
        return out


def backbone_ladder(blocks: Sequence[nn.Module], names: Sequence[str], size: tuple[int, int]) -> Ladder:
    """Return the exits of a chain of blocks.

    Args:
        blocks: From the input; a module in block 2 is called ``2.conv1``, or ``conv1`` where no other block has one
            of that name, and the end of the block ``2``.
        names: Of the exits, from the input on; the last one is the end of the backbone.
        size: Height and width of the pictures.

    Raises:
        BackboneError: An exit is outside the backbone, there twice or not on the way to the next, or the last one
            is not the end of the backbone.
    """
    chain = nn.Sequential(*blocks)
    found = ladder(chain, torch.zeros(2, 3, *size), [_full_name(chain, name) for name in names])
    if found.nodes[-1] is not found.trace.output:
        raise BackboneError(
            f'The last exit "{names[-1]}" is not the end of the backbone. Name the last block, "{len(blocks) - 1}".'
        )
    return found


def build_multipath(
    backbone: BackboneSpecification,
    exits: Sequence[str],
    places: Sequence[Place],
    tasks: Sequence[Task],
    size: tuple[int, int],
    seed: int,
) -> MultiPathNetwork:
    """Return a multi-path network with the initial weights of a seed.

    Blocks begin with the weights that they have in every network of the seed, and so does a task's head at the
    last exit: with all tasks there it is hard sharing, number for number.

    Args:
        backbone: Which blocks.
        exits: Names of the exits, as in ``backbone_ladder``.
        places: Task and exit of each head.
        tasks: What the heads predict.
        size: Height and width of the pictures.
        seed: Of the initial weights.

    Raises:
        BackboneError: The backbone or the exits can't be made, or a head doesn't fit an exit.
    """
    with seeded(seed, "blocks"):
        blocks = blocks_of(backbone, size)
    found = backbone_ladder(blocks, exits, size)
    heads = []
    for place in places:
        task = tasks[place.task]
        with seeded(seed, f"head of {task.name}"):
            heads.append(head_of(task, found.exits[place.exit].output_shape, size, backbone.heads))
    return MultiPathNetwork(stages_of(found), found.exits, places, heads)


def _full_name(chain: nn.Sequential, name: str) -> str:
    known = {path for path, _ in chain.named_modules() if path}
    if name in known:
        return name
    inside = [f"{block}.{name}" for block in range(len(chain)) if f"{block}.{name}" in known]
    if len(inside) > 1:
        raise BackboneError(f'The exit "{name[:80]}" is in several blocks. Write one of: {", ".join(inside[:8])}.')
    if not inside:
        block, _, module = name.partition(".")
        if module and block in known:
            last = known_inside(chain, block, module)
            raise BackboneError(f'The exit "{name[:80]}" is not in the backbone: {last}.')
        raise BackboneError(
            f'The exit "{name[:80]}" lies outside the backbone. Name a block, 0 to {len(chain) - 1}, or a module in '
            "one, such as 1.conv1."
        )
    return inside[0]


def known_inside(chain: nn.Sequential, block: str, path: str) -> str:
    """Return which module on the way to one in a block is missing, and which there are instead.

    Args:
        chain: The blocks.
        block: Number of one of them.
        path: Of the module in it, which is not there.
    """
    within: nn.Module = chain[int(block)]
    where = f"block {block}"
    for name in path.split("."):
        children = dict(within.named_children())
        if name not in children:
            named = [*children][:_MOST_NAMED]
            more = f" and {len(children) - _MOST_NAMED} more" if len(children) > _MOST_NAMED else ""
            rest = f"it has {', '.join(named)}{more}" if named else "nothing is inside it"
            return f"{where} has no module {name[:60]}; {rest}"
        within, where = children[name], f"{where}.{name}"
    return f"{where} can't be an exit"
