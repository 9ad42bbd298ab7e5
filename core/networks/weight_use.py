"""What a network multiplies its data with: weights that are counted, or tensors that are not."""

from typing import Any

from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from core.networks.inputs import Inputs
from core.networks.tensor_nodes import line
from core.networks.work import expanded, memory, multiply_accumulates, uncounted

_DATA, _WEIGHT, _PLAIN = "data", "weight", "plain"


class WeightUse(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Watches one run, operator by operator, for work or weights that no count would find.

    Memory holds *data* if something in it was computed from an input, else a *weight* if it
    was computed from parameters or buffers, else it is a *plain* tensor that the network
    keeps. What the run itself makes, such as a mask, is none of these.

    Args:
        model: The network.
        inputs: The call that is going to run.

    Attributes:
        fault: The sentence about the first such operator; empty if there is none.
        kept: The plain tensor it is about, if it is about one.
    """

    supports_higher_order_operators = True

    def __init__(self, model: nn.Module, inputs: Inputs) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.name = type(model).__name__
        self.fault = ""
        self.kept: Tensor | None = None
        own = [*model.parameters(), *model.buffers()]
        self.weights = frozenset(map(memory, own))
        self.kinds: dict[int, str] = dict.fromkeys(self.weights, _WEIGHT)
        self.origins: dict[int, Tensor] = {}
        self.kinds |= dict.fromkeys(map(memory, inputs.tensors), _DATA)

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operator and look at what it takes."""
        kwargs = kwargs or {}
        taken = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        kinds = [self.kinds.get(memory(tensor), _PLAIN) for tensor in taken]
        out = func(*args, **kwargs)
        if _DATA in kinds and not self.fault:
            self._look(func, args, kwargs, out, [t for t, kind in zip(taken, kinds, strict=True) if kind == _PLAIN])
        kind = next((k for k in (_DATA, _PLAIN, _WEIGHT) if k in kinds), "")
        origin = self._origin(taken[kinds.index(kind)]) if kind == _PLAIN else None
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor):
                self.kinds[memory(tensor)] = kind
                if origin is not None:
                    self.origins[memory(tensor)] = origin
        return out

    def left(self, tensor: Tensor, *, arrays: bool) -> None:
        """Note that another library gets a tensor's numbers.

        Args:
            tensor: The tensor.
            arrays: Whether the network keeps matrices of that library.
        """
        kind = self.kinds.get(memory(tensor), _PLAIN)
        matrix = tensor.is_floating_point() and tensor.dim() > 1
        if not self.fault and matrix and (kind in (_WEIGHT, _PLAIN) or (kind == _DATA and arrays)):
            self.fault = (
                f"{self.name} computes with weights outside of torch{line()}, where they can't be counted or trained. "
                "Write that step with torch, and its weights as nn.Parameter."
            )

    def _origin(self, tensor: Tensor) -> Tensor:
        return self.origins.get(memory(tensor), tensor)

    def _look(
        self,
        func: Any,  # noqa: ANN401
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        out: Any,  # noqa: ANN401
        plain: list[Tensor],
    ) -> None:
        if uncounted(func) and any(t.is_floating_point() for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)):
            self.fault = (
                f"{self.name} calls {str(func).removesuffix('.default')[:60]}{line()}, whose multiply-accumulates "
                "can't be counted. Give the part of the network before it, or write that step with other operators."
            )
            return
        held = [t for t in plain if t.is_floating_point() and sum(size > 1 for size in t.shape) > 1]
        worked = multiply_accumulates(func, args, kwargs, out) or expanded(
            func, args, out, frozenset(map(memory, held))
        )
        if held and worked:
            self.kept = self._origin(held[0])
            self.fault = (
                f"{self.name} multiplies with a plain tensor of {list(self.kept.shape)} numbers{line()}, which no "
                "optimiser and no count finds. Register it, as in self.weight = nn.Parameter(…), or with "
                "register_buffer if it is never trained."
            )
