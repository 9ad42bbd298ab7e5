"""The networks whose weights can't be counted, and the sentence that says so."""

from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from core.errors import BackboneError
from core.networks.inputs import Inputs
from core.networks.state import evaluating, seeded, unchanged
from core.networks.tensor_nodes import line

_QUANTISED: Final = (
    *("torch.ao.nn.quantized", "torch.nn.quantized", "torch.ao.nn.intrinsic.quantized"),
    *("bitsandbytes", "torchao"),
)
_SMALL: Final = frozenset(
    [torch.int8, torch.uint8, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz]
)


def check_weights(model: nn.Module) -> None:
    """Check that every weight of a network is a parameter that can be counted.

    Raises:
        BackboneError: The network is TorchScript, or has frozen, quantised or unregistered weights.
    """
    name = type(model).__name__
    if isinstance(model, torch.jit.ScriptModule):
        raise BackboneError(
            f"The network is TorchScript ({getattr(model, 'original_name', name)}), which runs as one piece. "
            "Give the network that torch.jit.script or torch.jit.trace was called with."
        )
    own = set(model.modules())
    weights = {id(p) for p in (*model.parameters(), *model.buffers())}
    for path, module in model.named_modules():
        where = f'"{path}" ({type(module).__name__})' if path else name
        if type(module).__module__.startswith(_QUANTISED) or "_packed_params" in vars(module) or _integers(module):
            raise BackboneError(
                f"{where} holds quantised weights, which can't be counted or trained. Give the network before that."
            )
        if _exported(module):
            raise BackboneError(
                f"{where} is an exported program, which can't be put into training mode. "
                "Give the network that torch.export was called with."
            )
        if isinstance(module, torch.jit.ScriptModule):
            if _frozen(module):
                raise BackboneError(
                    f"{where} is frozen TorchScript, whose weights can't be counted. Give the module before that."
                )
            continue
        hidden = _unregistered(module, own, weights)
        if hidden:
            raise BackboneError(
                f'{where} keeps weights in the plain attribute "{hidden}", where no optimiser and no count finds '
                "them. Use nn.ModuleList, nn.ModuleDict or nn.ParameterList."
            )


def _integers(module: nn.Module) -> bool:
    """Return whether a module keeps its weights as whole numbers with a scale, or as another type of tensor."""
    own = {**module._parameters, **module._buffers}
    scaled = any("scale" in name for name in own)
    return any(
        tensor.is_quantized
        or type(tensor).__module__.startswith(_QUANTISED)
        or (scaled and tensor.dtype in _SMALL and tensor.dim() > 1)
        for tensor in own.values()
        if tensor is not None
    )


def _exported(module: nn.Module) -> bool:
    if "train" not in vars(module):
        return False
    try:
        module.train(module.training)
    except NotImplementedError:
        return True
    return False


def _frozen(module: torch.jit.ScriptModule) -> bool:
    # Freezing takes the mode away, and optimising hides the weights too.
    if not hasattr(module, "training"):
        return True
    graph = getattr(module, "inlined_graph", None)
    constants = graph.findAllNodes("prim::Constant") if graph is not None else []
    tensors = (node.t("value") for node in constants if node.hasAttribute("value") and node.kindOf("value") == "t")
    return any(tensor.is_floating_point() and tensor.dim() > 1 and tensor.numel() > 1 for tensor in tensors)


def _unregistered(module: nn.Module, own: set[nn.Module], weights: set[int]) -> str:
    for name, value in vars(module).items():
        if name in ("_parameters", "_buffers", "_modules"):
            continue
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        for item in items:
            if isinstance(item, nn.Parameter) and id(item) not in weights:
                return name
            if isinstance(item, nn.Module) and item not in own and next(item.parameters(), None) is not None:
                return name
    return ""


def check_used(model: nn.Module, inputs: Inputs) -> None:
    """Check that every weight a network uses on an input is one of its parameters.

    A weight may be out of sight in a closure, in a list inside a list, or in another object. A
    network that does not run is left for others to complain about.

    Raises:
        BackboneError: It uses one that is registered nowhere, or quantised.
    """
    with unchanged(model), evaluating(model), seeded(model, 0), torch.no_grad(), _Watch(model) as watch:
        try:
            inputs.drawn(2, 0).run(model)
        except BackboneError:
            raise
        except Exception:
            return
    if watch.fault:
        raise BackboneError(watch.fault)


class _Watch(TorchFunctionMode):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.name = type(model).__name__
        self.weights = {id(p) for p in (*model.parameters(), *model.buffers())}
        self.fault = ""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, Tensor) and id(tensor) not in self.weights and not self.fault:
                with torch._C.DisableTorchFunction():
                    self._look(tensor)
        return func(*args, **(kwargs or {}))

    def _look(self, tensor: Tensor) -> None:
        shape = list(tensor.shape)
        if tensor.is_quantized:
            self.fault = (
                f"{self.name} computes with quantised numbers of shape {shape}, which can't be counted or trained. "
                "Give the network before that."
            )
        elif tensor.requires_grad and tensor.is_leaf and not tensor._is_view():
            # Without gradients nothing that the run makes requires them, but views of weights.
            self.fault = (
                f"{self.name} uses a weight of shape {shape} that belongs to none of its modules{line()}. "
                "Register it, as in self.weight = nn.Parameter(…), or its module as an attribute."
            )
