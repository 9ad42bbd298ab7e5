"""The exits of a traced network: which operators each path runs, and what they hold and cost."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torchvision
from torch import fx, nn

from core.errors import BackboneError
from core.families.multipath.exits import PRESETS, Exit, Preset, check_exits
from core.networks.cuts import owner, segments
from core.networks.inputs import Example
from core.networks.outputs import needed_by
from core.networks.trace import Trace, is_norm, trace
from core.networks.wrappers import Network, unwrapped


@dataclass(frozen=True, eq=False)
class Ladder:
    """A traced network with nested exits.

    Args:
        trace: The network.
        nodes: The node that each exit leaves behind, from the input.
        exits: What each path holds and costs.
    """

    trace: Trace
    nodes: tuple[fx.Node, ...]
    exits: tuple[Exit, ...]


def ladder(model: Network, example: Example, names: Sequence[str]) -> Ladder:
    """Return a network with exits behind the named modules.

    An exit behind a convolution inside a residual block takes the normalisation and the activation that
    follow it along, as in the paper. Every path is a part of the next one.

    Args:
        model: The network; a list or dictionary of modules is a chain.
        example: A tensor, a tuple of tensors, or a dictionary of them by name.
        names: Paths of modules, from the input on.

    Raises:
        BackboneError: The network can't be traced, has no such module, or an exit is not on the way to the next.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, §III-B, Eq 2.
    """
    check_exits(tuple(names))
    found = trace(unwrapped(model), example)
    nodes = tuple(_exit_node(found, name) for name in names)
    paths = [needed_by(node) for node in nodes]
    for i in range(1, len(names)):
        if nodes[i] is nodes[i - 1]:
            raise BackboneError(f'The exits "{names[i - 1]}" and "{names[i]}" are one place. Name it once.')
        if not paths[i - 1] < paths[i]:
            raise BackboneError(
                f'The exit "{names[i - 1]}" is not on the way to "{names[i]}". Name exits from the input on.'
            )
    return Ladder(
        found,
        nodes,
        tuple(_exit(found, name, node, path) for name, node, path in zip(names, nodes, paths, strict=True)),
    )


def preset_ladder(name: str) -> Ladder:
    """Return a network with the exits that the paper gives it.

    Args:
        name: One of ``PRESETS``.

    Raises:
        BackboneError: There is no such preset.
    """
    if name not in PRESETS:
        raise BackboneError(f'There is no preset "{name[:80]}". Choose from: {", ".join(PRESETS)}.')
    preset = PRESETS[name]
    return ladder(preset_network(preset), torch.zeros(2, 3, preset.size, preset.size), preset.exits)


def preset_network(preset: Preset) -> nn.Module:
    """Return the torchvision network of a preset with its stem of a 3×3 convolution, with random weights."""
    with torch.random.fork_rng(devices=[]):
        network: nn.Module = torchvision.models.get_model(preset.backbone, weights=None, **preset.arguments)
        path, first = next((path, part) for path, part in network.named_modules() if isinstance(part, nn.Conv2d))
        owner_path, _, name = path.rpartition(".")
        stem = nn.Conv2d(first.in_channels, first.out_channels, 3, stride=preset.stem_stride, padding=1, bias=False)
        setattr(network.get_submodule(owner_path), name, stem)
        return network


def _why_not(found: Trace, name: str) -> str:
    if name not in {path for path, _ in found.model.named_modules()}:
        return "does not exist"
    around = next((owner(node) for node in found.data if owner(node) and name.startswith(f"{owner(node)}.")), "")
    return f'lies inside "{around[:80]}", which is one piece' if around else "computes nothing that the output needs"


def _exit_node(found: Trace, name: str) -> fx.Node:
    inside = [node for node in found.data if owner(node) == name or owner(node).startswith(f"{name}.")]
    if not inside:
        raise BackboneError(f'No exit fits behind "{name[:80]}", which {_why_not(found, name)}. Name another.')
    node = inside[-1]
    if not found.readings[node].is_tensor:
        raise BackboneError(f'The module "{name[:80]}" does not give one tensor. Put the exit behind another.')
    if not found.weighted(node) and not _normalises(found, node):
        return node
    while True:
        users = [user for user in node.users if user in found.carrying]
        if len(users) != 1 or not _follows(found, node, users[0]):
            return node
        node = users[0]


def _follows(found: Trace, node: fx.Node, user: fx.Node) -> bool:
    """Return whether an operator only normalises or activates what one node gives."""
    if _normalises(found, user):
        return True
    alone = [argument for argument in user.all_input_nodes if argument in found.carrying] == [node]
    holds = found.weighted(user) or bool(found.parameters_of(user))
    same = found.readings[user].is_tensor and found.shape(user) == found.shape(node)
    return alone and same and not holds


def _normalises(found: Trace, node: fx.Node) -> bool:
    module = found.module_of(node)
    return module is not None and is_norm(module)


def _beside(found: Trace, node: fx.Node, path: frozenset[fx.Node]) -> frozenset[fx.Node]:
    """Return what can run beside a path inside the residual block that its exit lies in."""
    block = next((piece.nodes for piece in segments(found) if node in piece.nodes), ())
    beside: set[fx.Node] = set()
    for other in block:
        ready = all(argument in path or argument in beside for argument in other.all_input_nodes)
        if other not in path and ready and node not in other.all_input_nodes:
            beside.add(other)
    return frozenset(beside)


def _exit(found: Trace, name: str, node: fx.Node, path: frozenset[fx.Node]) -> Exit:
    published = path | _beside(found, node, path)
    return Exit(
        name=name,
        params=_params(found, path),
        macs=_macs(found, path),
        published_params=_params(found, published),
        published_macs=_macs(found, published),
        output_shape=found.shape(node),
    )


def _params(found: Trace, nodes: frozenset[fx.Node]) -> int:
    held = {id(p): p.numel() for node in nodes for p in found.parameters_of(node)}
    return sum(held.values())


def _macs(found: Trace, nodes: frozenset[fx.Node]) -> int:
    return sum(found.readings[node].macs for node in nodes if node in found.readings)
