"""Whether a file is the one that a manifest names. Sources that run without this project hold this text, too."""

import hashlib

from core.errors import FamilyError


def check_content(name: str, content: bytes, size: int, sha256: str) -> None:
    """Check the content of a file.

    Args:
        name: Of the file.
        content: What it holds.
        size: Its bytes, as the manifest says.
        sha256: Its hash, as the manifest says.

    Raises:
        FamilyError: It is another one.
    """
    if len(content) != size:
        state = "truncated" if len(content) < size else "exchanged"
        raise FamilyError(
            f"{name} has {len(content):,} bytes, the manifest says {size:,}: it was {state}. Copy it again."
        )
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FamilyError(f"{name} has another SHA-256 than the manifest says: it was changed. Copy it again.")
