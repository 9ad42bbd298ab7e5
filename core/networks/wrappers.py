"""The network inside what people wrap around it, and lists of modules as one network."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from core.errors import BackboneError
from core.networks.inputs import Inputs
from core.networks.state import evaluating, seeded

# A network, or its modules in the order they run, which may have names.
Network = nn.Module | Sequence[nn.Module] | Mapping[str, nn.Module]


def unwrapped(model: Network) -> nn.Module:
    """Return the network without parallel, averaging and compiling wrappers; a list becomes a chain.

    Args:
        model: A network, or modules that run one after the other.

    Raises:
        BackboneError: It is neither.
    """
    if is_list(model):
        return chained(model)
    if not isinstance(model, nn.Module):
        raise BackboneError(f"A {type(model).__name__} was given. Give one torch.nn.Module, or a list of them.")
    return _inside(model)


def is_list(model: Network) -> bool:
    """Return whether a network is a list of modules that run one after the other."""
    return type(model) in (nn.ModuleDict, nn.ModuleList) or isinstance(model, Mapping | list | tuple)


def chained(modules: Network) -> nn.Sequential:
    """Return modules as a chain, called as in their dictionary, else by their places.

    Raises:
        BackboneError: One is no module, there is none, or a name holds a dot.
    """
    named: dict[str, Any] | None = dict(modules.items()) if isinstance(modules, Mapping | nn.ModuleDict) else None
    listed: Any = modules if named is None else named.values()
    parts = list(listed)
    if not parts or not all(isinstance(part, nn.Module) for part in parts):
        raise BackboneError(
            f"{len(parts)} things were given, not all of them modules. Give one torch.nn.Module, or a list of them."
        )
    names = [str(i) for i in range(len(parts))] if named is None else list(map(str, named))
    wrong = next((name for name in names if not name or "." in name), None)
    if wrong is not None:
        raise BackboneError(f'A module is called "{wrong[:60]}". Its name must not be empty or hold a dot.')
    return nn.Sequential(OrderedDict(zip(names, map(unwrapped, parts), strict=True)))


def _inside(model: nn.Module) -> nn.Module:
    inner: Any = model
    while True:
        if isinstance(inner, nn.DataParallel | nn.parallel.DistributedDataParallel | AveragedModel):
            inner = inner.module
        elif isinstance(inner, torch._dynamo.eval_frame.OptimizedModule):
            inner = inner._orig_mod
        else:
            found: nn.Module = inner
            return found


@contextmanager
def uncompiled(model: nn.Module) -> Iterator[None]:
    """Run compiled parts of a network as they were written, and restore them afterwards."""
    compiled = [(m, m._compiled_call_impl) for m in model.modules() if getattr(m, "_compiled_call_impl", None)]
    inner = [
        (parent, name, child)
        for parent in model.modules()
        if not isinstance(parent, torch.jit.ScriptModule)
        for name, child in parent._modules.items()
        if child is not None and _inside(child) is not child
    ]
    try:
        for module, _ in compiled:
            module._compiled_call_impl = None
        for parent, name, child in inner:
            parent._modules[name] = _inside(child)
        yield
    finally:
        for module, call in compiled:
            module._compiled_call_impl = call
        for parent, name, child in inner:
            parent._modules[name] = child


def initialise(model: nn.Module, inputs: Inputs) -> None:
    """Run a network that has lazy weights once, so that they get their shapes."""
    if any(nn.parameter.is_lazy(p) for p in (*model.parameters(), *model.buffers())):
        with evaluating(model), torch.no_grad(), seeded(model, torch.initial_seed() % 2**32):
            inputs.drawn(2, 0).run(model)
