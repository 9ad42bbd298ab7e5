"""Tensors by name from a file of weights: safetensors, or what ``torch.save`` wrote; never code from a pickle."""

import hashlib
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from core.errors import BackboneError
from core.regular_file import regular

MOST_BYTES: Final = 8_000_000_000
_SUFFIX: Final = ".safetensors"


def read_state(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file of weights by their names, in memory.

    A checkpoint that holds the weights beside other things gives the part that has the most tensors.

    Args:
        path: A safetensors file where it ends in ``.safetensors``; else one of ``torch.save``.

    Raises:
        BackboneError: It can't be read, is too large, or is no such file.
    """
    try:
        size = regular(path).stat().st_size
        if size > MOST_BYTES:
            raise BackboneError(f"{path.name} has {size:,} bytes; weights of at most {MOST_BYTES:,} are read.")
        found = _of_safetensors(path) if path.suffix == _SUFFIX else _of_torch(path)
    except OSError as fault:
        raise BackboneError(f"The weights {path} can't be read: {fault.strerror}. Check the path.") from None
    if not found:
        raise BackboneError(
            f"{path.name} holds no tensors by name. Save the weights with torch.save(network.state_dict(), …)."
        )
    return found


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits.

    Raises:
        BackboneError: It can't be read.
    """
    try:
        with regular(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise BackboneError(f"The weights {path} can't be read: {fault.strerror}. Check the path.") from None


def check_unchanged(path: Path, fingerprint: str) -> None:
    """Check that a file of pretrained weights is the one that a study was made with, else raise BackboneError.

    Args:
        path: The file.
        fingerprint: Its SHA-256 when the study was made; nothing is checked where empty.
    """
    if fingerprint and digest_of(path) != fingerprint:
        raise BackboneError(
            f"The pretrained weights in {path} have changed since the study was made, so its results would not fit. "
            "Bring the old file back, or make a new study."
        )


def _of_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, ValueError, RuntimeError, KeyError):
        raise BackboneError(f"{path.name} is no safetensors file, or is damaged. Save the weights again.") from None


def _of_torch(path: Path) -> dict[str, Tensor]:
    try:
        if zipfile.is_zipfile(path):
            # Entries that are packed could unpack to anything.
            with zipfile.ZipFile(path) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MOST_BYTES:
                raise BackboneError(f"{path.name} unpacks to {unpacked:,} bytes; at most {MOST_BYTES:,} are read.")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document: Any = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, BackboneError):
        raise
    except Exception:  # what is wrong with a file of others can be anything
        raise BackboneError(
            f"{path.name} can't be read as weights alone: it is damaged, or a whole network or other objects were "
            "saved, which could run code. Save torch.save(network.state_dict(), …) or a safetensors file."
        ) from None
    return max((_tensors(part) for part in _parts(document)), key=len, default={})


def _parts(document: Any) -> list[Any]:  # noqa: ANN401  # any decoded document
    inside = [part for part in document.values() if isinstance(part, Mapping)] if isinstance(document, Mapping) else []
    return [document, *inside]


def _tensors(part: Any) -> dict[str, Tensor]:  # noqa: ANN401  # any decoded document
    if not isinstance(part, Mapping):
        return {}
    return {name: value for name, value in part.items() if isinstance(name, str) and isinstance(value, Tensor)}
