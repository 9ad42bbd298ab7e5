"""One block as a module: the part of a traced network between two cuts."""

import operator
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn

from core.errors import BackboneError
from core.networks.attribute_names import block_paths
from core.networks.trace import BatchMultiple, Trace


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a network that takes one tensor and returns one.

    Args:
        module: Runs it; holds the network's own weights, not copies.
        macs: Multiply-accumulates on one input.
        modules: Paths of the weighted modules it calls, in order.
    """

    module: fx.GraphModule
    macs: int
    modules: tuple[str, ...]

    @property
    def params(self) -> int:
        """Parameters, each tensor once."""
        return sum(parameter.numel() for parameter in self.module.parameters())


def make_piece(trace: Trace, start: fx.Node, end: fx.Node, name: str = "Block") -> Piece:
    """Return the part of the network after node ``start`` up to node ``end``.

    Args:
        trace: The traced network.
        start: The node whose tensor comes in.
        end: The node whose tensor goes out; both are single-tensor cuts.
        name: Class name of the module.
    """
    return _Writer(trace, start).write(end, name)


class _Writer:
    """Copies the nodes of one piece into a separate graph."""

    def __init__(self, trace: Trace, start: fx.Node) -> None:
        self.trace = trace
        self.graph = fx.Graph()
        self.factor = max(trace.batch_factor(start), 1)
        starts = trace.placeholders if start is trace.input else (start,)
        names = ("x",) if len(starts) == 1 else tuple(f"x{i}" for i in range(len(starts)))
        entries = [self.graph.placeholder(name) for name in names]
        # A block must leave its input as it is: another branch may read it next.
        self.copies: dict[fx.Node, Any] = {
            node: self.graph.call_method("clone", (entry,)) if trace.readings[node].written else entry
            for node, entry in zip(starts, entries, strict=True)
        }
        self.entry = self.copies[start]
        self.copied: list[fx.Node] = []
        self.place = trace.position[start]

    def write(self, end: fx.Node, name: str) -> Piece:
        last = self.trace.position[end]
        for node in self.trace.data:
            if self.place < self.trace.position[node] <= last and node not in self.copies:
                self._copy(node)
        self.graph.output(self.copies[end])
        root, weighted = self._renamed(), self._weighted()
        module = fx.GraphModule(root, self.graph, class_name=name)
        # The boxes around the network's modules are new: they begin in its mode.
        for box in module.modules():
            if type(box) is nn.Module or box is module:
                box.training = self.trace.model.training
        macs = sum(self.trace.readings[node].macs for node in self.copied)
        return Piece(module, macs, weighted)

    def _renamed(self) -> dict[str, Any]:
        """Rename nodes of the graph so that its source can hold them; return the name in the network of each."""
        named = [node for node in self.graph.nodes if node.op in ("call_module", "get_attr")]
        paths = block_paths(self.trace.model, dict.fromkeys(str(node.target) for node in named))
        for node in named:
            node.meta["network_path"], node.target = str(node.target), paths[str(node.target)]
        return {path: self.trace.root[target] for target, path in paths.items()}

    def _weighted(self) -> tuple[str, ...]:
        calls = (node for node in self.copied if node.op in ("call_module", "get_attr"))
        return tuple(dict.fromkeys(str(node.target) for node in calls if self.trace.parameters_of(node)))

    def _copy(self, node: fx.Node) -> Any:  # noqa: ANN401
        for argument in node.all_input_nodes:
            self._need(argument)
        self.copies[node] = self.graph.node_copy(node, lambda argument: self.copies[argument])
        self.copied.append(node)
        return self.copies[node]

    def _need(self, node: fx.Node) -> None:
        if node in self.copies:
            return
        trace = self.trace
        sources = [a for a in node.all_input_nodes if a in trace.carrying]
        at_hand = all(a in self.copies for a in sources)
        if node in trace.fixed or (sources and at_hand):
            self._copy(node)
            return
        try:
            self.copies[node] = self._written_out(trace.rebuilt(node))
        except BackboneError:
            if sources:
                raise
            self._copy(node)

    def _written_out(self, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, BatchMultiple):
            batch = self.graph.call_method("size", (self.entry, 0))
            if self.factor > 1:
                batch = self.graph.call_function(operator.floordiv, (batch, self.factor))
            return batch if value.factor == 1 else self.graph.call_function(operator.mul, (batch, value.factor))
        if isinstance(value, torch.device):
            return self.graph.call_function(getattr, (self.entry, "device"))
        if isinstance(value, tuple):
            return tuple(self._written_out(item) for item in value)
        return value
