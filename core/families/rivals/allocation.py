"""Which task uses which piece of a published method's network, where that can be said of whole blocks or units."""

import math
from collections.abc import Sequence
from itertools import pairwise

from core.backbones import Backbone
from core.costs import Allocation, Piece
from core.families.rivals.method import STAGED, Method, units_of
from core.families.rivals.payload import RivalPayload
from core.families.rivals.results import RivalResults
from core.plane.point import PlanePoint


def method_allocation(
    method: Method, payload: RivalPayload, backbone: Backbone, tasks: Sequence[str]
) -> Allocation | None:
    """Return which task uses which piece of a network; None where weights are masked one by one.

    A network whose weights are masked one by one computes all of them for every task, so what a task uses and what
    runs for it are no pieces.

    Args:
        method: With its options.
        payload: What the network holds and computes.
        backbone: Its blocks.
        tasks: Names, in index order.
    """
    if units_of(method):
        return _nested(payload, tasks)
    if method.name in ("adashare", "mtan", *STAGED):
        return _of_blocks(payload, backbone, tasks)
    return None


def point_allocation(results: RivalResults, backbone: Backbone, point: PlanePoint) -> Allocation | None:
    """Return which task uses which piece in a network of the plane; None where seeds have different networks.

    Args:
        results: Methods and what their networks hold.
        backbone: Its blocks.
        point: A trained method.
    """
    scores = next((scores for scores in results.methods if scores.title == point.label), None)
    if scores is None or not scores.payloads:
        return None
    held = [payload.model_dump(exclude={"stages"}) for payload in scores.payloads]
    if any(each != held[0] for each in held):
        return None
    return method_allocation(scores.method, scores.payloads[0], backbone, [task.name for task in results.tasks])


def _of_blocks(payload: RivalPayload, backbone: Backbone, tasks: Sequence[str]) -> Allocation | None:
    """Return a network of shared blocks, some of which a task may skip, beside which it may have its own attention."""
    carry = _carry(backbone) if payload.has_extra else None
    if payload.shared_params != backbone.params + (carry.params if carry else 0):
        return None
    pieces = [
        Piece(block.name, (number,), block.params, block.macs, block.latency, stays=True)
        for number, block in enumerate(backbone.blocks)
    ]
    pieces += [_masks(payload), *([carry] if carry else [])]
    paths = []
    for task, runs in enumerate(payload.runs):
        path = [backbone.n_blocks, *(block for block, does in enumerate(runs) if does)]
        if carry:
            path += [len(pieces), backbone.n_blocks + 1]
            more = payload.macs[task] - backbone.macs - carry.macs
            pieces.append(Piece(f"attention of {tasks[task]}", carry.blocks, payload.own_params[task], more))
        paths.append(tuple(path))
    return Allocation(tuple(tasks), tuple(pieces), tuple(paths))


def _carry(backbone: Backbone) -> Piece:
    """Return the convolutions that MTAN's tasks share and run each on features of their own: 3x3, with bias.

    They follow every block and give as many channels as the next one. What attends and what carries takes turns; here
    all of a task's follows the last block, which changes no cost.
    """
    channels = [block.output_shape[0] for block in backbone.blocks]
    pairs = list(zip(channels, [*channels[1:], channels[-1]], backbone.blocks, strict=True))
    params = sum(9 * before * after + after for before, after, _ in pairs)
    macs = sum(9 * before * after * math.prod(block.output_shape[1:]) for before, after, block in pairs)
    return Piece("convolutions after attention", tuple(range(backbone.n_blocks)), params, macs, stays=True)


def _nested(payload: RivalPayload, tasks: Sequence[str]) -> Allocation:
    """Return a network in units, of which each task has its own norms, and all units of the task before it."""
    used = [every - own for every, own in zip(payload.used_params, payload.own_params, strict=True)]
    pieces = [
        Piece(f"units that {task} adds", (), params, macs, stays=True)
        for task, params, macs in zip(tasks, _steps(used), _steps(payload.macs), strict=True)
    ]
    own = [Piece(f"norms of {task}", (), params, 0) for task, params in zip(tasks, payload.own_params, strict=True)]
    n = len(tasks)
    paths = tuple((2 * n, n + task, *range(task + 1)) for task in range(n))
    return Allocation(tuple(tasks), (*pieces, *own, _masks(payload)), paths)


def _steps(rising: Sequence[int]) -> list[int]:
    return [rising[0], *(after - before for before, after in pairwise(rising))]


def _masks(payload: RivalPayload) -> Piece:
    """Return the bits that say what a task uses; they are no parameters."""
    return Piece("masks", (), 0, 0, 0.0, more_bytes=payload.mask_bits / 8, stays=True)
