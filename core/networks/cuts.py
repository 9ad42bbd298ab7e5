"""Where a traced network can branch: candidates, blocks and where the head starts."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import fx

from core.errors import BackboneError
from core.networks.trace import Trace, is_norm

# Heads of networks with dense outputs are recognised by what their authors call them.
HEAD_NAMES = ("classifier", "head", "heads", "fc", "decoder", "decode_head", "predictor")
_POOLING = ("adaptive", "flatten", "dropout", "mean", "identity")


@dataclass(frozen=True, slots=True)
class Segment:
    """The data nodes between two neighbouring single-tensor cuts; ``end`` is the one cut at.

    Args:
        start: The node whose tensor comes in.
        nodes: The nodes in between, in order; the last one is the end.
        weighted: Holds parameters of another kind than normalisation.
    """

    start: fx.Node
    nodes: tuple[fx.Node, ...]
    weighted: bool

    @property
    def end(self) -> fx.Node:
        """The node whose tensor goes out."""
        return self.nodes[-1]


def segments(trace: Trace) -> tuple[Segment, ...]:
    """Return the pieces of the network between all single-tensor cuts.

    A node is a cut if every path from the input to the output passes it, which is a minimum
    cut of one. Cuts between two uses of the same weights, and those across which a size
    would have to travel that can't be had from the tensor, are left out.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §3.3, first stage.
    """
    found: list[Segment] = []
    start, inside = trace.input, []
    cuts = set(allowed_cuts(trace))
    for node in trace.data:
        if node.op == "placeholder":
            continue
        inside.append(node)
        if node in cuts:
            found.append(Segment(start, tuple(inside), any(map(trace.weighted, inside))))
            start, inside = node, []
    return tuple(found)


def allowed_cuts(trace: Trace) -> list[fx.Node]:
    """Return the nodes at which one tensor carries everything, from the input to the output."""
    tied = _tied_ranges(trace)
    return [
        node
        for node in single_tensor_nodes(trace)
        if node is trace.output
        or (not any(a <= trace.position[node] < b for a, b in tied) and _facts_portable(trace, node))
    ]


def single_tensor_nodes(trace: Trace) -> list[fx.Node]:
    """Return the nodes that every path from the input to the output passes, without the input.

    Everything computed before such a node and used after it is that node: so one sweep in
    the order of the graph finds them all.
    """
    order = {node: i for i, node in enumerate(trace.data)}
    last_use = [max((order[u] for u in node.users if u in order), default=i) for node, i in order.items()]
    found, reach = [], 0
    for i, node in enumerate(trace.data):
        if node.op != "placeholder" and reach <= i and (trace.readings[node].is_tensor or node is trace.output):
            found.append(node)
        reach = max(reach, last_use[i])
    return found


def head_start(trace: Trace, pieces: Sequence[Segment]) -> int:
    """Return the index of the first piece of the head; the number of pieces if there is none.

    * The network gives one flat vector: the head starts where the maps or tokens become a
      vector for good (global pooling, flattening, picking the class token), with the
      pooling and dropout right before it. Where no weights follow that point, or the input
      is flat already, it starts at the last piece that holds weights.
    * The network gives maps: the head is what belongs to a child called ``classifier``,
      ``head``, ``decoder`` or the like, if there is one.
    * The network gives several outputs that part: it starts where they do.

    Raises:
        BackboneError: The outputs part before any weights.
    """
    if trace.parts:
        start = _with_pooling(trace, pieces, len(pieces) - 1)
        if not any(piece.weighted for piece in pieces[:start]):
            raise BackboneError(
                f"The outputs of {type(trace.model).__name__} part right at its input: nothing can be shared. "
                "Give one that has a common encoder, or name it with --part."
            )
        return start
    flat = [len(trace.shape(piece.end)) <= 1 for piece in pieces]
    weighted = [i for i, piece in enumerate(pieces) if piece.weighted]
    if not weighted:
        return len(pieces)
    if flat[-1]:
        start = _flat_tail(pieces, flat)
        if len(trace.shape(trace.input)) <= 1 or start > weighted[-1]:
            start = weighted[-1]
    else:
        start = next((i for i, piece in enumerate(pieces) if _belongs_to_head(piece)), len(pieces))
    start = _with_pooling(trace, pieces, start)
    # A network that would be all head is all blocks.
    return start if any(i < start for i in weighted) else len(pieces)


def named_head_start(pieces: Sequence[Segment], path: str) -> int | None:
    """Return the index of the first piece that uses the module at ``path``, or None."""
    return next((i for i, piece in enumerate(pieces) if any(_within(path, owner(n)) for n in piece.nodes)), None)


def block_ends(pieces: Sequence[Segment]) -> list[int]:
    """Return the indices of the pieces that end a block, so that every block holds weights.

    Pieces without weights join the block before them, those at the very start the one after.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §3.3, second stage.
    """
    weighted = [i for i, piece in enumerate(pieces) if piece.weighted]
    return [*(i - 1 for i in weighted[1:]), len(pieces) - 1]


def owner(node: fx.Node) -> str:
    """Return the path of the innermost module whose forward ran this node, or an empty string."""
    if node.op == "call_module":
        return str(node.target)
    if "path" in node.meta:
        return str(node.meta["path"])
    stack = node.meta.get("nn_module_stack") or {}
    return next((str(path) for path, _ in reversed(stack.values())), "")


def weighted_paths(trace: Trace, piece: Segment) -> list[str]:
    """Return the paths of the modules that hold the weights of a piece, without normalisation."""
    found: dict[str, None] = {}
    for node in piece.nodes if piece.weighted else ():
        module = trace.module_of(node)
        holds = any(trace.parameters_of(source) for source in _with_constants(trace, node))
        if holds and owner(node) and not (module is not None and is_norm(module)):
            found[owner(node)] = None
    return list(found)


def _flat_tail(pieces: Sequence[Segment], flat: Sequence[bool]) -> int:
    start = len(pieces) - 1
    while start > 0 and flat[start - 1]:
        start -= 1
    # What turns maps into a vector with its own weights still belongs to the body.
    return start + 1 if pieces[start].weighted else start


def _with_pooling(trace: Trace, pieces: Sequence[Segment], start: int) -> int:
    found, at = start, start
    while 0 < at < len(pieces) and not pieces[at - 1].weighted:
        at -= 1
        if all(_pools(trace, node) for node in pieces[at].nodes):
            found = at
    return found


def _pools(trace: Trace, node: fx.Node) -> bool:
    module = trace.module_of(node)
    name = type(module).__name__ if module is not None else getattr(node.target, "__name__", str(node.target))
    return name.lower().startswith(_POOLING)


def _belongs_to_head(piece: Segment) -> bool:
    return any(_within(name, owner(node)) for name in HEAD_NAMES for node in piece.nodes)


def _within(path: str, inner: str) -> bool:
    return inner == path or inner.startswith(f"{path}.")


def _tied_ranges(trace: Trace) -> list[tuple[int, int]]:
    uses: dict[int, list[int]] = {}
    for node in trace.data:
        for parameter in (p for source in _with_constants(trace, node) for p in trace.parameters_of(source)):
            uses.setdefault(id(parameter), []).append(trace.position[node])
    return sorted({(where[0], where[-1]) for where in uses.values() if where[0] < where[-1]})


def _with_constants(trace: Trace, node: fx.Node) -> list[fx.Node]:
    found, stack = [node], [node]
    while stack:
        for argument in stack.pop().all_input_nodes:
            if argument not in trace.carrying and argument not in found:
                found.append(argument)
                stack.append(argument)
    return found


def _facts_portable(trace: Trace, cut: fx.Node) -> bool:
    after = (n for n in trace.live if trace.position[n] > trace.position[cut])
    users = [node for node in after if node in trace.carrying]
    return all(
        trace.portable(argument, cut)
        for node in users
        for argument in node.all_input_nodes
        if argument not in trace.carrying and argument not in trace.fixed
    )
