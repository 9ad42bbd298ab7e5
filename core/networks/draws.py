"""Modules that decide by random numbers what they compute: one recording would hold one of their ways for good."""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import FrameType
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves
from torch.utils.weak import TensorWeakRef

from core.networks.inputs import Inputs
from core.networks.recorder import READS
from core.networks.state import evaluating, seeded, training, unchanged
from core.networks.tensor_nodes import Stop, line

Mode = Callable[[nn.Module], AbstractContextManager[None]]
_FILLED: Final = ("bernoulli_", "exponential_", "geometric_", "log_normal_", "normal_", "random_", "uniform_")
_DRAWN: Final = frozenset(
    [*("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "normal"), *_FILLED]
)
# Whose methods the functions of the module are.
_PYTHON: Final = random.random.__self__  # type: ignore[attr-defined]


def drawn_decisions(model: nn.Module, inputs: Inputs, *, trainable: bool) -> list[Stop]:
    """Return where a network lets Python decide by random numbers, each module once.

    Random tensors that are only computed with are no decisions: a graph draws them, too.

    Args:
        model: A network that runs.
        inputs: One call of it.
        trainable: Whether it runs in training mode too.
    """
    # Out of sight of the watch: what the network is given was not drawn by it.
    watch, call = _Watch(model), inputs.drawn(2, 0)
    modes = (evaluating, training) if trainable else (evaluating,)
    _watched(watch, call, modes)
    if watch.suspected:
        # The generators are those of all threads: whether it was this one takes a slower second look.
        with watch.calls():
            _watched(watch, call, modes)
    return list(watch.found.values())


def _watched(watch: "_Watch", call: Inputs, modes: Sequence[Mode]) -> None:
    for mode in modes:
        with (
            unchanged(watch.model),
            mode(watch.model),
            seeded(watch.model, 0),
            torch.set_grad_enabled(mode is training),
            watch.hooked(),
            watch,
        ):
            call.run(watch.model)


class _Watch(TorchFunctionMode):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.stack = [""]
        self.found: dict[str, Stop] = {}
        self.drawn: dict[int, TensorWeakRef] = {}
        self.python, self.numpy = _states()
        self.suspected: set[str] = set()
        self.own: bool | None = None

    @contextmanager
    def calls(self) -> Iterator[None]:
        """Follow which calls this thread makes of Python's generator; NumPy's can't be followed, so it counts twice."""
        before, self.own = sys.getprofile(), False
        sys.setprofile(self._called)
        try:
            yield
        finally:
            sys.setprofile(before)
            self.own = None

    def _called(self, frame: FrameType, event: str, what: Any) -> None:  # noqa: ANN401, ARG002
        if event == "c_call" and getattr(what, "__self__", None) is _PYTHON:
            self.own = True

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Follow which module runs."""
        self.stack = [""]
        self.python, self.numpy = _states()
        self.own = None if self.own is None else False
        with ExitStack() as stack:
            for path, module in self.model.named_modules():
                if path and not isinstance(module, torch.jit.ScriptModule):
                    stack.callback(module.register_forward_pre_hook(_Enter(self, path), prepend=True).remove)
                    stack.callback(module.register_forward_hook(self._leave).remove)
            yield
            self.look()

    def enter(self, path: str) -> None:
        """Note that a module begins."""
        self.look()
        self.stack.append(path)

    def _leave(self, *_: object) -> None:
        self.look()
        self.stack.pop()

    def look(self) -> None:
        """Blame the module that runs for numbers drawn from Python's or NumPy's generator."""
        own, path = self.own, self.stack[-1]
        python, numpy = _states()
        drew = numpy != self.numpy
        if own is None:
            if drew or python != self.python:
                self.suspected.add(path)
        elif own or (drew and path in self.suspected):
            self._blame("draws random numbers from Python's or NumPy's generator")
        self.python, self.numpy = python, numpy
        self.own = None if own is None else False

    def _blame(self, what: str) -> None:
        path = self.stack[-1]
        self.found.setdefault(path, Stop(path, what))

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        out = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "")
        with torch._C.DisableTorchFunction():
            given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
            made = [leaf for leaf in tree_leaves(out) if isinstance(leaf, Tensor)]
            if name in _DRAWN or (given and all(map(self._is_drawn, given))):
                if name in READS and not made:
                    self._blame(f"decides by random numbers{line()}")
                for tensor in made:
                    self.drawn[id(tensor)] = TensorWeakRef(tensor)
        return out

    def _is_drawn(self, tensor: Tensor) -> bool:
        ref = self.drawn.get(id(tensor))
        return ref is not None and ref() is tensor


class _Enter:
    def __init__(self, watch: _Watch, path: str) -> None:
        self.watch, self.path = watch, path

    def __call__(self, *_: object) -> None:
        self.watch.enter(self.path)


def _states() -> tuple[object, tuple[bytes, int]]:
    """Return the states of Python's and NumPy's generators."""
    numbers = np.random.get_state(legacy=False)["state"]  # noqa: NPY002
    return random.getstate(), (numbers["key"].tobytes(), numbers["pos"])
