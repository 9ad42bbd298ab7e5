"""The network that a study's backbone is traced from: of torchvision, of timm, or of the study's author."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import torch
import torchvision
from torch import nn

from core.backbones import Backbone
from core.backbones.foreign_call import TIMM_WEIGHTS
from core.errors import BackboneError, CodeError
from core.networks.dilated_resnet import dilated_resnet
from core.networks.thin_vgg import thin_vgg16
from core.networks.tracing import AUTO, NONE, TracedBackbone, detect
from core.networks.wrappers import Network, unwrapped
from core.own_code.called import answered, first_line, imported
from core.own_code.permission import permitted_roots
from core.runs.backbone_specification import THIN_VGG, BackboneSpecification, Cut

_SHOWN: Final = 12


def traced_backbone(specification: BackboneSpecification, size: tuple[int, int]) -> TracedBackbone:
    """Return the blocks of a study's backbone and its head, with torch's present random numbers as weights.

    Args:
        specification: A backbone that is traced.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The network is unknown, can't be made or traced, or has too few branching points.
        CodeError: It is its author's, and missing, not permitted here, or changed.
    """
    # What follows the last block of the thin VGG-16 is one layer per task.
    head = NONE if specification.name == THIN_VGG else AUTO
    found = detect(network_of(specification, size), torch.zeros(2, 3, *size), name=specification.name, head=head)
    if specification.cuts:
        return found.merge(starts_of(specification.cuts, found.backbone))
    return found.merge_to(specification.blocks)


def network_of(specification: BackboneSpecification, size: tuple[int, int]) -> nn.Module:
    """Return the whole network, untrained, as it is traced.

    Args:
        specification: A backbone that is traced.
        size: Height and width of the pictures.

    Raises:
        BackboneError: The network is unknown or can't be made.
        CodeError: It is its author's, and missing, not permitted here, or changed.
    """
    if specification.reference:
        network = own_network(specification.reference, specification.args, specification.code)
    elif specification.timm_name:
        permitted_roots(specification.needs_permission)
        network = timm_network(specification.timm_name, specification.args, size)
    elif specification.name == THIN_VGG:
        network = nn.Sequential(*thin_vgg16(specification.width))
    elif specification.dilated_name:
        network = dilated_resnet(specification.dilated_name)
    else:
        network = torchvision_network(specification.torchvision_name)
    if specification.shrinks_stem:
        shrink_stem(network)
    return network


def own_network(reference: str, arguments: Mapping[str, Any], fingerprint: str = "") -> nn.Module:
    """Return the network, or modules as a chain, that a function of the study's author makes.

    Raises:
        CodeError: There is no such function, it is not permitted here, has changed, or makes no network.
    """
    # Importing may draw random numbers, but does so once in a process.
    with torch.random.fork_rng(devices=[]):
        function = imported(reference, fingerprint=fingerprint)
    if isinstance(function, nn.Module) or not callable(function):
        raise CodeError(
            f"{reference[:80]} is a {type(function).__name__}. Name a function that makes a new network at every call, "
            "so that each has random weights of its own."
        )
    with _same_numbers():
        made: Network = answered(reference, function, arguments)
    try:
        return unwrapped(made)
    except BackboneError as fault:
        raise CodeError(f"{reference[:80]} makes no network: {fault}") from None


@contextmanager
def _same_numbers() -> Iterator[None]:
    """Seed the random numbers of Python and NumPy by torch's seed inside: initial weights may come from them."""
    before, drawn = random.getstate(), np.random.get_state()  # noqa: NPY002  # what the network's author calls
    random.seed(torch.initial_seed())
    np.random.seed(torch.initial_seed() % 2**32)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(drawn)  # noqa: NPY002


def timm_network(name: str, arguments: Mapping[str, Any], size: tuple[int, int]) -> nn.Module:
    """Return a network of timm, untrained; one that is made for one size is made for that of the pictures.

    Raises:
        BackboneError: timm is not installed, has no such network, or can't make it.
    """
    try:
        import timm
    except ImportError:
        raise BackboneError(
            f'"timm:{name}" needs the package timm, which is not installed. Write: pip install timm'
        ) from None
    if not timm.is_model(name):
        near = ", ".join(timm.list_models(f"{name.split('_')[0]}*")[:5]) or "resnet18"
        raise BackboneError(f'timm {timm.__version__} has no network "{name}". Choose one such as {near}.')
    if refused := sorted(TIMM_WEIGHTS & arguments.keys()):
        raise BackboneError(f"timm:{name} is made without trained weights: args can't have {refused[0]}. Remove it.")
    chosen = timm_arguments(name, arguments, size)
    try:
        made: nn.Module = timm.create_model(name, pretrained=False, **chosen)
    except (Exception, SystemExit) as error:
        raise BackboneError(
            f"timm:{name} can't be made for pictures of {size[0]}×{size[1]}: {first_line(error)}. Check args and size."
        ) from error
    return made


def timm_arguments(name: str, arguments: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    """Return the arguments that a network of timm is made with; one that is made for one size is told it."""
    import timm

    config = timm.get_pretrained_cfg(name)
    usual = {"img_size": size} if config is not None and config.fixed_input_size else {}
    return {**usual, **arguments}


def torchvision_network(name: str) -> nn.Module:
    """Return a classification network of torchvision, untrained.

    Raises:
        BackboneError: There is no such network.
    """
    if name not in torchvision.models.list_models(module=torchvision.models):
        raise BackboneError(f'torchvision has no classification network "{name}". Choose one such as resnet18.')
    made: nn.Module = torchvision.models.get_model(name, weights=None)
    return made


def shrink_stem(model: nn.Module) -> None:
    """Make the first convolution, and a pooling right behind it, keep the size of small pictures."""
    first = next((module for module in model.modules() if isinstance(module, nn.Conv2d)), None)
    # A network that cuts its picture into patches has no stem to shrink.
    if first is None or first.stride == first.kernel_size:
        return
    first.stride = (1, 1)
    if isinstance(getattr(model, "maxpool", None), nn.MaxPool2d):
        model.maxpool = nn.Identity()


def starts_of(cuts: Sequence[Cut], backbone: Backbone) -> list[int]:
    """Return the indices of the blocks found that start a block of a study, the first of them 0.

    Args:
        cuts: Numbers or names of blocks, from the second block of the study on.
        backbone: The blocks found.

    Raises:
        BackboneError: There is no such block, or the cuts do not rise.
    """
    names = [block.name for block in backbone.blocks]
    starts = [0]
    for cut in cuts:
        if isinstance(cut, str) and cut not in names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            raise BackboneError(
                f'No block of {backbone.name[:80]} is called "{cut[:80]}". Its blocks are '
                f"{', '.join(names[1:_SHOWN])}{more}: see branchwise backbone."
            )
        index = names.index(cut) if isinstance(cut, str) else cut
        if not starts[-1] < index < len(names):
            raise BackboneError(
                f"The cut {str(cut)[:80]!r} is block {index} of {backbone.name[:80]}, which has the blocks 0 to "
                f"{len(names) - 1}. Cuts should rise, from 1 to {len(names) - 1}."
            )
        starts.append(index)
    return starts
