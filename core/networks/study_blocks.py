"""The blocks of a backbone by the name that a study uses."""

import torch
from torch import nn

from core.backbones.backbone import joined_name
from core.networks.pretrained import start_from
from core.networks.small import small_residual
from core.networks.traced_network import shrink_stem, torchvision_network, traced_backbone
from core.networks.tracing import detect
from core.runs.backbone_specification import MOST_SMALL
from core.runs.settings import SMALL_RESIDUAL
from core.studies.specification import BackboneSpecification

SMALL = SMALL_RESIDUAL


def blocks_of(specification: BackboneSpecification, size: tuple[int, int]) -> list[nn.Module]:
    """Return the blocks of a backbone, with torch's present random numbers as weights, or pretrained ones.

    Args:
        specification: Name, number of blocks, width, stem and weights.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The name is unknown, the network has too few branching points, or the weights don't fit.
        CodeError: It is its author's, and missing, not permitted here, or changed.
        DataError: The file of the weights is missing or outside the allowed folders.
    """
    return blocks_and_names(specification, size)[0]


def blocks_and_names(specification: BackboneSpecification, size: tuple[int, int]) -> tuple[list[nn.Module], list[str]]:
    """Return the blocks as ``blocks_of`` does, and what they are called in the network that they are cut out of.

    Raises:
        BackboneError: The name is unknown, the network has too few branching points, or the weights don't fit.
        CodeError: It is its author's, and missing, not permitted here, or changed.
        DataError: The file of the weights is missing or outside the allowed folders.
    """
    known: tuple[str, ...] = ()
    if specification.is_traced:
        traced = traced_backbone(specification, size)
        found, known = list(traced.blocks), traced.tensor_names
        names = [block.name for block in traced.backbone.blocks]
    else:
        found = small_residual(specification.width, blocks=specification.blocks)
        merged = MOST_SMALL - specification.blocks
        first = joined_name("stem", f"residual {merged}") if merged else "stem"
        names = [first, *(f"residual {number}" for number in range(merged + 1, MOST_SMALL))]
    if specification.weights is not None:
        start_from(found, specification.weights, specification.name, known)
    return found, names


def torchvision_blocks(
    name: str,
    n_blocks: int,
    *,
    size: tuple[int, int] = (32, 32),
    stem: str = "small",
) -> list[nn.Module]:
    """Return a classification network of torchvision, untrained, cut into blocks of nearly equal MACs.

    Args:
        name: What torchvision calls it, such as ``resnet18``.
        n_blocks: How many blocks to merge its pieces to.
        size: Height and width of the pictures.
        stem: ``small`` lets the first convolution, and a pooling right behind it, keep the
            size of small pictures; ``original`` leaves both.

    Raises:
        BackboneError: torchvision has no such network, it can't be traced on such pictures,
            or it has fewer branching points.
    """
    model = torchvision_network(name)
    if stem == "small":
        shrink_stem(model)
    traced = detect(model, torch.zeros(2, 3, *size), name=name)
    return list(traced.merge_to(n_blocks).blocks)
