"""What a network does on one input, written down as it happens.

Tensors are real, so sizes are Python numbers, and loops and branches on them are simply
followed. What can't be written down stops the recording with the module it happened in,
which is then kept whole.
"""

import operator
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor, fx, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from core.networks.graph import is_operator
from core.networks.inputs import Inputs
from core.networks.outputs import tensors_of
from core.networks.probe import marks_of
from core.networks.state import is_inferred
from core.networks.tensor_nodes import Stop, TensorNodes, at_aside, line

# Functions that give Python the numbers of a tensor, not facts about it.
_CONVERSIONS: Final = frozenset(
    ("__bool__", "item", "tolist", "numpy", "__array__", "__int__", "__float__", "__index__", "__complex__")
)
_LOOKS: Final = frozenset(
    ("is_nonzero", "equal", "allclose", "__contains__", "data_ptr", "storage", "untyped_storage", "__format__")
)
READS: Final = _CONVERSIONS | _LOOKS
_HOOKS: Final = frozenset(["register_hook", "retain_grad", "requires_grad_", "register_post_accumulate_grad_hook"])


def after(tensor: Tensor, _write: object) -> Tensor:
    """Return ``tensor``, once something that writes into its memory has run."""
    return tensor


@dataclass(eq=False)
class Recording:
    """One run of a network.

    Args:
        graph: What ran, in order.
        outputs: Name → node of each tensor returned.
        constants: Name → tensor that nothing under watch has made, such as those of NumPy.
        results: Name → the tensor returned.
        marks: Node → numbers that change with its result, if wanted.
    """

    graph: fx.Graph = field(default_factory=fx.Graph)
    outputs: dict[str, fx.Node] = field(default_factory=dict)
    constants: dict[str, Tensor] = field(default_factory=dict)
    results: dict[str, Tensor] = field(default_factory=dict)
    marks: dict[fx.Node, tuple[float, ...]] = field(default_factory=dict)


def record(model: nn.Module, inputs: Inputs, whole: frozenset[str], *, marks: bool = False) -> Recording:
    """Return what ``model`` does with ``inputs``, in its present mode.

    Args:
        model: The network.
        inputs: One call of it.
        whole: Paths of modules to take as one operator.
        marks: Sum up every result, to find where two runs part.

    Raises:
        Stop: A graph can't hold it.
    """
    return _Recorder(model, whole, marks=marks).run(inputs)


class _Recorder(TorchFunctionMode):
    def __init__(self, model: nn.Module, whole: frozenset[str], *, marks: bool) -> None:
        super().__init__()
        self.model, self.whole, self.wants_marks = model, whole, marks
        self.found = Recording()
        self.paths: dict[nn.Module, str] = {}
        for path, module in _opened(model):
            self.paths.setdefault(module, path)
        self.nodes = TensorNodes(model, self.found.graph, self.found.constants)
        self.inside = 0
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any], list[tuple[Tensor, int]]]] = []
        self.varying: set[fx.Node] = set()
        self.autocast = torch.is_autocast_enabled("cpu")

    def run(self, inputs: Inputs) -> Recording:
        shown = [self._shown(t) for t in inputs.tensors]
        for name, tensor in zip(inputs.names, shown, strict=True):
            node = self.found.graph.placeholder(name)
            self.varying.add(node)
            self.nodes.name(tensor, node)
        with self._hooked(), self:
            value = inputs.with_tensors(shown).run(self.model)
        self.found.results = tensors_of(value)
        self.found.outputs = {name: self.nodes.of(tensor) for name, tensor in self.found.results.items()}
        self.found.graph.output(dict(self.found.outputs))
        return self.found

    @staticmethod
    def _shown(tensor: Tensor) -> Tensor:
        if torch.is_grad_enabled() and tensor.is_floating_point():
            return tensor.detach().requires_grad_(True).clone()
        return tensor.detach().clone()

    @contextmanager
    def _hooked(self) -> Iterator[None]:
        # Hooks of the network's own modules, so that other threads notice nothing. A script
        # module refuses hooks by its own method, and calls them all the same.
        with ExitStack() as stack:
            for module in self.paths:
                if module is self.model:
                    continue
                enter = nn.Module.register_forward_pre_hook(module, self._enter, prepend=True, with_kwargs=True)
                stack.callback(enter.remove)
                leave = nn.Module.register_forward_hook(module, self._leave, with_kwargs=True)
                stack.callback(leave.remove)
            yield

    def _enter(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        path = self.paths[module]
        with torch._C.DisableTorchFunction():
            if self.inside:
                self.inside += 1
            elif path in self.whole or is_operator(module):
                self._ungraded(tree_leaves((args, kwargs, list(module.parameters()))))
                self.inside = 1
                versions = self._versions((args, kwargs))
                self.calls.append((self.nodes.arguments(args), self.nodes.arguments(kwargs), versions))
        self.nodes.stack.append(path)

    def _leave(self, module: nn.Module, _args: tuple[Any, ...], _kwargs: dict[str, Any], out: Any) -> None:  # noqa: ANN401
        with torch._C.DisableTorchFunction():
            if self.inside > 1:
                self.inside -= 1
            elif self.inside == 1:
                self.inside = 0
                self.nodes.stack.pop()
                self._called(self.paths[module], out)
                return
            else:
                # What a module made out of sight is a constant of that module, not of its caller.
                for tensor in tensors_of(out).values():
                    self.nodes.of(tensor)
        self.nodes.stack.pop()

    def _called(self, path: str, out: Any) -> None:  # noqa: ANN401
        arguments, keywords, versions = self.calls.pop()
        node = self.found.graph.call_module(path, arguments, keywords)
        self._describe(node, node.all_input_nodes, learned=True)
        self._finish(node, versions, out)

    def _finish(self, node: fx.Node, versions: list[tuple[Tensor, int]], out: Any) -> None:  # noqa: ANN401
        self._results(out, node)
        self._writes(node, versions, out)
        if self.wants_marks:
            self.found.marks[node] = marks_of(out)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        kwargs = kwargs or {}
        if self.inside:
            return func(*args, **kwargs)
        versions = self._versions((args, kwargs))
        out = func(*args, **kwargs)
        name = getattr(func, "__name__", "")
        written = [t for t, version in versions if t._version != version]
        tensors = [leaf for leaf in tree_leaves(out) if isinstance(leaf, Tensor)]
        self._guard(name, [t for t, _ in versions], tensors)
        if not tensors and not written:
            return out
        if isinstance(out, Tensor) and self.nodes.is_weight(out) and not written:
            return out
        node = self._call(func, name, args, kwargs)
        self._describe(node, node.all_input_nodes)
        self._finish(node, versions, out)
        return out

    def _guard(self, name: str, given: list[Tensor], made: list[Tensor]) -> None:
        live = [t for t in given if self.nodes.is_weight(t) or self._live(t)]
        if not live:
            return
        if name in READS and not made:
            if at_aside():
                return
            raise Stop(self.nodes.path, f"reads numbers computed from its input or weights{line()}")
        if name in _HOOKS:
            raise Stop(self.nodes.path, f"changes how gradients flow ({name}){line()}")
        if made:
            self._ungraded(live)
        if made and torch.is_autocast_enabled("cpu") != self.autocast:
            raise Stop(self.nodes.path, f"changes the precision of its operations{line()}")

    def _ungraded(self, taken: list[Any]) -> None:
        lost = self.model.training and not torch.is_grad_enabled()
        if lost and any(isinstance(t, Tensor) and t.requires_grad for t in taken):
            raise Stop(self.nodes.path, f"computes without gradients{line()}")

    def _versions(self, values: Any) -> list[tuple[Tensor, int]]:  # noqa: ANN401
        """Return tensors with how often each was written."""
        tensors = [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]
        # Such tensors have no gradients, and nobody counts who writes to them.
        if torch.is_inference_mode_enabled() or any(map(is_inferred, tensors)):
            raise Stop(self.nodes.path, f"computes in inference mode{line()}")
        return [(tensor, tensor._version) for tensor in tensors]

    def _live(self, tensor: Tensor) -> bool:
        node = self.nodes.known(tensor)
        return node in self.varying or node in self.nodes.learned

    def _call(self, func: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> fx.Node:
        graph = self.found.graph
        if name == "__set__":
            raise Stop(self.nodes.path, f"assigns to an attribute of a tensor{line()}")
        arguments, keywords = self.nodes.arguments(args), self.nodes.arguments(kwargs)
        if name == "__get__":
            return graph.call_function(getattr, (arguments[0], func.__self__.__name__))  # type: ignore[attr-defined]
        if name in ("__getitem__", "__setitem__"):
            return graph.call_function(getattr(operator, name.strip("_")), arguments, keywords)
        if getattr(Tensor, name, None) is func and arguments and isinstance(arguments[0], fx.Node):
            return graph.call_method(name, arguments, keywords)
        if _has_a_name(func):
            return graph.call_function(func, arguments, keywords)
        if hasattr(Tensor, name) and arguments and isinstance(arguments[0], fx.Node):
            # Operators such as ** are functions that stand nowhere under their own names.
            return graph.call_method(name, arguments, keywords)
        raise Stop(self.nodes.path, f"calls {name or func!r}, which a graph can't name{line()}")

    def _describe(self, node: fx.Node, sources: list[fx.Node], *, learned: bool = False) -> None:
        node.meta["path"] = self.nodes.path
        node.meta["line"] = line()
        if any(source in self.varying for source in sources):
            self.varying.add(node)
        elif learned or any(source in self.nodes.learned for source in sources):
            self.nodes.learned.add(node)

    def _results(self, out: Any, node: fx.Node) -> None:  # noqa: ANN401
        if isinstance(out, Tensor):
            self.nodes.name(out, node)
        elif isinstance(out, dict):
            for key, value in out.items():
                self._part(value, node, key)
        elif isinstance(out, list | tuple) and not isinstance(out, torch.Size):
            for index, value in enumerate(out):
                self._part(value, node, index)
        elif tensors_of(out):
            raise Stop(self.nodes.path, f"returns a {type(out).__name__} of tensors from a part that can't be opened")

    def _part(self, value: Any, node: fx.Node, key: object) -> None:  # noqa: ANN401
        if tensors_of(value):
            item = self.found.graph.call_function(operator.getitem, (node, key))  # type: ignore[arg-type]
            self._describe(item, [node])
            self._results(value, item)

    def _writes(self, node: fx.Node, versions: list[tuple[Tensor, int]], out: Any) -> None:  # noqa: ANN401
        written = [t for t, version in versions if t._version != version]
        if not written:
            return
        named = {id(t) for t in tensors_of(out).values()}
        for tensor, before in self.nodes.written(written, named):
            changed = self.found.graph.call_function(after, (before, node))
            self._describe(changed, [before, node])
            self.nodes.name(tensor, changed)


def _opened(model: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    yield path, model
    if not isinstance(model, torch.jit.ScriptModule):
        for name, child in model.named_children():
            yield from _opened(child, f"{path}.{name}" if path else name)


def _has_a_name(func: Callable[..., Any]) -> bool:
    """Return whether generated code finds a function under the name that it would use."""
    try:
        name = torch.fx.node._get_qualified_name(func)
        found = operator.attrgetter(name.removeprefix("torch."))(torch) if name.startswith("torch.") else func
    except (RuntimeError, AttributeError):
        return False
    return found is func
