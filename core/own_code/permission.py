"""Whether this process may import own code, and from which folders: not at all unless its owner said so."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import CodeError

# Set by ``branchwise app --own-code``: the folder that the owner of a dashboard may import modules from.
VARIABLE: Final = "BRANCHWISE_OWN_CODE"
# What the owner allowed, the last one last; None where nothing may be imported. Runs are executed one at a time.
_ALLOWED: Final[list[tuple[Path, ...] | None]] = [None]


@contextmanager
def permitted(roots: Sequence[Path | str] | None) -> Iterator[None]:
    """Allow own code to be imported inside, as the owner of this machine said.

    Args:
        roots: Folders that it may lie in besides the installed packages; None allows nothing.
    """
    paths = list(sys.path)
    _ALLOWED.append(None if roots is None else tuple(Path(root) for root in roots))
    try:
        yield
    finally:
        _ALLOWED.pop()
        sys.path[:] = paths


def permitted_roots(reference: str) -> tuple[Path, ...]:
    """Return the folders that own code may be imported from here.

    Args:
        reference: What is to be imported.

    Raises:
        CodeError: Its owner did not say that it may be run.
    """
    roots = _ALLOWED[-1]
    if roots is None:
        raise CodeError(not_permitted_words(reference))
    return roots


def not_permitted_words(reference: str) -> str:
    """Return why own code is not run, and how its owner says that it may."""
    return (
        f'The study uses "{reference[:80]}", code that is not part of Branchwise, which is only run where the owner of '
        "the machine says so. There, train it with: branchwise run STUDY.toml"
    )
