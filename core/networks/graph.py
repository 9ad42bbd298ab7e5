"""The graph of a network: which operator feeds which. Here by symbolic tracing, where that works."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torchvision.ops
from torch import Tensor, fx, nn

from core.errors import BackboneError
from core.networks.inputs import Inputs
from core.networks.outputs import named_leaves
from core.networks.state import evaluating


@dataclass(frozen=True, eq=False)
class Graphed:
    """A network as a graph.

    Args:
        graph: Its operators in the order they run; the output is a dictionary of all outputs.
        root: What the graph's names stand for: path → module, weight, constant tensor or mode.
        outputs: Name → node; the name of a single tensor is empty.
        whole: Paths of modules that could not be opened.
    """

    graph: fx.Graph
    root: dict[str, Any]
    outputs: dict[str, fx.Node]
    whole: tuple[str, ...] = ()

    def in_mode(self, *, training: bool) -> dict[str, Any]:
        """Return what the names stand for in training or in evaluation mode."""
        return {**self.root, "training": training}


class CannotTrace(Exception):  # noqa: N818
    """Symbolic tracing does not get through this network."""


def is_operator(module: nn.Module) -> bool:
    """Return whether a module is one operator of the graph, rather than a box of others.

    Modules without children are, and those of torch and torchvision, except stacks of layers.
    """
    name = type(module).__module__
    if isinstance(module, torch.jit.ScriptModule):
        return True
    if isinstance(module, nn.Sequential | nn.ModuleList | nn.ModuleDict):
        return False
    if isinstance(module, nn.Transformer | nn.TransformerEncoder | nn.TransformerDecoder):
        return False
    ours = name.startswith(("torch.nn", "torch.ao.nn", "torchvision.ops"))
    return ours or next(module.children(), None) is None


class OperatorTracer(fx.Tracer):
    """A symbolic tracer that stops at operators, and leaves the networks of other threads alone.

    Args:
        model: The network to be traced.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__(autowrap_modules=(math, torchvision.ops))  # type: ignore[arg-type]
        self.own = set(model.modules())

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:  # noqa: ARG002
        """Return whether ``m`` is one operator of the graph."""
        return is_operator(m)

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:  # noqa: ANN401
        """Trace one call of ``m``, or just make it if ``m`` belongs to another network."""
        if m not in self.own:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)


def symbolic_graph(model: nn.Module, inputs: Inputs) -> Graphed:
    """Return the graph of a network in evaluation mode, with sizes as operators.

    It holds for every size of picture, and its names are those that exported files refer
    to. Whether it is right must be shown by running it, see ``replay``.

    Args:
        model: The network.
        inputs: One call of it.

    Raises:
        CannotTrace: The network asks for numbers, or does what symbols can't do.
    """
    if not inputs.is_tensor or inputs.kwargs:
        raise CannotTrace
    tracer = OperatorTracer(model)
    try:
        with evaluating(model), torch.no_grad():
            graph = tracer.trace(model, _defaults(model))
    except Exception as error:
        raise CannotTrace from error
    _follow_training(graph)
    outputs = named_leaves(_end(graph).args[0], fx.Node)
    prune(graph, outputs)
    if any(node.users for node in graph.find_nodes(op="placeholder")[1:]):
        raise CannotTrace
    root = root_of(model, graph, {})
    return Graphed(graph, root, outputs)


def prune(graph: fx.Graph, outputs: Mapping[str, fx.Node]) -> None:
    """Let a graph return these outputs as a dictionary, without the operators that none of them needs."""
    _end(graph).args = (dict(outputs),)
    for node in reversed(list(graph.nodes)):
        if not node.users and node.op not in ("placeholder", "output"):
            graph.erase_node(node)


def _end(graph: fx.Graph) -> fx.Node:
    found: fx.Node = graph.output_node()
    return found


def root_of(model: nn.Module, graph: fx.Graph, constants: dict[str, Tensor]) -> dict[str, Any]:
    """Return what the names in a graph stand for.

    Raises:
        CannotTrace: A name stands for nothing.
    """
    modules = dict(model.named_modules(remove_duplicate=False))
    found: dict[str, Any] = {}
    for node in graph.nodes:
        target = str(node.target)
        if node.op == "call_module":
            found[target] = modules[target]
        elif node.op == "get_attr" and target not in found:
            owner, _, name = target.rpartition(".")
            value = constants.get(target, getattr(modules.get(owner), name, None))
            if not isinstance(value, Tensor | bool):
                raise CannotTrace
            found[target] = value
    return found


def _follow_training(graph: fx.Graph) -> None:
    # Tracing writes down ``training=False``; without this a block would never drop anything.
    for node in list(graph.nodes):
        if node.op != "call_function" or node.kwargs.get("training") is not False or "norm" in str(node.target):
            continue
        with graph.inserting_before(node):
            mode = graph.create_node("get_attr", "training")
        node.kwargs = {**node.kwargs, "training": mode}


def _defaults(model: nn.Module) -> dict[str, Any]:
    parameters = list(inspect.signature(model.forward).parameters.values())[1:]
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def run_error(model: nn.Module, inputs: Inputs, error: Exception) -> BackboneError:
    """Return the error of a model that does not run on the example input."""
    shapes = "; ".join(",".join(map(str, t.shape[1:])) for t in inputs.tensors)
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return BackboneError(
        f"{type(model).__name__} does not run on an input of shape {shapes}: {first[:200].rstrip('.')}. "
        "Give the input it was made for, as in --input 3,224,224 for pictures, --input 128:int:30522 for tokens, "
        "or --example FILE.npz."
    )
