"""Every node of a traced network: output shape, work, and whether it is modified in place."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from core.errors import BackboneError
from core.networks.graph import evaluating, run_error


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


class _Recorder(fx.Interpreter):
    def __init__(self, model: nn.Module, graph: fx.Graph, counter: FlopCounterMode) -> None:
        super().__init__(model, garbage_collect_values=False, graph=graph)
        self.counter = counter
        self.seen: dict[fx.Node, tuple[Any, int, int]] = {}

    def run_node(self, n: fx.Node) -> Any:  # noqa: ANN401
        before = self.counter.get_total_flops()
        inputs = [self.env[a] for a in n.all_input_nodes]
        versions = [v._version for v in inputs if isinstance(v, Tensor)]
        value = super().run_node(n)
        if n.op not in ("output", "placeholder") and not n.users:
            after = [v._version for v in inputs if isinstance(v, Tensor)]
            if versions != after:
                raise BackboneError(
                    f'The operation "{n.name}" works in place and its result is dropped, which a graph can\'t show. '
                    "Write x = operation(x)."
                )
        # torch counts two per multiply-add.
        macs = (self.counter.get_total_flops() - before) // 2
        self.seen[n] = (value, macs, value._version if isinstance(value, Tensor) else 0)
        return value


def probe(model: nn.Module, graph: fx.Graph, example: Tensor) -> Readings:
    """Return a reading of every node for one batch.

    Runs on fake tensors, which have shapes but no numbers and cost no time; a model whose
    operators know no fake tensors runs for real.

    Args:
        model: The traced network.
        graph: Its graph.
        example: A batch of inputs.

    Raises:
        BackboneError: The model does not run on this input.
    """
    try:
        with FakeTensorMode(allow_non_fake_inputs=True) as mode:
            return _run(model, graph, mode.from_tensor(example))
    except BackboneError:
        raise
    except Exception:
        try:
            return _run(model, graph, example.clone())
        except BackboneError:
            raise
        except Exception as error:
            raise run_error(model, example, error) from error


def _run(model: nn.Module, graph: fx.Graph, x: Tensor) -> Readings:
    with evaluating(model), torch.no_grad(), unfused_attention(), FlopCounterMode(display=False) as counter:
        recorder = _Recorder(model, graph, counter)
        recorder.run(x)
    return {node: _reading(*seen) for node, seen in recorder.seen.items()}


@contextmanager
def unfused_attention() -> Iterator[None]:
    """Make attention run as plain matrix products, which the counter sees; fused kernels hide them."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def _reading(value: Any, macs: int, version: int) -> Reading:  # noqa: ANN401
    if isinstance(value, Tensor):
        return Reading(value.shape, True, True, macs, value._version > version)
    return Reading(value, False, _holds_tensors(value), macs, False)


def _holds_tensors(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_tensors, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_holds_tensors, value))
    return isinstance(value, Tensor)
