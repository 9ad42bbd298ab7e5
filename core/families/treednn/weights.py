"""Trained weights of a TreeDNN on disk: read them, and load them into a module."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import nn

from core.errors import FamilyError

Weights = Mapping[str, torch.Tensor]


def read_weights(path: Path) -> Weights | None:
    """Return the weights in a safetensors file; None where it is missing or damaged."""
    try:
        return load(path.read_bytes())
    except (OSError, SafetensorError):
        return None


def fill(module: nn.Module, state: Weights) -> None:
    """Load trained weights into a module.

    Raises:
        FamilyError: Names or shapes are those of another module.
    """
    try:
        module.load_state_dict(dict(state))
    except RuntimeError:
        raise FamilyError("The weights that this run starts from are of another TreeDNN. Train them again.") from None
