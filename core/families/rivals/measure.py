"""Multiply-accumulates of the networks: those that run, and those whose weight is not zero."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from core.families.rivals.network import RivalNetwork
from core.networks.state import evaluating
from core.networks.work import MacCounter

_ATEN = torch.ops.aten
# Place of the weight among an operator's arguments.
_WEIGHTS = {_ATEN.convolution: 1, _ATEN.mkldnn_convolution: 1, _ATEN.mm: 1, _ATEN.addmm: 2}


class NonzeroMacCounter(MacCounter):  # type: ignore[no-untyped-call]
    """Counts only multiply-accumulates whose weight is not zero, which hardware for sparse networks would run."""

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Run an operator and add its work."""
        before = self.macs
        out = super().__torch_dispatch__(func, types, args, kwargs)
        place = _WEIGHTS.get(func._overloadpacket)
        if place is not None and self.macs > before:
            weight: Tensor = args[place]
            self.macs = before + round((self.macs - before) * int(weight.count_nonzero()) / weight.numel())
        return out


def macs_of(network: RivalNetwork, size: tuple[int, int], tasks: Sequence[int], *, nonzero: bool = False) -> int:
    """Return the multiply-accumulates of features of some tasks on one picture, without heads.

    Args:
        network: Left in the mode it was in.
        size: Height and width of the picture.
        tasks: Whose features are computed together.
        nonzero: Whether only those count whose weight is not zero.
    """
    counter = NonzeroMacCounter() if nonzero else MacCounter()
    device = next(network.parameters()).device
    with evaluating(network), torch.no_grad(), counter:
        network.features(torch.zeros(1, 3, *size, device=device), tasks)
    return counter.macs
