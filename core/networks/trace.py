"""A traced network: its nodes in order, what flows through them, and what a cut would separate."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import fx, nn

from core.errors import BackboneError
from core.networks.batch import check_batch
from core.networks.draws import drawn_decisions
from core.networks.graph import CannotTrace, Graphed, prune, symbolic_graph
from core.networks.hidden_weights import check_used, check_weights
from core.networks.inputs import Example, Inputs
from core.networks.larger_batches import check_larger
from core.networks.outputs import bundle, choose, needed_by
from core.networks.probe import Reading, Readings
from core.networks.recording import BATCHES, enclosing, recorded_graph
from core.networks.replay import Original, parting, verified
from core.networks.state import TRACING, unchanged
from core.networks.tensor_nodes import Stop
from core.networks.wrappers import initialise, uncompiled

_PLAIN = (int, float, bool, str, type(None), torch.dtype, torch.device)
_NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm, nn.PReLU)


@dataclass(frozen=True, eq=False)
class Trace:
    """A network, its graph and the output of each node.

    A node is *data* if its value holds a tensor computed from the input's numbers; the
    others are constants of the network or facts about shapes.

    Args:
        model: The network.
        graph: Its operators, in the order they run.
        root: What the names in the graph stand for.
        output: The node of the network's output: a tensor, or a dictionary of outputs that part.
        inputs: The call it was traced with.
        readings: Node → what it returns, with the work for one input.
        batches: Node → what it returns, for each of two batches.
        left_out: Names of outputs that the blocks do not give.
        trains: Whether training mode was checked too; some networks only run in evaluation.
        whole: Paths of modules that are boxes of others and could not be opened.
    """

    model: nn.Module
    graph: fx.Graph
    root: Mapping[str, Any]
    output: fx.Node
    inputs: Inputs
    readings: Readings
    batches: tuple[Readings, ...]
    left_out: tuple[str, ...] = ()
    trains: bool = True
    whole: tuple[str, ...] = ()
    position: dict[fx.Node, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", {node: i for i, node in enumerate(self.graph.nodes)})

    @cached_property
    def placeholders(self) -> tuple[fx.Node, ...]:
        """The nodes of the network's inputs."""
        # Symbolic graphs have one more for every argument that was left at its default.
        return tuple(self.graph.find_nodes(op="placeholder"))[: len(self.inputs.tensors)]

    @property
    def input(self) -> fx.Node:
        """The node of the network's first input."""
        return self.placeholders[0]

    @property
    def parts(self) -> bool:
        """Whether the output is several that part behind the trunk."""
        return not self.readings[self.output].is_tensor

    @cached_property
    def live(self) -> frozenset[fx.Node]:
        """The nodes that the output needs."""
        return needed_by(self.output)

    @cached_property
    def data(self) -> tuple[fx.Node, ...]:
        """The live nodes that carry numbers computed from the input, in order; the inputs first."""
        return tuple(node for node in _carrying(self.graph, self.readings) if node in self.live or node is self.input)

    @cached_property
    def carrying(self) -> frozenset[fx.Node]:
        """The same as ``data``, for asking whether a node is one of them."""
        return frozenset(self.data)

    @cached_property
    def fixed(self) -> frozenset[fx.Node]:
        """The nodes that do not depend on the input at all, not even on its shape."""
        varying = set(self.placeholders)
        for node in self.graph.nodes:
            if any(argument in varying for argument in node.all_input_nodes):
                varying.add(node)
        return frozenset(node for node in self.graph.nodes if node not in varying)

    def shape(self, node: fx.Node) -> tuple[int, ...]:
        """Shape of a node's tensor, without the batch."""
        return tuple(self.readings[node].value[1:])

    def module_of(self, node: fx.Node) -> nn.Module | None:
        """The module that a node calls, or None."""
        return self.root[str(node.target)] if node.op == "call_module" else None

    def parameters_of(self, node: fx.Node) -> list[nn.Parameter]:
        """The parameters that a node holds: those of its module, or the one it fetches."""
        if node.op == "get_attr":
            value = self.root[str(node.target)]
            return [value] if isinstance(value, nn.Parameter) else []
        module = self.module_of(node)
        return list(module.parameters()) if module is not None else []

    def weighted(self, node: fx.Node) -> bool:
        """Return whether a node holds more than parameter-free and normalisation operators.

        A parameter used without a module, such as a position embedding, counts where it is
        multiplied with the data: where there are multiply-accumulates.
        """
        return _weighted(node, self.root, self.readings)

    def batch_factor(self, node: fx.Node) -> int:
        """Return how many times the batch the first dimension of a node's tensor is; 0 if it is something else."""
        sizes = [reading[node].value for reading in self.batches]
        if not self.readings[node].is_tensor or any(len(size) == 0 for size in sizes):
            return 0
        factor = int(sizes[0][0]) // BATCHES[0]
        return factor if all(s[0] == factor * n for s, n in zip(sizes, BATCHES, strict=True)) else 0

    def rebuilt(self, node: fx.Node) -> Any:  # noqa: ANN401
        """Return a fact about shapes as literals, a multiple k of the batch as ``BatchMultiple(k)``.

        Raises:
            BackboneError: The fact is neither.
        """
        return _rebuilt(node.name, [reading[node] for reading in self.batches])

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
        return self.batch_factor(at) > 0 or not _has_multiple(value)


@dataclass(frozen=True, slots=True)
class BatchMultiple:
    """A whole multiple of the batch size."""

    factor: int


def trace(model: nn.Module, example: Example) -> Trace:
    """Return the trace of ``model``; its modes, weights, statistics and attributes stay as they are.

    Symbols are tried first: their graph holds for pictures of any size. Where a network asks
    what symbols can't answer, it is recorded while it runs on real inputs. Either graph is
    replayed against the network: with other numbers, another batch, and in training mode
    with outputs, statistics and gradients. What can't be opened is kept whole.

    Networks are traced one at a time: training mode draws random numbers, whose generator
    belongs to the whole process and is put back afterwards.

    Args:
        model: A network, without wrappers, see ``unwrapped``.
        example: A tensor, a tuple of tensors, or a dictionary of them by name.

    Raises:
        BackboneError: The network can't be traced, does not run on this input or returns no tensor.
    """
    check_weights(model)
    inputs = Inputs.of(example).fitted(model)
    with TRACING, uncompiled(model):
        # Where this fails, the run that follows fails too, and has a sentence for it.
        with suppress(Exception):
            initialise(model, inputs)
        check_used(model, inputs)
        original = Original(model, inputs)
        with unchanged(model):
            graphed, batches = _graphed(original)
        trains = original.trained(list(graphed.outputs)) is not None
        found = _trace(model, inputs, graphed, batches, trains=trains)
        check_batch(model, inputs, [name for name in graphed.outputs if name not in found.left_out])
    return found


def _graphed(original: Original) -> tuple[Graphed, tuple[Readings, ...]]:
    model, inputs = original.model, original.inputs
    trainable = original.trained([*original.evaluations[0][1]]) is not None
    whole: frozenset[str] = frozenset()
    for decision in drawn_decisions(model, inputs, trainable=trainable):
        if not _is_inside(decision.path, whole):
            whole = enclosing(model, decision, whole)
    try:
        if whole:
            # Symbols know one way of each module.
            raise CannotTrace
        # A network that keeps what it computes would keep symbols, which later runs would use.
        with unchanged(model):
            found = symbolic_graph(model, inputs)
        return found, verified(original, found)
    except CannotTrace:
        pass
    while True:
        stop = None
        try:
            found = recorded_graph(model, inputs, whole, trainable=trainable)
            batches = verified(original, found)
            check_larger(model, inputs, found, sum(reading.macs for reading in batches[0].values()) / BATCHES[0])
            return found, batches
        except Stop as stopped:
            stop = stopped
        except CannotTrace:
            stop = parting(original, found)
        whole = enclosing(model, stop, whole)


def _is_inside(path: str, whole: frozenset[str]) -> bool:
    """Return whether a module is one of those that are kept whole, or inside one."""
    return any(path == each or path.startswith(f"{each}.") for each in whole)


def _trace(model: nn.Module, inputs: Inputs, graphed: Graphed, batches: tuple[Readings, ...], *, trains: bool) -> Trace:
    graph, outputs = graphed.graph, graphed.outputs
    readings = {node: _for_one(reading, batches[1][node]) for node, reading in batches[0].items()}
    if not outputs:
        raise BackboneError(f"{type(model).__name__} returns no tensor. Return one, or a list or dictionary of them.")
    data = frozenset(_carrying(graph, readings))
    weighted = frozenset(node for node in graph.nodes if _weighted(node, graphed.root, readings))
    choice = choose(outputs, weighted, data)
    if not any(outputs[name] in data for name in choice.kept):
        raise BackboneError(
            f"The output of {type(model).__name__} does not depend on its input. Nothing can be shared."
        )
    prune(graph, {name: outputs[name] for name in choice.kept})
    output = outputs[choice.kept[0]]
    if len(choice.kept) > 1:
        with graph.inserting_before(next(reversed(graph.nodes))):
            output = graph.call_function(bundle, (choice.kept, *(outputs[name] for name in choice.kept)))
        both = Reading(None, False, True, 0, False)
        readings[output] = both
        batches = tuple({**found, output: both} for found in batches)
    return Trace(model, graph, graphed.root, output, inputs, readings, batches, choice.left_out, trains, graphed.whole)


def _for_one(two: Reading, three: Reading) -> Reading:
    # Work grows in a line with the batch; what is done once, as resizing a position table, stays.
    return replace(two, macs=max(2 * two.macs - three.macs, 0))


def _carrying(graph: fx.Graph, readings: Readings) -> list[fx.Node]:
    found: dict[fx.Node, None] = {}
    for node in graph.nodes:
        # What returns nothing and is used all the same has written into one of its inputs.
        holds = node in readings and (readings[node].holds_tensors or readings[node].value is None)
        if node.op == "placeholder" or (
            holds and node.op != "output" and any(argument in found for argument in node.all_input_nodes)
        ):
            found[node] = None
    return list(found)


def _weighted(node: fx.Node, root: Mapping[str, Any], readings: Readings) -> bool:
    if node.op == "call_module":
        module = root[str(node.target)]
        if next(module.parameters(), None) is not None and not is_norm(module):
            return True
    return node in readings and readings[node].macs > 0


def is_norm(module: nn.Module) -> bool:
    """Return whether a module only normalises: its weights scale and shift."""
    vectors = all(parameter.dim() <= 1 for parameter in module.parameters())
    return isinstance(module, _NORMS) or (vectors and "norm" in type(module).__name__.lower())


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
        return values[0]
    first = values[0]
    if isinstance(first, int) and first % BATCHES[0] == 0:
        factor = first // BATCHES[0]
        if all(value == factor * n for value, n in zip(values, BATCHES, strict=True)):
            return BatchMultiple(factor)
    raise BackboneError(f'"{name}" is neither constant nor a multiple of the batch size.')


def _has_multiple(value: object) -> bool:
    return isinstance(value, BatchMultiple) or (isinstance(value, tuple) and any(map(_has_multiple, value)))
