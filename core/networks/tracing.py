"""The branching-point detector: any network becomes a chain of blocks and a head."""

import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torchvision
from torch import Tensor, nn

from core.backbones.backbone import Backbone, Block, equal_runs, joined_name
from core.errors import BackboneError
from core.networks.cuts import Segment, block_ends, head_start, named_head_start, segments, weighted_paths
from core.networks.inputs import Example, Inputs
from core.networks.piece import Piece, make_piece
from core.networks.state import evaluating
from core.networks.trace import Trace, trace
from core.networks.wrappers import Network, is_list, unwrapped

AUTO, NONE = "auto", "none"


@dataclass(frozen=True, eq=False)
class TracedBackbone:
    """A network cut into blocks and a head.

    The modules hold the network's own weights, not copies. Joined again, blocks and head
    give the network's output bit for bit, in evaluation and in training mode. Sizes that a
    later block takes from an earlier one, as networks do that scale their output to the
    input, are those of the example; so are all sizes in a network that asks for them.

    Args:
        backbone: Names, parameters, multiply-accumulates and shapes of the blocks.
        blocks: One module per block, one tensor to one tensor.
        head: What follows the last block; the identity if there is nothing.
        candidates: Names of all single-tensor cuts before the head, from the input; the last
            one is where the head starts.
        points: Indices of the candidates that end a block, rising.
        left_out: What of the network is in neither, in words: outputs, and weights that the kept ones don't need.
    """

    backbone: Backbone
    blocks: tuple[nn.Module, ...]
    head: nn.Module
    candidates: tuple[str, ...]
    points: tuple[int, ...]
    left_out: tuple[str, ...]
    _trace: Trace
    _pieces: tuple[Segment, ...]

    def forward(self, x: Example) -> Tensor | dict[str, Tensor]:
        """Return the output of the whole network: every block in turn, then the head.

        Args:
            x: What the network takes: a tensor, a tuple, or a dictionary by name.

        Returns:
            Its tensor, or its tensors by name where several outputs part behind the last block.
        """
        passed: Tensor = self.blocks[0](*Inputs.of(x).tensors)
        for block in self.blocks[1:]:
            passed = block(passed)
        out: Tensor | dict[str, Tensor] = self.head(passed)
        return out

    @property
    def whole(self) -> tuple[str, ...]:
        """Paths of modules that could not be opened: no branching point lies inside them."""
        return self._trace.whole

    @property
    def parts(self) -> bool:
        """Whether the head gives several outputs, by name."""
        return self._trace.parts

    @property
    def tensor_names(self) -> tuple[str, ...]:
        """What the network calls its weights and statistics."""
        return tuple(self._trace.model.state_dict())

    @property
    def trains(self) -> bool:
        """Whether the blocks were compared with the network in training mode too."""
        return self._trace.trains

    def merge(self, starts: Sequence[int]) -> "TracedBackbone":
        """Return the same network with blocks that start at ``starts``, indices of today's blocks.

        Raises:
            BackboneError: The indices do not rise from 0 or leave the backbone.
        """
        self.backbone.merged(starts)
        return self._cut([self.points[start - 1] for start in starts[1:]])

    def merge_to(self, n_blocks: int) -> "TracedBackbone":
        """Return the same network with ``n_blocks`` blocks of nearly equal multiply-accumulates.

        Raises:
            BackboneError: There are fewer blocks than that, or ``n_blocks`` is below one.
        """
        return self.merge(equal_runs([block.macs for block in self.backbone.blocks], n_blocks))

    def with_point(self, candidate: str) -> "TracedBackbone":
        """Return the same network with one more branching point, at one of ``candidates``.

        Raises:
            BackboneError: There is no such candidate.
        """
        return self._cut([*self.points[:-1], self._index(candidate)])

    def without_point(self, candidate: str) -> "TracedBackbone":
        """Return the same network without the branching point at ``candidate``: two blocks become one.

        Raises:
            BackboneError: No block ends there, or it is where the head starts.
        """
        index = self._index(candidate)
        if index not in self.points[:-1]:
            raise BackboneError(
                f'No two blocks meet at "{candidate}". They meet at '
                f"{', '.join(self.candidates[i] for i in self.points[:-1]) or 'no place: there is one block'}."
            )
        return self._cut([point for point in self.points[:-1] if point != index])

    def timed(self, *, repeats: int = 20) -> "TracedBackbone":
        """Return the same blocks with their latency on this machine: median seconds for one input.

        Args:
            repeats: Runs of each block, after one that is not counted.
        """
        times = measured_latency(self.blocks, self._trace.inputs.drawn(1, 0), repeats=repeats)
        blocks = tuple(replace(b, latency=t) for b, t in zip(self.backbone.blocks, times, strict=True))
        return replace(self, backbone=replace(self.backbone, blocks=blocks))

    def _cut(self, points: Sequence[int]) -> "TracedBackbone":
        return _assemble(self._trace, self._pieces, len(self.candidates), points, self.backbone)

    def _index(self, candidate: str) -> int:
        if candidate not in self.candidates:
            raise BackboneError(f'There is no cut "{candidate}". The cuts are {", ".join(self.candidates)}.')
        return self.candidates.index(candidate)


def detect(model: Network, example: Example, *, name: str = "", head: str = AUTO, builder: str = "") -> TracedBackbone:
    """Return the blocks of ``model`` between its branching points, and its head.

    First every node that all paths from the input to the output pass is a candidate; then
    pieces that hold nothing but parameter-free and normalisation operators join a
    neighbour. The model keeps its modes, weights and statistics. Of several outputs, see
    ``choose``: lists of feature maps give the deepest, others end the trunk where they part.

    Args:
        model: A network, or a list or dictionary of modules that run one after the other, of
            which each is a block if it holds weights. Parallel, averaging and compiling
            wrappers are removed.
        example: A batch of inputs: a tensor, a tuple of tensors, or a dictionary by name. Of
            a tensor of zeros only the shape matters.
        name: What to call it; the class of the model by default.
        head: Where the head starts: ``auto`` (see ``head_start``), ``none``, or the path of
            the first module that belongs to it.
        builder: Python expression that makes the model, kept in the profile.

    Raises:
        BackboneError: The model can't be traced, does not run on the example, or has no
            module at ``head``.

    Reference:
        A Tree-Structured Multi-Task Model Recommender, §3.3.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 8, 3), nn.Flatten(), nn.LazyLinear(2))
    >>> _ = net(torch.zeros(1, 3, 8, 8))
    >>> found = detect(net, torch.zeros(1, 3, 8, 8))
    >>> [(block.name, block.params, block.macs) for block in found.backbone.blocks]
    [('0', 112, 3888), ('2', 296, 4608)]
    """
    network = unwrapped(model)
    traced = trace(network, example)
    pieces = segments(traced)
    if not pieces:
        raise BackboneError(
            f"{type(network).__name__} returns its input as it is, without any operation. Give a network with layers."
        )
    start = _head_at(traced, pieces, head)
    body = pieces[:start]
    profile = Backbone(
        name=name or type(network).__name__,
        blocks=(Block("?", 0, 0),),
        input_shape=traced.inputs.shape,
        source=f"torch {torch.__version__}, torchvision {torchvision.__version__}",
        builder=builder,
    )
    ends = block_ends(body)
    if is_list(model):
        ends = [end for end in ends if _top(traced, pieces[: end + 1]) != _top(traced, pieces[end + 1 :], last=False)]
    return _assemble(traced, pieces, start, ends[:-1], profile)


def _top(traced: Trace, pieces: Sequence[Segment], *, last: bool = True) -> str:
    """Return the listed module that the weights of the last of some pieces belong to, or of the first."""
    paths = [path for piece in pieces for path in weighted_paths(traced, piece)]
    return paths[-1 if last else 0].partition(".")[0] if paths else ""


def measured_latency(blocks: Sequence[nn.Module], example: Tensor | Inputs, *, repeats: int = 20) -> list[float]:
    """Return the median seconds that each block takes for one input, ``[n_blocks]``.

    Args:
        blocks: A chain of modules.
        example: A batch of inputs, its first one is used; or one call.
        repeats: Runs of each block, after one that is not counted.
    """
    x, medians = [example[:1]] if isinstance(example, Tensor) else example.tensors, []
    for block in blocks:
        with evaluating(block), torch.inference_mode():
            out = block(*x)
            times = []
            for _ in range(repeats):
                begin = time.perf_counter()
                block(*x)
                times.append(time.perf_counter() - begin)
        medians.append(statistics.median(times))
        x = [out]
    return medians


def _head_at(traced: Trace, pieces: Sequence[Segment], head: str) -> int:
    if head == NONE and not traced.parts:
        return len(pieces)
    if head in (AUTO, NONE):
        return head_start(traced, pieces)
    start = named_head_start(pieces, head)
    if not start:
        found = "the input goes straight into it" if start == 0 else "no operator of the graph belongs to it"
        raise BackboneError(f'The head can\'t start at "{head}": {found}. Give the path of a later module, or "auto".')
    return start


def _assemble(
    traced: Trace, pieces: tuple[Segment, ...], n_body: int, points: Sequence[int], profile: Backbone
) -> TracedBackbone:
    ends = sorted({*points, n_body - 1})
    starts = [0, *(end + 1 for end in ends[:-1])]
    made = [make_piece(traced, pieces[a].start, pieces[b].end) for a, b in zip(starts, ends, strict=True)]
    blocks = tuple(
        Block(label, piece.params, piece.macs, traced.shape(pieces[end].end), cut=pieces[end].end.name)
        for label, piece, end in zip(
            _names(traced, pieces, list(zip(starts, ends, strict=True))), made, ends, strict=True
        )
    )
    rest = make_piece(traced, pieces[n_body].start, traced.output, "Head") if n_body < len(pieces) else None
    return TracedBackbone(
        backbone=replace(
            profile, blocks=blocks, head_params=rest.params if rest else 0, head_macs=rest.macs if rest else 0
        ),
        blocks=tuple(piece.module for piece in made),
        head=rest.module if rest else nn.Identity(),
        candidates=tuple(piece.end.name for piece in pieces[:n_body]),
        points=tuple(ends),
        left_out=_left_out(traced, [*made, *([rest] if rest else [])]),
        _trace=traced,
        _pieces=pieces,
    )


def _left_out(traced: Trace, pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Return what of a network is in none of its pieces, in words."""
    held = {id(p) for piece in pieces for p in piece.module.parameters()}
    unused: dict[str, int] = {}
    for path, module in traced.model.named_modules():
        own = [p for p in module.parameters() if id(p) not in held]
        inside = any(path == other or path.startswith(f"{other}.") for other in unused)
        if own and not inside and all(id(p) not in held for p in module.parameters()):
            unused[path] = sum(p.numel() for p in own)
        elif not inside:
            unused |= {
                f"{path}.{name}".lstrip("."): p.numel()
                for name, p in module.named_parameters(recurse=False)
                if id(p) not in held
            }
    outputs = [f'output "{name}"' for name in traced.left_out]
    return (*outputs, *(f"{path}, {count:,} unused parameters" for path, count in unused.items() if path))


def _names(traced: Trace, pieces: Sequence[Segment], runs: Sequence[tuple[int, int]]) -> list[str]:
    """Return for each block the path of the module that it is, else of its first and last ones."""
    paths = [[path for piece in pieces[a : b + 1] for path in weighted_paths(traced, piece)] for a, b in runs]
    shared = Counter(prefix for own in paths for prefix in {p for path in own for p in _prefixes(path)})
    names = []
    for (_, end), own in zip(runs, paths, strict=True):
        common = [p for p in _prefixes(own[0]) if all(p in _prefixes(path) for path in own)] if own else []
        mine = [prefix for prefix in common if shared[prefix] == 1]
        if not own:
            names.append(pieces[end].end.name)
        elif mine:
            names.append(mine[0])
        else:
            names.append(joined_name(own[0], own[-1]) if own[0] != own[-1] else own[0])
    return names


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
