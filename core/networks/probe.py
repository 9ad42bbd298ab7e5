"""Every node of a graph run once: output shape, work, and whether it is modified in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from core.networks.state import is_inferred
from core.networks.work import MacCounter, memory


@dataclass(frozen=True, slots=True)
class Reading:
    """What one node gave in one run.

    Args:
        value: A tensor's shape as ``torch.Size``; any other value as it is.
        is_tensor: The value is one tensor.
        holds_tensors: The value is a tensor or a collection that holds one.
        macs: Multiply-accumulates of this node alone.
        written: A later node wrote into this tensor in place.
    """

    value: Any
    is_tensor: bool
    holds_tensors: bool
    macs: int
    written: bool


Readings = dict[fx.Node, Reading]


class Probe(fx.Interpreter):
    """Runs a graph node by node and reads every one.

    Args:
        root: Target → module, weight or constant, see ``Graphed``.
        graph: The graph.
        marks: Also sum up every result, to find where two runs part.
    """

    def __init__(self, root: Mapping[str, Any], graph: fx.Graph, *, marks: bool = False) -> None:
        super().__init__(nn.Module(), garbage_collect_values=False, graph=graph)
        self.root = root
        self.counter = MacCounter(_weights(root))
        self.seen: dict[fx.Node, tuple[Any, int, int]] = {}
        self.wants_marks = marks
        self.marks: dict[fx.Node, tuple[float, ...]] = {}

    def readings(self, values: Sequence[Tensor]) -> tuple[Readings, Any]:
        """Return a reading of every node, and the value of the output.

        Args:
            values: One tensor per placeholder.
        """
        with self.counter:
            out = self.run(*values)
        return {node: _reading(*seen) for node, seen in self.seen.items()}, out

    def fetch_attr(self, target: str) -> Any:  # noqa: ANN401
        """Return the weight, constant or mode at ``target``."""
        return self.root[target]

    def call_module(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        """Call the module at ``target``."""
        return self.root[target](*args, **kwargs)

    def run_node(self, n: fx.Node) -> Any:  # noqa: ANN401
        """Run one node and read it."""
        before = self.counter.macs
        value = super().run_node(n)
        if self.wants_marks:
            self.marks[n] = marks_of(value)
        version = value._version if isinstance(value, Tensor) and not is_inferred(value) else 0
        self.seen[n] = (value, self.counter.macs - before, version)
        return value


def _weights(root: Mapping[str, Any]) -> frozenset[int]:
    modules = [value for value in root.values() if isinstance(value, nn.Module)]
    own = [value for value in root.values() if isinstance(value, nn.Parameter)]
    return frozenset(memory(p) for p in (*own, *(p for module in modules for p in module.parameters())))


def _reading(value: Any, macs: int, version: int) -> Reading:  # noqa: ANN401
    if isinstance(value, Tensor):
        return Reading(value.shape, True, True, macs, not is_inferred(value) and value._version > version)
    return Reading(value, False, _holds_tensors(value), macs, False)


def _holds_tensors(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_tensors, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_tensors, value))
    return isinstance(value, Tensor)


def marks_of(value: Any) -> tuple[float, ...]:  # noqa: ANN401
    """Return one number per tensor of a result that changes when the tensor does."""
    found: list[float] = []
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Tensor) and not item.is_meta and item.layout == torch.strided:
            found.append(float(item.detach().double().nan_to_num().abs().sum()) + item.numel())
        elif isinstance(item, list | tuple):
            stack.extend(item)
        elif isinstance(item, dict):
            stack.extend(item.values())
    return tuple(found)
