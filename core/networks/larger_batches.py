"""Whether a recording holds for larger batches than it was made with: a network may branch on their size."""

import copy
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import torch
from torch import Tensor, fx, nn

from core.networks.graph import Graphed, prune
from core.networks.inputs import Inputs
from core.networks.recorder import Recording, record
from core.networks.recording import BATCHES, common_path, kind_of
from core.networks.state import evaluating, seeded, unchanged
from core.networks.tensor_nodes import Stop

LARGER: Final = (4, 7, 16, 33, 128)
# Multiply-accumulates that are spent where shapes alone can't be followed.
_MOST_WORK: Final = 5e9


def check_larger(model: nn.Module, inputs: Inputs, graphed: Graphed, macs: float) -> None:
    """Check that a network makes the same operations of larger batches.

    They are followed without numbers where the network allows it, else with numbers as far as that takes no time.

    Args:
        model: The network.
        inputs: One call of it.
        graphed: Its graph, made by recording.
        macs: Work for one input.

    Raises:
        Stop: It does something else; keep the module at its path whole.
    """
    found: dict[int, Recording] = {}
    with suppress(Exception):
        shadow = _without_numbers(model)
        shapes = inputs.with_tensors([t.to("meta") for t in inputs.tensors])
        found = {n: _recorded(shadow, shapes, n, graphed) for n in (BATCHES[0], *LARGER)}
    if not found:
        sizes = [n for place, n in enumerate(LARGER, 1) if macs * sum(LARGER[:place]) <= _MOST_WORK]
        found = {n: _recorded(model, inputs, n, graphed) for n in (BATCHES[0], *sizes)}
    first = found.pop(BATCHES[0])
    for n, recording in found.items():
        _compare(list(first.graph.nodes), first, list(recording.graph.nodes), recording, n)


def _without_numbers(model: nn.Module) -> nn.Module:
    """Return a copy of a network whose weights have shapes alone."""
    memo: dict[int, Any] = {}
    for parameter in model.parameters():
        memo[id(parameter)] = nn.Parameter(parameter.detach().to("meta"), requires_grad=parameter.requires_grad)
    for buffer in model.buffers():
        memo[id(buffer)] = buffer.detach().to("meta")
    return copy.deepcopy(model, memo)


def _recorded(model: nn.Module, inputs: Inputs, n: int, graphed: Graphed) -> Recording:
    with unchanged(model), evaluating(model), seeded(model, 0), torch.no_grad():
        found = record(model, inputs.drawn(n, 0), frozenset(graphed.whole))
    names = [name for name in graphed.outputs if name in found.outputs] or list(found.outputs)[:1]
    prune(found.graph, {name: found.outputs[name] for name in names})
    return found


def _compare(one: Sequence[fx.Node], a: Recording, two: Sequence[fx.Node], b: Recording, n: int) -> None:
    for left, right in zip(one, two, strict=False):
        if kind_of(left, a) != kind_of(right, b):
            raise Stop(common_path(left, right), f"does other things with a batch of {n}{left.meta.get('line', '')}")
        if not _grows((left.args, left.kwargs), (right.args, right.kwargs), n):
            raise Stop(
                str(left.meta.get("path", "")),
                f"uses a number that neither stays nor grows with a batch of {n}{left.meta.get('line', '')}",
            )
    if len(one) != len(two):
        last = max(one, two, key=len)[min(len(one), len(two)) - 1]
        raise Stop(str(last.meta.get("path", "")), f"does other things with a batch of {n}{last.meta.get('line', '')}")


def _grows(value: Any, other: Any, n: int) -> bool:  # noqa: ANN401
    """Return whether numbers of the first batch size stay as they are in a larger one, or grow with it."""
    if isinstance(value, list | tuple) and isinstance(other, list | tuple):
        return len(value) == len(other) and all(_grows(v, o, n) for v, o in zip(value, other, strict=True))
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(_grows(v, other[key], n) for key, v in value.items())
    if isinstance(value, slice) and isinstance(other, slice):
        one, two = ([s.start, s.stop, s.step] for s in (value, other))
        return _grows(one, two, n)
    if type(value) is int and type(other) is int:
        return value == other or value * n == other * BATCHES[0]
    if isinstance(value, fx.Node | Tensor) or not isinstance(value, int | float | str):
        return type(value) is type(other)
    return bool(value == other or value != value)
