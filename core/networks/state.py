"""Run a network and leave it, and the process, as they were."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import BackboneError

# Generators of random numbers belong to the process: networks are traced one at a time.
TRACING = threading.RLock()


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put ``model`` into evaluation mode and restore the mode of every module afterwards."""
    with _mode(model, training=False):
        yield


@contextmanager
def training(model: nn.Module) -> Iterator[None]:
    """Put ``model`` into training mode, with gradients for all its weights, and restore both afterwards."""
    wanted = [(p, p.requires_grad) for p in model.parameters() if p.is_floating_point()]
    with _mode(model, training=True):
        try:
            for parameter, _ in wanted:
                parameter.requires_grad_(True)
            yield
        finally:
            for parameter, before in wanted:
                parameter.requires_grad_(before)


@contextmanager
def _mode(model: nn.Module, *, training: bool) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    model.train(training)
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


@contextmanager
def seeded(model: nn.Module, seed: int) -> Iterator[None]:
    """Seed every generator a network may draw from, its own among them, and restore them all afterwards."""
    devices = {p.device.index or 0 for p in model.parameters() if p.is_cuda}
    own = [value for module in model.modules() for value in vars(module).values()]
    torches = [(each, each.get_state()) for each in own if isinstance(each, torch.Generator)]
    pythons = [(each, each.getstate()) for each in own if isinstance(each, random.Random)]
    numpys = [(each, each.bit_generator.state) for each in own if isinstance(each, np.random.Generator)]
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=sorted(devices)):
            reseed_all(seed)
            for generator, _ in torches:
                generator.manual_seed(seed)
            for plain, _ in pythons:
                plain.seed(seed)
            for numbers, _ in numpys:
                numbers.bit_generator.state = type(numbers.bit_generator)(seed).state
            yield
    finally:
        for generator, state in torches:
            generator.set_state(state)
        for plain, before in pythons:
            plain.setstate(before)
        for numbers, known in numpys:
            numbers.bit_generator.state = known
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def reseed_all(seed: int) -> None:
    """Seed the generators of Python, NumPy and torch."""
    reseed(seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002


def reseed(seed: int) -> None:
    """Seed torch's generators; many times faster than ``torch.manual_seed`` where there is no graphics card."""
    if torch.cuda.is_available():
        torch.manual_seed(seed)
    else:
        # torch.manual_seed keeps a stack of calls for every card that might still come.
        torch.default_generator.manual_seed(seed)


@contextmanager
def unchanged(model: nn.Module) -> Iterator[None]:
    """Restore buffers, attributes and hooks of every module afterwards.

    Raises:
        BackboneError: The network wrote into its own weights.
    """
    buffers = [(b, b._version, b.detach().clone()) for b in model.buffers()]
    weights = [(name, p, p._version) for name, p in model.named_parameters() if not _lazy(p)]
    owned = [_Snapshot(module) for module in model.modules() if not isinstance(module, torch.jit.ScriptModule)]
    try:
        yield
    finally:
        for snapshot in owned:
            snapshot.restore()
        with torch.no_grad():
            for buffer, version, value in buffers:
                # Normalisation layers write their statistics without counting it as a change.
                if not buffer.is_meta and (buffer._version != version or not torch.equal(buffer, value)):
                    # Observers of quantisation resize theirs.
                    buffer.resize_(value.shape).copy_(value)
    written = next((name for name, p, version in weights if p._version != version), None)
    if written is not None:
        raise BackboneError(
            f'{type(model).__name__} changes its weights while it runs: "{written}" was written into. '
            "Normalise a copy of it instead."
        )


def _lazy(parameter: Tensor) -> bool:
    return nn.parameter.is_lazy(parameter)


class _Snapshot:
    """The attributes of one module, with the contents of its plain collections."""

    def __init__(self, module: nn.Module) -> None:
        self.attributes = module.__dict__
        self.before: dict[str, Any] = dict(self.attributes)
        self.collections = [(v, v.copy()) for v in self.before.values() if isinstance(v, dict | list | set)]

    def restore(self) -> None:
        if self.attributes.keys() != self.before.keys() or any(
            self.attributes[name] is not value for name, value in self.before.items()
        ):
            self.attributes.clear()
            self.attributes.update(self.before)
        for now, before in self.collections:
            _put_back(now, before)


def _put_back(now: Any, before: Any) -> None:  # noqa: ANN401
    if isinstance(now, list):
        if len(now) != len(before) or any(a is not b for a, b in zip(now, before, strict=True)):
            now[:] = before
    elif isinstance(now, set):
        if now != before:
            now.clear()
            now.update(before)
    elif now.keys() != before.keys() or any(now[key] is not value for key, value in before.items()):
        now.clear()
        now.update(before)


def is_inferred(tensor: Tensor) -> bool:
    """Return whether a tensor was made in inference mode, where it has no gradients and no version."""
    return not _lazy(tensor) and tensor.is_inference()
