"""Which folders a data set may be read from: on a server that others use, only those its keeper names."""

import os
from pathlib import Path
from typing import Final

from core.errors import DataError, printable

VARIABLE: Final = "BRANCHWISE_DATA_ROOTS"


def data_roots() -> tuple[Path, ...]:
    """Return the folders of ``BRANCHWISE_DATA_ROOTS``, separated as in PATH; none where every folder is allowed.

    Raises:
        DataError: It is set and names no folder; that would allow every one.
    """
    chosen = os.environ.get(VARIABLE, "").strip()
    parts = [part.strip() for part in chosen.split(os.pathsep) if part.strip()]
    try:
        found = tuple(Path(part).expanduser().resolve() for part in parts)
    except (OSError, RuntimeError, ValueError):
        found = ()
    if chosen and not found:
        raise DataError(f'{VARIABLE} is "{_plain(chosen)}", which names no folder. Name one, or remove the variable.')
    return found


def allowed(path: str | Path) -> Path:
    """Return a path with ``..`` and symbolic links followed to where it really leads; it need not exist.

    Raises:
        DataError: The path leads out of the allowed folders, or nowhere.
    """
    try:
        real = Path(path).expanduser().resolve()
    except (OSError, RuntimeError, ValueError):
        raise DataError(f'The path "{_plain(path)}" leads nowhere. Check it.') from None
    roots = data_roots()
    if roots and not any(real.is_relative_to(root) for root in roots):
        shown = ", ".join(str(root) for root in roots)
        raise DataError(
            f'The path "{_plain(path)}" is outside the folders that data may be read from here ({shown}). '
            "Move the data there, or ask who runs this server."
        )
    return real


def _plain(path: str | Path) -> str:
    return printable(path, 200)
