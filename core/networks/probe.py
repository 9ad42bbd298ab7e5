"""Every node of a graph run once: output shape, work, and whether it is modified in place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, fx, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

_ATEN: Final = torch.ops.aten


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


class MacCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the multiply-accumulates of matrix products and convolutions that run under it.

    Unlike torch's own counter it hooks into no module, so other threads notice nothing, and
    it knows the fused operators that networks use on a processor.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.macs = 0

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operator and add its work."""
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        packet = func._overloadpacket
        if packet in _FUSED:
            self.macs += _FUSED[packet](*args)
        elif packet in flop_registry:
            # torch counts two per multiply-add.
            self.macs += int(flop_registry[packet](*args, **kwargs, out_val=out)) // 2
        return out


def _attention(query: Tensor, key: Tensor, value: Tensor, *_: Any) -> int:  # noqa: ANN401
    scores = query.shape[:-1].numel() * key.shape[-2]
    return int(scores * (query.shape[-1] + value.shape[-1]))


def _multi_head(
    query: Tensor,
    key: Tensor,
    _value: Tensor,
    _width: int,
    _heads: int,
    qkv: Tensor,
    _bias: Tensor,
    out: Tensor,
    *_: Any,  # noqa: ANN401
) -> int:
    rows = query.shape[:-1].numel()
    return int(rows * (qkv.numel() + out.numel()) + 2 * rows * key.shape[-2] * query.shape[-1])


def _encoder_layer(source: Tensor, width: int, heads: int, *weights: Any) -> int:  # noqa: ANN401
    qkv, qkv_bias, out, out_bias, up, down = (weights[i] for i in (0, 1, 2, 3, 11, 13))
    attention = _multi_head(source, source, source, width, heads, qkv, qkv_bias, out, out_bias)
    return attention + int(source.shape[:-1].numel()) * int(up.numel() + down.numel())


def _recurrent(source: Tensor, weight: Tensor, recurrent: Tensor, *_: Any) -> int:  # noqa: ANN401
    return int(source.shape[:-1].numel()) * int(weight.numel() + recurrent.numel())


_FUSED: Final[Mapping[Any, Any]] = {
    _ATEN._scaled_dot_product_flash_attention_for_cpu: _attention,
    _ATEN._native_multi_head_attention: _multi_head,
    _ATEN._transformer_encoder_layer_fwd: _encoder_layer,
    _ATEN.mkldnn_rnn_layer: _recurrent,
}


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
        self.counter = MacCounter()
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
        version = value._version if isinstance(value, Tensor) else 0
        self.seen[n] = (value, self.counter.macs - before, version)
        return value


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
