"""How fast each part of a network learns, as a factor of the learning rate; 0 is frozen.

The factor is kept at every module that holds weights, norms or dropout, so that copies of a block have it, too.
"""

from typing import Final

from torch import nn

_RATE: Final = "learning_rate_factor"


def set_rate(block: nn.Module, factor: float) -> None:
    """Set how fast a block learns.

    Args:
        block: With all its modules.
        factor: Of the learning rate. At 0 it gets no gradient.
    """
    for module in block.modules():
        setattr(module, _RATE, factor)
    block.requires_grad_(factor > 0)


def hold_frozen(network: nn.Module) -> None:
    """Put frozen blocks into evaluation mode, without gradients; call it after ``network.train()``."""
    for module, factor in rates(network).items():
        if factor == 0:
            module.training = False
            for parameter in module.parameters(recurse=False):
                parameter.requires_grad_(False)


def parameters_by_rate(network: nn.Module) -> dict[float, list[nn.Parameter]]:
    """Return factor → the parameters that learn with it, each once; those that are frozen are left out."""
    found: dict[float, list[nn.Parameter]] = {}
    known: set[nn.Parameter] = set()
    for module, factor in rates(network).items():
        for parameter in module.parameters(recurse=False):
            if parameter not in known and factor > 0:
                found.setdefault(factor, []).append(parameter)
            known.add(parameter)
    return found


def rates(network: nn.Module) -> dict[nn.Module, float]:
    """Return the factor of every module, from the outside in; 1 where none was set."""
    found: dict[nn.Module, float] = {}
    _find(network, found)
    return {module: found[module] for module in network.modules()}


def _find(module: nn.Module, found: dict[nn.Module, float]) -> None:
    if module in found:
        return
    for child in module.children():
        _find(child, found)
    factor = getattr(module, _RATE, None)
    if factor is None:
        # Copying a traced block makes its outer modules anew: they are what all inside them are.
        inside = {found[child] for child in module.children()}
        factor = inside.pop() if len(inside) == 1 else 1.0
    found[module] = float(factor)
