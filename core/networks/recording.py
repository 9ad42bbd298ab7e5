"""One graph from recordings with two batch sizes and in both modes."""

import operator
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, fx, nn

from core.errors import BackboneError
from core.networks.graph import Graphed, prune, root_of
from core.networks.inputs import Inputs
from core.networks.recorder import Recording, record
from core.networks.state import evaluating, seeded, training, unchanged
from core.networks.tensor_nodes import Stop

# Two different batches tell what is a batch size and what is a constant of the network.
BATCHES = (2, 3)


def by_mode(training: bool, in_training: Any, otherwise: Any) -> Any:  # noqa: ANN401
    """Return the argument that an operation has in training, or the other one."""
    return in_training if training else otherwise


def recorded_graph(model: nn.Module, inputs: Inputs, whole: frozenset[str], *, trainable: bool) -> Graphed:
    """Return the graph of a network from what it does on real inputs.

    Numbers that grow with the batch become multiples of its size, and arguments that differ
    in training, such as the rate of a functional dropout, follow the mode of the block.

    Args:
        model: The network, already found to run.
        inputs: One call of it.
        whole: Paths of modules to keep as one operator.
        trainable: Whether it runs in training mode too.

    Raises:
        Stop: A part of it can't be written down; keep the module at its path whole.
    """
    first = _recorded(model, inputs.drawn(BATCHES[0], 0), whole, evaluating)
    second = _recorded(model, inputs.drawn(BATCHES[1], 1), whole, evaluating)
    third = _recorded(model, inputs.drawn(BATCHES[0], 0), whole, training) if trainable else None
    columns = [first, second] if third is None else [first, second, third]
    _aligned(columns)
    for nodes in zip(*(list(r.graph.nodes) for r in columns), strict=True):
        _merge(first.graph, nodes)
    return Graphed(first.graph, root_of(model, first.graph, first.constants), first.outputs, tuple(sorted(whole)))


def _recorded(
    model: nn.Module,
    inputs: Inputs,
    whole: frozenset[str],
    mode: Callable[[nn.Module], AbstractContextManager[None]],
) -> Recording:
    with unchanged(model), mode(model), seeded(model, 0), torch.set_grad_enabled(mode is training):
        return record(model, inputs, whole)


def _aligned(columns: list[Recording]) -> None:
    """Drop what no common output needs, then check that all recordings did the same."""
    names = [name for name in columns[0].outputs if all(name in r.outputs for r in columns)]
    if not names:
        # One tensor in evaluation, and auxiliary ones behind it in training.
        for recording in columns:
            recording.outputs = {"": next(iter(recording.outputs.values()))}
        names = [""]
    for recording in columns:
        recording.outputs = {name: recording.outputs[name] for name in names}
        prune(recording.graph, recording.outputs)
    for other in columns[1:]:
        _compare(columns[0], other)


def _compare(a: Recording, b: Recording) -> None:
    one, two = list(a.graph.nodes), list(b.graph.nodes)
    for left, right in zip(one, two, strict=False):
        if kind_of(left, a) != kind_of(right, b):
            raise Stop(
                common_path(left, right), f"does other things with another batch or in training mode{_where(left)}"
            )
        if str(left.target) in a.constants and left.op == "get_attr":
            x, y = a.constants[str(left.target)], b.constants[str(right.target)]
            if not _same(x, y):
                raise Stop(str(left.meta["path"]), f"computes a tensor out of sight{left.meta['line']}")
    if len(one) != len(two):
        longer = max(one, two, key=len)
        last = longer[min(len(one), len(two)) - 1]
        raise Stop(str(last.meta.get("path", "")), f"does other things with another batch{_where(last)}")


def kind_of(node: fx.Node, recording: Recording) -> tuple[str, str]:
    """Return what a node does, in a form that is the same in every recording."""
    constant = node.op == "get_attr" and str(node.target) in recording.constants
    return node.op, "constant" if constant else str(node.target)


def _same(x: Tensor, y: Tensor) -> bool:
    return x.shape == y.shape and x.dtype == y.dtype and (x.is_meta or bool(((x == y) | (x.isnan() & y.isnan())).all()))


def common_path(a: fx.Node, b: fx.Node) -> str:
    """Return the path of the innermost module that holds both nodes."""
    one, two = (str(node.meta.get("path", "")).split(".") for node in (a, b))
    n = next((i for i, (x, y) in enumerate(zip(one, two, strict=False)) if x != y), min(len(one), len(two)))
    return ".".join(one[:n])


def _where(node: fx.Node) -> str:
    return str(node.meta.get("line", ""))


def _merge(graph: fx.Graph, nodes: tuple[fx.Node, ...]) -> None:
    node = nodes[0]
    if node.op in ("placeholder", "output", "get_attr"):
        return
    made = _Merger(graph, node)
    node.args = tuple(made.merged(values) for values in _columns([n.args for n in nodes], node))
    node.kwargs = {key: made.merged([n.kwargs.get(key) for n in nodes]) for key in node.kwargs}


def _columns(values: list[Any], node: fx.Node) -> list[list[Any]]:
    if len({len(value) for value in values}) != 1:
        raise Stop(str(node.meta["path"]), f"makes shapes of another rank with another batch{_where(node)}")
    return [list(column) for column in zip(*values, strict=True)]


class _Merger:
    """Writes what differs between recordings of one node in front of it."""

    def __init__(self, graph: fx.Graph, node: fx.Node) -> None:
        self.graph, self.node = graph, node
        self.input = next(iter(graph.nodes))

    def merged(self, values: list[Any]) -> Any:  # noqa: ANN401
        value = values[0]
        if isinstance(value, fx.Node):
            return value
        if isinstance(value, slice):
            ends = [[getattr(v, name) for v in values] for name in ("start", "stop", "step")]
            return slice(*map(self.merged, ends))
        if isinstance(value, list | tuple):
            items = [self.merged(column) for column in _columns(values, self.node)]
            return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
        if isinstance(value, dict):
            return {key: self.merged([v[key] for v in values]) for key in value}
        return self._number(values)

    def _number(self, values: list[Any]) -> Any:  # noqa: ANN401
        value, other, in_training = values[0], values[1], values[-1] if len(values) > 2 else values[0]
        if _equal(value, other):
            return value if _equal(value, in_training) else self._by_mode(in_training, value)
        whole = type(value) is int and type(other) is int and value % BATCHES[0] == 0
        if not whole or other * BATCHES[0] != value * BATCHES[1] or value != in_training:
            raise Stop(
                str(self.node.meta["path"]), f"uses a number that is no multiple of the batch{_where(self.node)}"
            )
        with self.graph.inserting_before(self.node):
            batch = self.graph.call_method("size", (self.input, 0))
            factor = value // BATCHES[0]
            return batch if factor == 1 else self.graph.call_function(operator.mul, (batch, factor))

    def _by_mode(self, in_training: Any, otherwise: Any) -> fx.Node:  # noqa: ANN401
        with self.graph.inserting_before(self.node):
            mode = self.graph.create_node("get_attr", "training")
            if in_training is True and otherwise is False:
                return mode
            return self.graph.call_function(by_mode, (mode, in_training, otherwise))


def _equal(a: Any, b: Any) -> bool:  # noqa: ANN401
    return type(a) is type(b) and bool(a == b or (a != a and b != b))


def enclosing(model: nn.Module, stop: Stop, whole: frozenset[str]) -> frozenset[str]:
    """Return the modules to keep whole after a recording has stopped: the one it stopped in, and its like.

    Raises:
        BackboneError: It stopped in no module inside the network.
    """
    modules = dict(model.named_modules())
    if not stop.path or stop.path in whole:
        raise BackboneError(
            f"{type(model).__name__} {stop.reason}, which a graph can't hold. "
            "Move that step into a module of its own, which is kept whole."
        )
    kind = type(modules[stop.path])
    alike = {stop.path}
    if not kind.__module__.startswith("torch."):
        alike |= {path for path, module in modules.items() if type(module) is kind and path}
    return whole | alike
