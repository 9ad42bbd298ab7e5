"""Files out of the page cache, so that the next read comes from the disk."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.families.switching.report import Cold

_PROBES = 8
_ATTEMPTS = 5


def drop(paths: Iterable[Path]) -> None:
    """Ask the system to drop files from the page cache; nothing where it has no such call."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in paths:
        with _opened(path) as descriptor:
            # What was not yet written can't be dropped.
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def how_cold(path: Path) -> Cold:
    """Return whether dropping works for a file: it is read, dropped, and looked for."""
    if not hasattr(os, "posix_fadvise"):
        return Cold.UNAVAILABLE
    path.read_bytes()
    if not _is_cached(path):
        return Cold.ASKED
    # On a busy machine another processor may hold a page for a moment.
    for _ in range(_ATTEMPTS):
        drop([path])
        if not _is_cached(path):
            return Cold.CONFIRMED
        path.read_bytes()
    return Cold.STILL_THERE


def _is_cached(path: Path) -> bool:
    """Return whether every probed page is in the page cache; false also where that is unknown."""
    if not hasattr(os, "preadv") or not hasattr(os, "RWF_NOWAIT"):
        return False
    size = path.stat().st_size
    with _opened(path) as descriptor:
        for probe in range(_PROBES):
            try:
                os.preadv(descriptor, [bytearray(1)], size * probe // _PROBES, os.RWF_NOWAIT)
            except OSError:
                return False
    return True


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
