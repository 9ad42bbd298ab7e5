"""Fingerprint of the file of pretrained weights that a study names."""

from pathlib import Path

from core.data.file_digests import file_digests
from core.data_roots import allowed
from core.errors import DataError
from core.runs.settings import BackboneSpecification


def weights_path(file: str, *, base: Path | None = None) -> Path:
    """Return where a file of pretrained weights is.

    Args:
        file: As a study says it.
        base: Folder that a relative path starts from; the present one by default.

    Raises:
        DataError: It is missing, or outside the allowed folders.
    """
    path = allowed((base or Path.cwd()) / Path(file).expanduser())
    if not path.exists():
        raise DataError(f"There is no file of weights {path}. Put it there, or name another.")
    return path


def with_weights_fingerprint(backbone: BackboneSpecification, *, base: Path | None = None) -> BackboneSpecification:
    """Return a backbone that says which state of its file of pretrained weights is meant; call it before keys are made.

    The path becomes absolute. Weights of a zoo, and those that have a fingerprint already, come back as they are.

    Args:
        backbone: Of any study.
        base: Folder that a relative path starts from; the present one by default.

    Raises:
        DataError: The file is missing, no regular file, or outside the allowed folders.
    """
    weights = backbone.weights
    if weights is None or not weights.file or weights.fingerprint:
        return backbone
    path = weights_path(weights.file, base=base)
    (digest,) = file_digests([path])
    marked = weights.model_copy(update={"file": str(path), "fingerprint": digest})
    return backbone.model_copy(update={"weights": marked})
