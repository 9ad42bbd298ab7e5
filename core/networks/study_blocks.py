"""The blocks of a backbone by the name that a study uses."""

import torch
import torchvision
from torch import nn

from core.errors import BackboneError
from core.networks.pretrained import start_from
from core.networks.small import small_residual
from core.networks.tracing import detect
from core.runs.pretrained import PretrainedWeights
from core.studies.specification import BackboneSpecification

SMALL = "small-residual"
_TORCHVISION = "torchvision:"


def blocks_of(specification: BackboneSpecification, size: tuple[int, int]) -> list[nn.Module]:
    """Return the blocks of a backbone, with torch's present random numbers as weights, or pretrained ones.

    Args:
        specification: Name, number of blocks, width, stem and weights.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The name is unknown, the network has too few branching points, or the weights don't fit.
        DataError: The file of the weights is missing or outside the allowed folders.
    """
    weights = specification.weights
    if specification.name.startswith(_TORCHVISION):
        name = specification.name.removeprefix(_TORCHVISION)
        return torchvision_blocks(name, specification.blocks, size=size, stem=specification.stem, weights=weights)
    found = small_residual(specification.width)
    if specification.blocks != len(found):
        raise BackboneError(
            f'The backbone "{SMALL}" has {len(found)} blocks, not {specification.blocks}. Write blocks = {len(found)}.'
        )
    if weights is not None:
        start_from(found, weights, SMALL)
    return found


def torchvision_blocks(
    name: str,
    n_blocks: int,
    *,
    size: tuple[int, int] = (32, 32),
    stem: str = "small",
    weights: PretrainedWeights | None = None,
) -> list[nn.Module]:
    """Return a classification network of torchvision, cut into blocks of nearly equal MACs.

    Args:
        name: What torchvision calls it, such as ``resnet18``.
        n_blocks: How many blocks to merge its pieces to.
        size: Height and width of the pictures.
        stem: ``small`` lets the first convolution, and a pooling right behind it, keep the
            size of small pictures; ``original`` leaves both.
        weights: Which ones to start from; torch's present random numbers where None.

    Raises:
        BackboneError: torchvision has no such network, it can't be traced on such pictures,
            or it has fewer branching points.
    """
    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        raise BackboneError(f'torchvision has no classification network "{name}". Choose one such as resnet18.')
    model = torchvision.models.get_model(name, weights=None)
    if stem == "small":
        shrink_stem(model)
    traced = detect(model, torch.zeros(2, 3, *size), name=name)
    blocks = list(traced.merge_to(n_blocks).blocks)
    if weights is not None:
        start_from(blocks, weights, f"{_TORCHVISION}{name}", model.state_dict().keys())
    return blocks


def shrink_stem(model: nn.Module) -> None:
    """Make the first convolution, and a pooling right behind it, keep the size of small pictures."""
    first = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
    # A network that cuts its picture into patches has no stem to shrink.
    if first is None or first.stride == first.kernel_size:
        return
    first.stride = (1, 1)
    if isinstance(getattr(model, "maxpool", None), nn.MaxPool2d):
        model.maxpool = nn.Identity()
