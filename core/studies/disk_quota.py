"""How much disk space and memory Branchwise may use, as the owner of the machine says."""

import os
import shutil
from pathlib import Path
from typing import Final

from core.errors import JobError
from core.plain_number import plain_number
from core.studies.home import CACHE

VARIABLE: Final = "BRANCHWISE_QUOTA"
DEFAULT_GIGABYTES: Final = 20.0
MEMORY_VARIABLE: Final = "BRANCHWISE_MEMORY"
MEMORY_GIGABYTES: Final = 2.0
GIGABYTE: Final = 1e9


def quota_bytes() -> int:
    """Return the number of bytes that may be used: ``BRANCHWISE_QUOTA`` in gigabytes of 10⁹ bytes, 20 by default.

    Raises:
        JobError: The variable is no number above zero.
    """
    return _gigabytes(VARIABLE, DEFAULT_GIGABYTES)


def memory_bytes() -> int:
    """Return how large a data set may be that is kept in memory: ``BRANCHWISE_MEMORY`` in gigabytes, 2 by default.

    Raises:
        JobError: The variable is no number above zero.
    """
    return _gigabytes(MEMORY_VARIABLE, MEMORY_GIGABYTES)


def check_room(folder: Path, n_more: int) -> None:
    """Check that a folder of the home may take so many bytes more.

    Raises:
        JobError: The quota would be exceeded, or the disk has no room.
    """
    root = folder.parent if folder.name == CACHE else folder
    used, quota = sum(_size(path) for path in root.rglob("*")), quota_bytes()
    if used + n_more > quota:
        raise JobError(
            f"The data set takes {n_more / GIGABYTE:.3g} GB on disk, {root} has {used / GIGABYTE:.3g} GB already, and "
            f"{quota / GIGABYTE:.3g} GB may be used. Clean up on the page Studies, or set {VARIABLE} to more gigabytes."
        )
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if n_more > (free := shutil.disk_usage(there).free):
        raise JobError(
            f"The data set takes {n_more / GIGABYTE:.3g} GB, and the disk of {folder} has {free / GIGABYTE:.3g} GB "
            "left. Make room, or choose fewer or smaller pictures."
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() and not path.is_symlink() else 0
    except OSError:
        return 0


def _gigabytes(variable: str, default: float) -> int:
    text = os.environ.get(variable, "").strip()
    try:
        value = plain_number(text) if text else default
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise JobError(f'{variable} is "{text[:40]}". Write a number of gigabytes above zero, such as {default:g}.')
    return int(value * GIGABYTE)
