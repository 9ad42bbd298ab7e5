"""The multiply-accumulates of one operator, as it runs."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
import torchvision.ops  # noqa: F401  its operators are counted too
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

_ATEN: Final = torch.ops.aten


class MacCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the multiply-accumulates of matrix products and convolutions that run under it.

    Unlike torch's own counter it hooks into no module, so other threads notice nothing, and
    it knows the fused operators that networks use on a processor.

    Args:
        weights: Memory of the weights, see ``memory``: a product of every number of one with
            every row of the data is a matrix product, however it is written.
    """

    supports_higher_order_operators = True

    def __init__(self, weights: frozenset[int] = frozenset()) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.weights = weights
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
        self.macs += multiply_accumulates(func, args, kwargs, out) or expanded(func, args, out, self.weights)
        return out


def _packet(func: Any) -> Any:  # noqa: ANN401
    # Operators that take functions come without.
    return getattr(func, "_overloadpacket", func)


def memory(tensor: Tensor) -> int:
    """Return what tells the memory of a tensor, which its views share, from that of others while it lives."""
    return int(tensor.untyped_storage()._cdata) if tensor.layout == torch.strided else id(tensor)


def multiply_accumulates(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], out: Any) -> int | None:  # noqa: ANN401
    """Return the work of an operator; None if it is none that multiplies and adds, or none that is known.

    Args:
        func: An overload of an operator.
        args: What it was called with.
        kwargs: The same, by name.
        out: What it returned.
    """
    packet = _packet(func)
    if packet in _FUSED:
        return int(_FUSED[packet](*args))
    if packet in _BY_OUTPUT:
        return int(_BY_OUTPUT[packet](out, *args))
    packet = _IN_PLACE.get(packet, packet)
    if packet in flop_registry:
        # torch counts two per multiply-add.
        return int(flop_registry[packet](*args, **kwargs, out_val=out)) // 2
    return None


def uncounted(func: Any) -> bool:  # noqa: ANN401
    """Return whether an operator does work that nobody here can count: another library's, or a rare one of torch."""
    packet = _packet(func)
    if packet in _FUSED or packet in _BY_OUTPUT or packet in flop_registry:
        return False
    name = str(func)
    return name.partition(".")[0] not in _KNOWN_LIBRARIES or name.partition(".")[2].partition(".")[0] in _RARE


def expanded(func: Any, args: tuple[Any, ...], out: Any, weights: frozenset[int]) -> int:  # noqa: ANN401
    """Return the work of a product that pairs every number of a weight with every row of the data."""
    if _packet(func) not in _PRODUCTS or not isinstance(out, Tensor):
        return 0
    tensors = [a for a in args if isinstance(a, Tensor)]
    held = any(memory(t) in weights and sum(size > 1 for size in t.shape) > 1 for t in tensors)
    return out.numel() if held and len(tensors) > 1 and all(t.numel() < out.numel() for t in tensors) else 0


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


def _bilinear(one: Tensor, weight: Tensor, two: Tensor, *_: Any) -> int:  # noqa: ANN401
    # First every weight with the second input, then what is left with the first.
    rows = max(one.numel() // weight.shape[-2], two.numel() // weight.shape[-1])
    return rows * (weight.numel() + weight.numel() // weight.shape[-1])


_FUSED: Final[Mapping[Any, Callable[..., int]]] = {
    _ATEN._scaled_dot_product_flash_attention_for_cpu: _attention,
    _ATEN._native_multi_head_attention: _multi_head,
    _ATEN._transformer_encoder_layer_fwd: _encoder_layer,
    _ATEN.mkldnn_rnn_layer: _recurrent,
    _ATEN._trilinear: _bilinear,
    _ATEN.mv: lambda matrix, _: matrix.numel(),
    _ATEN.addmv: lambda _, matrix, *__: matrix.numel(),
    _ATEN.addmv_: lambda _, matrix, *__: matrix.numel(),
    _ATEN.dot: lambda vector, _: vector.numel(),
    _ATEN.vdot: lambda vector, _: vector.numel(),
    _ATEN.addbmm: lambda _, one, two, *__: one.numel() * two.shape[-1],
    _ATEN.addbmm_: lambda _, one, two, *__: one.numel() * two.shape[-1],
}
# Output × numbers that each of its numbers is a sum of.
_BY_OUTPUT: Final[Mapping[Any, Callable[..., int]]] = {
    torch.ops.torchvision.deform_conv2d: lambda out, _, weight, *__: out.numel() * math.prod(weight.shape[1:]),
    _ATEN._cdist_forward: lambda out, points, *_: out.numel() * points.shape[-1],
    _ATEN._euclidean_dist: lambda out, points, *_: out.numel() * points.shape[-1],
    _ATEN.conv_tbc: lambda out, _, weight, *__: out.numel() * math.prod(weight.shape[:2]),
    _ATEN._grouped_mm: lambda out, rows, *_: out.numel() * rows.shape[-1],
    _ATEN.linalg_vecdot: lambda out, rows, *_: out.numel() * rows.shape[-1],
    _ATEN.addr: lambda out, *_: out.numel(),
}
_IN_PLACE: Final[Mapping[Any, Any]] = {_ATEN.addmm_: _ATEN.addmm, _ATEN.baddbmm_: _ATEN.baddbmm}
_PRODUCTS: Final = frozenset([_ATEN.mul, _ATEN.multiply])
# The operators of torchvision but one sample and sort boxes.
_KNOWN_LIBRARIES: Final = frozenset(["aten", "prim", "prims", "profiler", "torchvision", "inductor"])
_RARE: Final = frozenset(
    (
        *("_cslt_sparse_mm", "_cudnn_rnn", "_dyn_quant_matmul_4bit", "_int_mm", "_lstm_mps", "_mixed_dtypes_linear"),
        *("_pdist_forward", "_scaled_grouped_mm", "_scaled_grouped_mm_v2", "_scaled_mm_v2", "_sparse_addmm"),
        *("_sparse_mm", "_sparse_mm_reduce_impl", "_sparse_semi_structured_addmm", "_sparse_semi_structured_linear"),
        *("_sparse_semi_structured_mm", "_sparse_sparse_matmul", "_triton_multi_head_attention", "hspmm"),
        *("_triton_scaled_dot_attention", "_weight_int4pack_mm", "_weight_int4pack_mm_for_cpu", "_weight_int8pack_mm"),
        *(
            "_wrapped_quantized_linear_prepacked",
            "fbgemm_linear_fp16_weight",
            "fbgemm_linear_int8_weight",
            "miopen_rnn",
        ),
        *("mkldnn_convolution", "mkldnn_linear", "smm", "sparse_sampled_addmm", "sspaddmm"),
    )
)
