"""Blocks that start from pretrained weights."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, fx, nn

from core.data_roots import allowed
from core.errors import BackboneError
from core.networks.rates import set_rate
from core.networks.state_file import check_unchanged, read_state
from core.networks.zoo import zoo_file
from core.runs.pretrained import PretrainedWeights

# Files of early versions of torch lack it, and nothing that is computed here depends on it.
_NOT_NEEDED: Final = "num_batches_tracked"


def start_from(blocks: Sequence[nn.Module], weights: PretrainedWeights, name: str, known: Collection[str] = ()) -> None:
    """Give blocks pretrained weights in place, freeze the first of them, and set how fast the others learn.

    Every tensor of the blocks must be in the file, in its shape. The file may have other modules besides, as the
    classifier that has been cut off, but no more of those that the blocks have: these are of a larger network.
    Names may have a common prefix, as ``module.`` or ``model.``.

    Args:
        blocks: With random weights.
        weights: Which ones, and how they learn.
        name: Of the network, as a study has it.
        known: Names of all tensors of the whole network; those of the blocks where it has no others.

    Raises:
        DataError: The file is missing or outside the allowed folders.
        BackboneError: It is damaged, another one than the study was made with, or of another network.
    """
    path = _own_file(weights) if weights.file else zoo_file(name, weights)
    own = dict(_named_tensors(blocks))
    prefix, found = _without_prefix(read_state(path), own)
    needed = [key for key in own if (not known or key in known) and not key.endswith(_NOT_NEEDED)]
    missing = [key for key in needed if key not in found]
    if missing:
        raise BackboneError(
            f'{path.name} has no "{prefix}{missing[0]}", which {name} needs ({len(missing)} of {len(needed)} tensors '
            "are missing). Name weights of the same network."
        )
    inside = {key.partition(".")[0] for key in own}
    strange = [key for key in found if key not in own and key not in known and key.partition(".")[0] in inside]
    if strange:
        raise BackboneError(
            f'{path.name} has "{prefix}{strange[0]}"{_more(strange)}, which {name} has not: it is of another network. '
            "Name weights of the same network."
        )
    for key, tensor in own.items():
        if key in found:
            _copy(key, found[key], tensor, path.name)
    for number, block in enumerate(blocks):
        set_rate(block, 0.0 if number < weights.freeze else weights.rate)


def _own_file(weights: PretrainedWeights) -> Path:
    path = allowed(weights.file)
    check_unchanged(path, weights.fingerprint)
    return path


def _copy(key: str, given: Tensor, own: Tensor, file: str) -> None:
    if given.shape != own.shape:
        raise BackboneError(
            f'"{key}" in {file} is {_size(given)} and {_size(own)} in the network. Name weights of the same network.'
        )
    if given.layout is not torch.strided or given.is_quantized or given.is_complex() or given.is_meta:
        raise BackboneError(f'"{key}" in {file} is no plain tensor. Save the weights as floating-point numbers.')
    if not bool(torch.isfinite(given).all()):
        raise BackboneError(f'"{key}" in {file} holds values that are no numbers. Name weights that work.')
    fitting = given.to(own.dtype)
    if not bool(torch.isfinite(fitting).all()):
        # Finite in the eight bytes of the file, infinite in the four of the network.
        raise BackboneError(
            f'"{key}" in {file} holds numbers up to {float(given.abs().max()):.3g}, too large for the network: '
            f"it computes with {own.element_size()} bytes for each. Name weights that work."
        )
    with torch.no_grad():
        own.copy_(fitting)


def _named_tensors(blocks: Sequence[nn.Module]) -> Iterator[tuple[str, Tensor]]:
    """Return the tensors of blocks by their names in the whole network; of a chain by block and name in it."""
    for number, block in enumerate(blocks):
        paths = dict(_paths(block)) if isinstance(block, fx.GraphModule) else {"": str(number)}
        for name, tensor in block.state_dict(keep_vars=True).items():
            inside = next((target for target in _prefixes(name) if target in paths), None)
            if inside is None:
                raise BackboneError(f'The tensor "{name[:80]}" of block {number} has no name in the network.')
            rest = name[len(inside) :].strip(".")
            yield f"{paths[inside]}.{rest}".strip("."), tensor


def _paths(block: fx.GraphModule) -> Iterator[tuple[str, str]]:
    """Return what a traced block calls its modules and tensors, and what the network called them."""
    for node in block.graph.nodes:
        if node.op in ("call_module", "get_attr"):
            yield str(node.target), str(node.meta["network_path"])


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [*(".".join(parts[:n]) for n in range(len(parts), 0, -1)), ""]


def _without_prefix(state: dict[str, Tensor], own: Collection[str]) -> tuple[str, dict[str, Tensor]]:
    """Return the prefix that most tensors have before the names of the network, and those tensors without it."""
    first = next(iter(own))
    prefixes = ["", *(key[: -len(first)] for key in state if key.endswith(f".{first}"))]
    prefix = max(prefixes, key=lambda each: sum(each + key in state for key in own))
    return prefix, {key[len(prefix) :]: tensor for key, tensor in state.items() if key.startswith(prefix)}


def _more(keys: Sequence[str]) -> str:
    return f" and {len(keys) - 1} more" if len(keys) > 1 else ""


def _size(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one number"
