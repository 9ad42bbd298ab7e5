"""Published weights in the cache of the library that has the network; nothing is ever downloaded."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import torch
import torchvision

from core.errors import BackboneError
from core.networks.state_file import check_unchanged, digest_of
from core.runs.backbone_specification import DILATED, TIMM, TORCHVISION, BackboneSpecification
from core.runs.pretrained import PretrainedWeights

_SHOWN: Final = 12
# What repositories of timm call their weights, the newer first.
_TIMM_FILES: Final = ("model.safetensors", "pytorch_model.bin")


def with_zoo_fingerprint(backbone: BackboneSpecification) -> BackboneSpecification:
    """Return a backbone that says which file of published weights is meant; call it before keys are made.

    Raises:
        BackboneError: There are no such weights, or they are not in the cache.
    """
    weights = backbone.weights
    if weights is None or not weights.zoo or weights.fingerprint:
        return backbone
    digest = digest_of(_cached(backbone.name, weights.zoo))
    return backbone.model_copy(update={"weights": weights.model_copy(update={"fingerprint": digest})})


def zoo_file(name: str, weights: PretrainedWeights) -> Path:
    """Return the file of published weights of a network.

    Args:
        name: Of the network, as a study has it.
        weights: What they are called.

    Raises:
        BackboneError: There are none of that name, they are not in the cache, or are not those of the study.
    """
    path = _cached(name, weights.zoo)
    check_unchanged(path, weights.fingerprint)
    return path


def _cached(name: str, tag: str) -> Path:
    if name.startswith(TIMM):
        return _of_timm(name.removeprefix(TIMM).partition(".")[0], tag)
    return _of_torchvision(name.removeprefix(TORCHVISION).removeprefix(DILATED), tag)


def _of_torchvision(network: str, tag: str) -> Path:
    try:
        known = torchvision.models.get_model_weights(network)
    except ValueError:
        raise BackboneError(f'torchvision has no network "{network}". Choose one such as resnet18.') from None
    if tag not in known.__members__:
        raise BackboneError(
            f'torchvision has no weights "{tag}" of {network}. Choose from: {", ".join(known.__members__)}.'
        )
    found = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlsplit(str(known[tag].url)).path).name
    if not found.is_file():
        raise _not_there(
            f"{tag} of {network}",
            str(found.parent),
            f"import torchvision; torchvision.models.get_model('{network}', weights='{tag}')",
        )
    return found


def _of_timm(network: str, tag: str) -> Path:
    try:
        import timm
        from huggingface_hub import constants, try_to_load_from_cache
    except ImportError:
        raise BackboneError(
            f'"timm:{network}" needs the package timm, which is not installed. Write: pip install timm'
        ) from None
    tags = [name.partition(".")[2] for name in timm.list_pretrained(f"{network}.*")]
    if tag not in tags:
        shown = ", ".join(tags[:_SHOWN]) + (f" and {len(tags) - _SHOWN} more" if len(tags) > _SHOWN else "")
        raise BackboneError(
            f'timm has no weights "{tag}" of {network}. '
            + (f"Choose from: {shown}." if tags else "It has none of this network: name a file.")
        )
    config = timm.get_pretrained_cfg(f"{network}.{tag}")
    assert config is not None
    for file in (config.hf_hub_filename,) if config.hf_hub_filename else _TIMM_FILES:
        found = try_to_load_from_cache(str(config.hf_hub_id), file)
        if isinstance(found, str):
            return Path(found)
    raise _not_there(
        f"{tag} of {network}",
        constants.HF_HUB_CACHE,
        f"import timm; timm.create_model('{network}.{tag}', pretrained=True)",
    )


def _not_there(what: str, where: str, command: str) -> BackboneError:
    return BackboneError(
        f"The weights {what} are not in {where}, and Branchwise downloads nothing. "
        f'Fetch them once with: python -c "{command}"'
    )
