"""The graph of a network: which operator feeds which, found by symbolic tracing."""

import inspect
import math
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torchvision.ops
from torch import Tensor, fx, nn

from core.errors import BackboneError


class OperatorTracer(fx.Tracer):
    """A tracer that stops at operators: modules without children, and those of torch and torchvision.

    Args:
        opaque: Paths of modules to keep whole because their inside can't be traced.
    """

    def __init__(self, opaque: frozenset[str] = frozenset()) -> None:
        super().__init__(autowrap_modules=(math, torchvision.ops))  # type: ignore[arg-type]
        self.opaque = opaque
        self.failed = ""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Return whether ``m`` is one operator of the graph."""
        if module_qualified_name in self.opaque:
            return True
        if type(m).__module__.startswith("torchvision.ops"):
            return not isinstance(m, nn.Sequential)
        # A childless container has no forward: its parent uses it as a list.
        childless = next(m.children(), None) is None and not isinstance(m, nn.ModuleList | nn.ModuleDict)
        return childless or super().is_leaf_module(m, module_qualified_name)

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:  # noqa: ANN401
        """Trace one call of ``m`` and remember the innermost module that fails."""
        try:
            return super().call_module(m, forward, args, kwargs)
        except Exception:
            self.failed = self.failed or self.path_of_module(m)
            raise


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put ``model`` into evaluation mode and restore the mode of every module afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def trace_graph(model: nn.Module, example: Tensor) -> fx.Graph:
    """Return the graph of ``model`` in evaluation mode.

    A module inside ``model`` that can't be traced is kept whole, as one operator. Where the
    model's own forward can't be traced, its children are taken as operators if they run as
    a chain: each one fed with what the one before returned.

    Args:
        model: Takes one tensor; further arguments need defaults.
        example: A batch of inputs.

    Raises:
        BackboneError: Neither way works; the message names the operation.
    """
    _check_signature(model)
    opaque: frozenset[str] = frozenset()
    while True:
        tracer = OperatorTracer(opaque)
        try:
            with evaluating(model), torch.no_grad():
                graph = tracer.trace(model, _defaults(model))
        except Exception as error:
            if tracer.failed and tracer.failed not in opaque:
                opaque |= {tracer.failed}
                continue
            return _chain(model, example, error)
        follow_training(graph)
        return graph


def follow_training(graph: fx.Graph) -> None:
    """Let functional dropout follow the train or eval mode of the block that it lands in.

    Tracing writes down ``training=False``; without this a block would never drop anything.
    """
    for node in list(graph.nodes):
        if node.op != "call_function" or node.kwargs.get("training") is not False or "norm" in str(node.target):
            continue
        with graph.inserting_before(node):
            mode = graph.create_node("get_attr", "training")
        node.kwargs = {**node.kwargs, "training": mode}


def _check_signature(model: nn.Module) -> None:
    parameters = list(inspect.signature(model.forward).parameters.values())
    needed = [
        p.name for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    if len(needed) > 1 or not parameters:
        raise BackboneError(
            f"{type(model).__name__}.forward takes {len(needed)} inputs ({', '.join(needed)}). "
            "A backbone takes one tensor; wrap the model so that the others have defaults."
        )


def _defaults(model: nn.Module) -> dict[str, Any]:
    parameters = list(inspect.signature(model.forward).parameters.values())[1:]
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def _chain(model: nn.Module, example: Tensor, reason: Exception) -> fx.Graph:
    calls: list[tuple[str, Any, Any]] = []

    def note(name: str) -> Callable[[nn.Module, tuple[Any, ...], Any], None]:
        return lambda _module, args, out: calls.append((name, args[0] if len(args) == 1 else None, out))

    hooks = [child.register_forward_hook(note(name)) for name, child in model.named_children()]
    try:
        with evaluating(model), torch.no_grad():
            out = model(example)
    except Exception as error:
        raise run_error(model, example, error) from error
    finally:
        for hook in hooks:
            hook.remove()
    handed = [example, *(result for _, _, result in calls)]
    whole = bool(calls) and handed[-1] is out
    if not whole or any(given is not before for (_, given, _), before in zip(calls, handed[:-1], strict=True)):
        raise _trace_error(model, reason) from reason
    graph = fx.Graph()
    node = graph.placeholder("input")
    for name, _, _ in calls:
        node = graph.call_module(name, (node,))
    graph.output(node)
    return graph


def run_error(model: nn.Module, example: Tensor, error: Exception) -> BackboneError:
    """Return the error of a model that does not run on the example input."""
    shape = ",".join(map(str, example.shape[1:]))
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return BackboneError(
        f"{type(model).__name__} does not run on an input of shape {shape}: {first[:200]} "
        "Give the shape it was made for, as in --input 3,224,224."
    )


def _trace_error(model: nn.Module, error: Exception) -> BackboneError:
    torch_home = str(Path(torch.__file__).parent)
    own = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(torch_home)]
    frame = own[-1] if own else None
    where = f' at "{frame.line}" (line {frame.lineno} of {Path(frame.filename).name})' if frame and frame.line else ""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return BackboneError(
        f"{type(model).__name__} can't be traced{where}: {first[:160]}. "
        "Its children do not run as a plain chain either. Move that step into a separate module, which is kept whole."
    )
