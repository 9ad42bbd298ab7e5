"""A graph is right if it does what the network does: other numbers, other batches, both modes."""

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, fx, nn

from core.errors import BackboneError
from core.networks.graph import CannotTrace, Graphed, is_operator, prune, run_error
from core.networks.inputs import Inputs
from core.networks.outputs import tensors_of
from core.networks.probe import Probe, Readings
from core.networks.recorder import record
from core.networks.recording import BATCHES
from core.networks.state import evaluating, reseed, reseed_all, seeded, training, unchanged
from core.networks.tensor_nodes import Stop

_SEED = 1
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Run:
    """What one run gave.

    Args:
        results: Name → output.
        again: The same of the next run, with other numbers, of a network that keeps what it kept.
        buffers: The network's buffers after the first run.
        gradients: Of a sum of the outputs, by the input and each weight: sum and sum of sizes.
    """

    results: dict[str, Tensor]
    again: dict[str, Tensor]
    buffers: dict[str, Tensor]
    gradients: tuple[tuple[float, float], ...]


class Original:
    """The network as it runs by itself, call after call, with other random numbers each time.

    What it keeps from one call for the next, such as a table that it draws when it first
    runs, shows in the calls that follow.

    Args:
        model: The network.
        inputs: One call of it.

    Raises:
        BackboneError: It does not run on such inputs.
    """

    def __init__(self, model: nn.Module, inputs: Inputs) -> None:
        self.model, self.inputs = model, inputs
        self._trained: dict[tuple[str, ...], Run | None] = {}
        # The first batch size comes back, for what is kept by shape.
        self.shown = [inputs.drawn(n, variant) for variant, n in enumerate((*BATCHES, BATCHES[0]))]
        self.evaluations: list[tuple[Inputs, dict[str, Tensor]]] = []
        with unchanged(model), evaluating(model), torch.no_grad():
            for shown in self.shown:
                self.evaluations.append((shown, self._evaluated(shown)))
            single = inputs.drawn(1, len(self.shown))
            # Some only run on several.
            with suppress(BackboneError):
                self.evaluations.append((single, self._evaluated(single)))

    def _evaluated(self, shown: Inputs) -> dict[str, Tensor]:
        with seeded(self.model, _SEED + len(self.evaluations)):
            try:
                return tensors_of(copy.deepcopy(shown).run(self.model))
            except Exception as error:
                raise run_error(self.model, self.inputs, error) from error

    def trained(self, names: Sequence[str]) -> Run | None:
        """Return a run in training mode; None if the network can't do that on such inputs.

        Args:
            names: The outputs that matter.
        """
        key = tuple(names)
        if key not in self._trained:
            try:
                run = self._train(lambda shown: matching(tensors_of(shown.run(self.model)), names))
            except Exception:
                run = None
            self._trained[key] = run
        return self._trained[key]

    def replayed(self, graphed: Graphed) -> Run:
        """Return what a graph does in training mode."""
        return self._train(lambda shown: Probe(graphed.in_mode(training=True), graphed.graph).run(*shown.tensors))

    def _train(self, run: Callable[[Inputs], dict[str, Tensor]]) -> Run:
        model = self.model
        with unchanged(model), training(model), seeded(model, _SEED), _reseeding(model), torch.enable_grad():
            leaves = [t.clone().requires_grad_(t.is_floating_point()) for t in self.shown[0].tensors]
            # A copy, because a network may write into its input.
            results = run(self.shown[0].with_tensors([t.clone() for t in leaves]))
            buffers = {name: b.detach().clone() for name, b in model.named_buffers()}
            weights = [p for p in (*leaves, *model.parameters()) if p.requires_grad]
            gradients = _gradients(results, weights)
            reseed_all(_SEED + 1)
            again = run(copy.deepcopy(self.shown[2]))
            return Run(results, {name: t.detach() for name, t in again.items()}, buffers, gradients)


@contextmanager
def _reseeding(model: nn.Module) -> Iterator[None]:
    """Let every operator draw its own random numbers, whatever auxiliary branches have drawn before."""
    with ExitStack() as stack:
        for number, module in enumerate(m for m in model.modules() if is_operator(m)):
            if number and not isinstance(module, torch.jit.ScriptModule):
                hook = module.register_forward_pre_hook(_Reseed(number), prepend=True)
                stack.callback(hook.remove)
        yield


class _Reseed:
    def __init__(self, number: int) -> None:
        self.number, self.calls = number, 0

    def __call__(self, _module: nn.Module, _args: object) -> None:
        self.calls += 1
        reseed(1_000 * self.number + self.calls)


def matching(results: Mapping[str, _T], names: Sequence[str]) -> dict[str, _T]:
    """Return the results called so; the first one if the network names them otherwise in this mode."""
    found = {name: results[name] for name in names if name in results}
    return found or dict(zip(names[:1], results.values(), strict=False))


def _gradients(results: Mapping[str, Tensor], weights: list[Tensor]) -> tuple[tuple[float, float], ...]:
    # Without numbers there is nothing to compare, and every operator's gradient to work out.
    total = [t.float().cos().sum() for t in results.values() if t.requires_grad and not t.is_meta]
    if not total or not weights:
        return ()
    found = torch.autograd.grad(torch.stack(total).sum(), weights, allow_unused=True)
    return tuple((0.0, 0.0) if g is None or g.is_meta else (float(g.sum()), float(g.abs().sum())) for g in found)


def verified(original: Original, graphed: Graphed) -> tuple[Readings, ...]:
    """Return the readings of a graph for both batches, if it does what the network does.

    Args:
        original: The network.
        graphed: Its graph.

    Raises:
        CannotTrace: It does something else.
    """
    found = _evaluated(original, graphed)
    trained = original.trained(list(graphed.outputs))
    if trained is not None:
        try:
            replayed = original.replayed(graphed)
        except Exception as error:
            raise CannotTrace from error
        reached = _reached(graphed)
        buffers = [name for name in trained.buffers if name.rpartition(".")[0] in reached]
        if (
            any(not same(value, replayed.results[name]) for name, value in trained.results.items())
            or any(not same(value, replayed.again[name]) for name, value in trained.again.items())
            or any(not same(trained.buffers[name], replayed.buffers[name]) for name in buffers)
            or len(trained.gradients) != len(replayed.gradients)
            or not all(map(_close, trained.gradients, replayed.gradients))
        ):
            raise CannotTrace
    return found


def _evaluated(original: Original, graphed: Graphed) -> tuple[Readings, ...]:
    model, found = original.model, []
    with unchanged(model), evaluating(model), torch.no_grad():
        for number, (shown, expected) in enumerate(original.evaluations):
            try:
                with seeded(model, _SEED + number):
                    readings, results = Probe(graphed.in_mode(training=False), graphed.graph).readings(
                        copy.deepcopy(shown).tensors
                    )
            except Exception as error:
                raise CannotTrace from error
            if any(not same(value, results[name]) for name, value in matching(expected, list(graphed.outputs)).items()):
                raise CannotTrace
            found.append(readings)
    return tuple(found[: len(BATCHES)])


def parting(original: Original, graphed: Graphed) -> Stop:
    """Return where a graph begins to do something else than the network.

    Args:
        original: The network.
        graphed: A graph of it that ``verified`` has refused, made by recording.
    """
    nodes = [node for node in graphed.graph.nodes if node.op.startswith("call_") and "path" in node.meta]
    evaluations = [shown for shown, _ in original.evaluations]
    try:
        for mode, calls in ((evaluating, evaluations), (training, [original.shown[0], original.shown[2]])):
            for shown, own, others in _marked(original.model, graphed, mode, calls):
                for node, (other, marks) in zip(nodes, others.items(), strict=False):
                    if own.get(node) != marks or str(node.target) != str(other.target):
                        again = "on a single input" if shown.tensors[0].shape[0] == 1 else "when it runs again"
                        where = node.meta["line"]
                        if node.op == "call_module":
                            kind = type(graphed.root[str(node.target)]).__name__
                            where = f' inside its module "{node.target}" ({kind})'
                        return Stop(str(node.meta["path"]), f"does something else {again}{where}")
    except Stop as stop:
        return stop
    return Stop("", "does something else when its operations run one by one")


_Marks = dict[fx.Node, tuple[float, ...]]


def _marked(
    model: nn.Module,
    graphed: Graphed,
    mode: Callable[[nn.Module], AbstractContextManager[None]],
    calls: Sequence[Inputs],
) -> Iterator[tuple[Inputs, _Marks, _Marks]]:
    """Yield for calls in a row the marks of the graph's nodes, and those of the network's."""
    grads = mode is training
    seen, recorded = [], []
    with unchanged(model), mode(model), torch.set_grad_enabled(grads), suppress(Exception):
        for number, shown in enumerate(calls):
            probe = Probe(graphed.in_mode(training=grads), graphed.graph, marks=True)
            seen.append(probe.marks)
            with seeded(model, _SEED + number), _reseeding(model):
                probe.run(*copy.deepcopy(shown).tensors)
    with unchanged(model), mode(model), torch.set_grad_enabled(grads):
        for number, shown in enumerate(calls):
            with seeded(model, _SEED + number), _reseeding(model):
                found = record(model, shown, frozenset(graphed.whole), marks=True)
            prune(found.graph, matching(found.outputs, list(graphed.outputs)))
            recorded.append({n: found.marks[n] for n in found.graph.nodes if n in found.marks and "path" in n.meta})
    yield from zip(calls, seen, recorded, strict=False)


def _reached(graphed: Graphed) -> set[str]:
    found = {""}
    for node in graphed.graph.nodes:
        if node.op in ("call_module", "get_attr"):
            parts = str(node.target).split(".")
            found |= {".".join(parts[:n]) for n in range(1, len(parts) + 1)}
            module = graphed.root[str(node.target)]
            if isinstance(module, nn.Module):
                found |= {f"{node.target}.{name}" for name, _ in module.named_modules() if name}
    return found


def same(a: Tensor, b: object) -> bool:
    """Return whether two values are the same tensor bit for bit, where NaN equals NaN."""
    if not isinstance(b, Tensor) or a.shape != b.shape or a.dtype != b.dtype:
        return False
    return a.is_meta or torch.equal(a, b) or bool(((a == b) | (a.isnan() & b.isnan())).all())


def _close(a: tuple[float, float], b: tuple[float, float]) -> bool:
    # Sums of gradients may run in another order; a lost gradient is far away.
    room = 1e-3 * max(a[1], b[1]) + 1e-6
    return all(math.isclose(x, y, abs_tol=room) or x != x != y for x, y in zip(a, b, strict=True))
