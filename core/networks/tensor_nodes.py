"""Which node of a graph stands for which tensor."""

import linecache
import os
import sys
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch.utils.weak import TensorWeakRef

from core.errors import BackboneError
from core.networks.asides import is_aside

_NUMBERS: Final = (bool, int, float, complex, str)
_PLAIN: Final = torch.dtype | torch.device | torch.layout | torch.memory_format | None
# Frames of these are no line of the network.
_TORCH: Final = f"{Path(torch.__file__).parent}{os.sep}"
_OWN: Final = (
    "draws",
    "hidden_weights",
    "larger_batches",
    "tensor_nodes",
    "recorder",
    "recording",
    "replay",
    "inputs",
    "weight_use",
    "probe",
    "work",
)
_OURS: Final = frozenset(str(Path(__file__).with_name(f"{name}.py")) for name in _OWN)


class Stop(Exception):  # noqa: N818
    """Something that a graph can't hold.

    Args:
        path: The module it happened in; empty for the network itself.
        reason: What happened, to go after the name of the network.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


class TensorNodes:
    """The tensors seen in one run of a network, and the module that is running.

    Args:
        model: The network.
        graph: What is being written down.
        constants: Name → tensor that nothing under watch has made; filled here.
    """

    def __init__(self, model: nn.Module, graph: fx.Graph, constants: dict[str, Tensor]) -> None:
        self.model, self.graph, self.constants = model, graph, constants
        weights = (*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False))
        self.weights: dict[int, tuple[str, Tensor]] = {}
        for name, tensor in weights:
            self.weights.setdefault(id(tensor), (name, tensor))
        self._memory = {memory(t) for _, t in self.weights.values() if not t.is_meta}
        self._known: dict[int, tuple[TensorWeakRef, fx.Node]] = {}
        self.learned: set[fx.Node] = set()
        self.stack: list[str] = []

    @property
    def path(self) -> str:
        """Path of the innermost module that is running; empty for the network itself."""
        return self.stack[-1] if self.stack else ""

    def name(self, tensor: Tensor, node: fx.Node) -> None:
        """Let a node stand for a tensor from now on."""
        self._known[id(tensor)] = (TensorWeakRef(tensor), node)

    def known(self, tensor: Tensor) -> fx.Node | None:
        """Return the node of a tensor, or None for weights and for what nothing under watch has made."""
        ref, node = self._known.get(id(tensor), (None, None))
        return node if ref is not None and ref() is tensor else None

    def is_weight(self, tensor: Tensor) -> bool:
        """Return whether a tensor is a parameter or buffer of the network."""
        return id(tensor) in self.weights

    def written(self, tensors: list[Tensor], named: set[int]) -> list[tuple[Tensor, fx.Node]]:
        """Return the tensors, with their nodes, that have changed because these were written into.

        Args:
            tensors: What was written into.
            named: Ids of tensors that have new nodes already.

        Raises:
            Stop: Weights or buffers of the network were.
        """
        places = {memory(t) for t in tensors}
        if any(map(self.is_weight, tensors)) or places & self._memory:
            raise Stop(self.path, f"writes into its own weights or buffers{line()}")
        found = []
        for ref, node in self._known.values():
            tensor = ref()
            if tensor is not None and id(tensor) not in named and memory(tensor) in places:
                found.append((tensor, node))
        return found

    def arguments(self, value: Any) -> Any:  # noqa: ANN401
        """Return what a call was given, with the nodes of its tensors.

        Raises:
            Stop: A graph can't hold it.
        """
        if isinstance(value, Tensor):
            return self.of(value)
        if isinstance(value, torch.Size) or type(value) is tuple:
            return tuple(map(self.arguments, value))
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(self.arguments, value))
        if type(value) is list:
            return list(map(self.arguments, value))
        if type(value) is dict:
            return {key: self.arguments(item) for key, item in value.items()}
        if isinstance(value, slice):
            return slice(*(self.arguments(v) for v in (value.start, value.stop, value.step)))
        if isinstance(value, range):
            return tuple(value)
        if isinstance(value, np.generic | Enum):
            value = value.item() if isinstance(value, np.generic) else value.value
        if type(value) in _NUMBERS or value is Ellipsis or isinstance(value, _PLAIN):
            return value
        raise Stop(self.path, f"hands on a {type(value).__name__}, which a graph can't hold{line()}")

    def of(self, tensor: Tensor) -> fx.Node:
        """Return the node of a tensor; one that nothing under watch has made becomes a constant.

        Raises:
            Stop: It can't be one.
        """
        node = self.known(tensor)
        if node is not None:
            return node
        graph = self.graph
        if id(tensor) in self.weights:
            node = graph.get_attr(self.weights[id(tensor)][0])
            node.meta["path"] = self.path
            self.learned.add(node)
            return node
        if isinstance(tensor, nn.Parameter):
            raise BackboneError(
                f"{type(self.model).__name__} uses a weight of shape {list(tensor.shape)} that belongs to none of its "
                f"modules{line()}. Register it, as in self.weight = nn.Parameter(…)."
            )
        if tensor.requires_grad:
            raise Stop(self.path, f"computes a tensor out of sight, as a scripted function does{line()}")
        if type(tensor) is not Tensor:
            raise Stop(self.path, f"hands on a {type(tensor).__name__}, which a graph can't hold{line()}")
        name = f"constant_{len(self.constants)}"
        while hasattr(self.model, name):
            name += "_"
        self.constants[name] = tensor.detach().clone()
        node = graph.create_node("get_attr", name)
        node.meta.update(path=self.path, line=line())
        self.name(tensor, node)
        # Someone must keep it: a constant that dies could give its id to another tensor.
        node.meta["kept"] = tensor
        return node


def memory(tensor: Tensor) -> int:
    """Return what is the same for all views of one memory."""
    return int(tensor.untyped_storage()._cdata)


def line() -> str:
    """Return the line of the network that is running, in words, or an empty string."""
    frame = _frame()
    if frame is None:
        return ""
    name = frame.f_code.co_filename
    text = linecache.getline(name, frame.f_lineno).strip()
    return f' at "{text[:80]}" (line {frame.f_lineno} of {Path(name).name})' if text else ""


def at_aside() -> bool:
    """Return whether the network is at a statement that looks at numbers without computing with them."""
    frame = _frame()
    return frame is not None and is_aside(frame)


def _frame() -> FrameType | None:
    """Return the innermost frame of the network's own code."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name not in _OURS and not name.startswith((_TORCH, "<")):
            return frame
        frame = frame.f_back
    return None
