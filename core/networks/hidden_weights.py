"""The networks whose weights can't be counted, and the sentence that says so."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from core.errors import BackboneError
from core.networks.inputs import Inputs
from core.networks.state import evaluating, is_inferred, seeded, unchanged
from core.networks.tensor_nodes import line
from core.networks.weight_use import WeightUse

_QUANTISED: Final = (
    *("torch.ao.nn.quantized", "torch.nn.quantized", "torch.ao.nn.intrinsic.quantized"),
    *("bitsandbytes", "torchao"),
)
_SMALL: Final = frozenset(
    [torch.int8, torch.uint8, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz]
)

# Functions that give a tensor's numbers to another library.
_LEAVES: Final = frozenset(["numpy", "__array__", "__dlpack__"])


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
        sparse = [
            n for n, t in (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)) if _sparse(t)
        ]
        if sparse:
            raise BackboneError(
                f'{where} holds the sparse tensor "{sparse[0]}", whose numbers and work can\'t be counted. '
                "Register it as a dense one, with to_dense()."
            )
        made = (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False))
        if frozen := next((n for n, t in made if is_inferred(t)), ""):
            raise BackboneError(
                f'{where} holds "{frozen}", which was made in inference mode and can\'t be trained. Make the network '
                "outside torch.inference_mode()."
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


def _sparse(tensor: Tensor) -> bool:
    return not nn.parameter.is_lazy(tensor) and tensor.layout != torch.strided


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

    A weight may be out of sight in a closure, in a list inside a list, or in another object; it
    may be a tensor without gradients, or used where nobody can count the work. A network that
    does not run is left for others to complain about.

    Raises:
        BackboneError: It uses one that is registered nowhere, quantised, or multiplied out of sight.
    """
    fault, kept = _run(model, inputs)
    # What a run brings in from NumPy is new each time; a weight stays.
    if fault and (kept is None or _run(model, inputs)[1] is kept):
        raise BackboneError(fault)


def _run(model: nn.Module, inputs: Inputs) -> tuple[str, Tensor | None]:
    shown = inputs.drawn(2, 0)
    with unchanged(model), evaluating(model), seeded(model, 0), torch.no_grad():
        try:
            with WeightUse(model, shown) as use, _Watch(model, use) as watch:
                shown.run(model)
        except BackboneError:
            raise
        except Exception:
            return "", None
    return (watch.fault, None) if watch.fault else (use.fault, use.kept)


def _is_matrix(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.ndim > 1


class _Watch(TorchFunctionMode):
    def __init__(self, model: nn.Module, use: WeightUse) -> None:
        super().__init__()
        self.use = use
        self.name = type(model).__name__
        self.weights = {id(p) for p in (*model.parameters(), *model.buffers())}
        self.made: dict[int, Tensor] = {}
        self.arrays = any(_is_matrix(value) for m in model.modules() for value in vars(m).values())
        self.fault = ""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        if getattr(func, "__name__", "") in _LEAVES and isinstance(args[0], Tensor):
            self.use.left(args[0], arrays=self.arrays)
        for tensor in tree_leaves((args, kwargs)):
            if isinstance(tensor, Tensor) and id(tensor) not in self.weights and not self.fault:
                with torch._C.DisableTorchFunction():
                    self._look(tensor)
        out = func(*args, **(kwargs or {}))
        # What the run itself makes, to take gradients by, is no weight.
        for tensor in tree_leaves((args, out)):
            if isinstance(tensor, Tensor) and id(tensor) not in self.weights:
                with torch._C.DisableTorchFunction():
                    if tensor.requires_grad and tensor.is_leaf:
                        self.made[id(tensor)] = tensor
        return out

    def _look(self, tensor: Tensor) -> None:
        shape = list(tensor.shape)
        if tensor.is_quantized:
            self.fault = (
                f"{self.name} computes with quantised numbers of shape {shape}, which can't be counted or trained. "
                "Give the network before that."
            )
        elif tensor.requires_grad and tensor.is_leaf and not tensor._is_view() and id(tensor) not in self.made:
            # Without gradients nothing that the run makes requires them, but views of weights.
            self.fault = (
                f"{self.name} uses a weight of shape {shape} that belongs to none of its modules{line()}. "
                "Register it, as in self.weight = nn.Parameter(…), or its module as an attribute."
            )
