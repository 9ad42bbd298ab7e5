"""A traced network: its nodes in order, what flows through them, and what a cut would separate."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, fx, nn

from core.errors import BackboneError
from core.networks.graph import trace_graph
from core.networks.probe import Reading, Readings, probe

# Two different batches tell what is a batch size and what is a constant of the network.
_BATCHES = (2, 3)
_PLAIN = (int, float, bool, str, type(None), torch.dtype, torch.device)


@dataclass(frozen=True, eq=False)
class Trace:
    """A network, its graph and the output of each node.

    A node is *data* if its value holds a tensor computed from the input's numbers; the
    others are constants of the network or facts about shapes.

    Args:
        model: The network.
        graph: Its operators, in the order they run.
        output: The node whose tensor is the network's output.
        example: The batch it was traced with.
        readings: Node → what it returns for a batch of one.
        batches: The same for batches of two and of three; empty if no size is read or the
            network refuses them.
    """

    model: nn.Module
    graph: fx.Graph
    output: fx.Node
    example: Tensor
    readings: Readings
    batches: tuple[Readings, ...] = ()
    position: dict[fx.Node, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", {node: i for i, node in enumerate(self.graph.nodes)})

    @cached_property
    def modules(self) -> dict[str, nn.Module]:
        """Path → module."""
        return dict(self.model.named_modules())

    @cached_property
    def input(self) -> fx.Node:
        """The node of the network's input."""
        found: fx.Node = self.graph.find_nodes(op="placeholder")[0]
        return found

    @cached_property
    def live(self) -> frozenset[fx.Node]:
        """The nodes that the output needs."""
        found, stack = {self.output}, [self.output]
        while stack:
            for node in stack.pop().all_input_nodes:
                if node not in found:
                    found.add(node)
                    stack.append(node)
        return frozenset(found)

    @cached_property
    def data(self) -> tuple[fx.Node, ...]:
        """The live nodes that carry numbers computed from the input, in order; the input first."""
        carrying: dict[fx.Node, None] = {self.input: None}
        for node in self.graph.nodes:
            if (
                node in self.live
                and self.readings[node].holds_tensors
                and any(a in carrying for a in node.all_input_nodes)
            ):
                carrying[node] = None
        return tuple(carrying)

    @cached_property
    def carrying(self) -> frozenset[fx.Node]:
        """The same as ``data``, for asking whether a node is one of them."""
        return frozenset(self.data)

    @cached_property
    def fixed(self) -> frozenset[fx.Node]:
        """The nodes that do not depend on the input at all, not even on its shape."""
        varying = {self.input}
        for node in self.graph.nodes:
            if any(argument in varying for argument in node.all_input_nodes):
                varying.add(node)
        return frozenset(node for node in self.graph.nodes if node not in varying)

    def shape(self, node: fx.Node) -> tuple[int, ...]:
        """Shape of a node's tensor, without the batch."""
        return tuple(self.readings[node].value[1:])

    def module_of(self, node: fx.Node) -> nn.Module | None:
        """The module that a node calls, or None."""
        return self.modules[str(node.target)] if node.op == "call_module" else None

    def parameters_of(self, node: fx.Node) -> list[nn.Parameter]:
        """The parameters that a node holds: those of its module, or the one it fetches."""
        if node.op == "get_attr":
            owner, _, name = str(node.target).rpartition(".")
            value = getattr(self.modules[owner], name, None) if owner in self.modules else None
            return [value] if isinstance(value, nn.Parameter) else []
        module = self.module_of(node)
        return list(module.parameters()) if module is not None else []

    def batched(self, node: fx.Node) -> bool:
        """Return whether the first dimension of a node's tensor is the batch."""
        sizes = [reading[node].value for reading in self.batches]
        return bool(sizes) and all(len(s) > 0 and s[0] == n for s, n in zip(sizes, _BATCHES, strict=True))

    def rebuilt(self, node: fx.Node) -> Any:  # noqa: ANN401
        """Return a fact about shapes as literals, a multiple k of the batch as ``BatchMultiple(k)``.

        Raises:
            BackboneError: The fact is neither.
        """
        return _rebuilt(node.name, [self.readings[node], *(reading[node] for reading in self.batches)])

    def portable(self, node: fx.Node, at: fx.Node) -> bool:
        """Return whether a node that is no data can be had after cut ``at`` from that cut's tensor alone."""
        if node in self.fixed:
            return True
        sources = [a for a in node.all_input_nodes if a in self.carrying]
        if node not in self.carrying and sources and all(self.position[a] >= self.position[at] for a in sources):
            return all(self.portable(a, at) for a in node.all_input_nodes if a not in self.carrying)
        try:
            value = self.rebuilt(node)
        except BackboneError:
            return not sources and node not in self.carrying and all(self.portable(a, at) for a in node.all_input_nodes)
        return self.batched(at) or not _has_multiple(value)


@dataclass(frozen=True, slots=True)
class BatchMultiple:
    """A whole multiple of the batch size."""

    factor: int


def trace(model: nn.Module, example: Tensor) -> Trace:
    """Return the trace of ``model``; its modes, weights and statistics stay as they are.

    Where the network returns a collection, as segmentation networks do, its output is the
    tensor under ``out``, else the last of a dictionary, else the first of a tuple.

    Args:
        model: Takes one tensor.
        example: A batch of inputs; only its shape matters.

    Raises:
        BackboneError: The network can't be traced, does not run on this input or returns no tensor.
    """
    graph = trace_graph(model, example)
    one = example[:1]
    readings = probe(model, graph, one)
    found = Trace(model, graph, _main_output(graph, readings), example, readings)
    if found.output not in found.carrying:
        raise BackboneError(
            f"The output of {type(model).__name__} does not depend on its input. Nothing can be shared."
        )
    if found.live <= found.carrying | found.fixed:
        return found
    try:
        batches = tuple(probe(model, graph, one.expand(n, *one.shape[1:]).contiguous()) for n in _BATCHES)
    except BackboneError:
        return found
    return replace(found, batches=batches)


def _main_output(graph: fx.Graph, readings: Readings) -> fx.Node:
    value: Any = next(node for node in graph.nodes if node.op == "output").args[0]
    if isinstance(value, dict) and value:
        value = value.get("out", list(value.values())[-1])
    elif isinstance(value, list | tuple) and value:
        value = value[0]
    if not isinstance(value, fx.Node) or not readings[value].is_tensor:
        raise BackboneError("The network returns no tensor. Return one, or a dictionary with one under 'out'.")
    return value


def _rebuilt(name: str, readings: list[Reading]) -> Any:  # noqa: ANN401
    values = [reading.value for reading in readings]
    if any(reading.holds_tensors for reading in readings):
        raise BackboneError(f'"{name}" is a tensor, not a fact about shapes.')
    if isinstance(values[0], list | tuple):
        # A size becomes a plain tuple, which every operator takes.
        return tuple(
            _rebuilt(name, [Reading(v, False, False, 0, False) for v in column]) for column in zip(*values, strict=True)
        )
    if isinstance(values[0], _PLAIN) and all(value == values[0] for value in values):
        if len(readings) == 1 and values[0] == 1:
            raise BackboneError(f'"{name}" may be the batch size or not.')
        return values[0]
    first = values[0]
    if isinstance(first, int) and all(value == first * n for value, n in zip(values, (1, *_BATCHES), strict=False)):
        return BatchMultiple(first)
    raise BackboneError(f'"{name}" is neither constant nor a multiple of the batch size.')


def _has_multiple(value: object) -> bool:
    return isinstance(value, BatchMultiple) or (isinstance(value, tuple) and any(map(_has_multiple, value)))
