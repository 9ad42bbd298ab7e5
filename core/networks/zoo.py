"""Published weights in the cache of the library that has the network; nothing is ever downloaded."""

from pathlib import Path
from urllib.parse import urlsplit

import torch
import torchvision

from core.errors import BackboneError
from core.networks.state_file import check_unchanged, digest_of
from core.runs.pretrained import PretrainedWeights
from core.runs.settings import TORCHVISION, BackboneSpecification


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
    network = name.removeprefix(TORCHVISION)
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
        raise BackboneError(
            f"The weights {tag} of {network} are not in {found.parent}, and Branchwise downloads nothing. Fetch them "
            f"once with: python -c \"import torchvision; torchvision.models.get_model('{network}', weights='{tag}')\""
        )
    return found
