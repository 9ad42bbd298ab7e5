"""Whether anything can be written to a home."""

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from core.studies.home import DATABASE_FILE, FULL, VARIABLE

# What the database and its log need to take a result; below it, writing fails halfway.
LEAST_FREE: Final = 4_000_000
_PROBE = b"\0" * 65536


def why_read_only(folder: Path) -> str:
    """Return why nothing can be written to a home, as a sentence; an empty text where something can.

    A folder that does not exist yet is as its nearest parent; nothing is made then.

    Args:
        folder: A home.
    """
    way_out = f"Make room, or set {VARIABLE} to a folder on another disk; interrupted runs continue then"
    reason = f"The disk of {folder} is full"
    try:
        place = folder
        while not place.exists() and place != place.parent:
            place = place.parent
        disk = shutil.disk_usage(place)
        # Some file systems don't say how large they are.
        if disk.total and disk.free < LEAST_FREE:
            return f"{reason}, so nothing can be stored or trained. {way_out}."
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK) or not _is_writable(folder / DATABASE_FILE):
            raise PermissionError(errno.EROFS, "")
        # A quota shows only when something is written. The file has no name and leaves nothing behind.
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(_PROBE)
            probe.flush()
    except OSError as fault:
        if fault.errno not in FULL:
            reason = f"The folder {folder} is read-only"
            way_out = f"Make it writable, or set {VARIABLE} to a folder you may write to"
        return f"{reason}, so nothing can be stored or trained. {way_out}."
    return ""


def _is_writable(file: Path) -> bool:
    return not file.exists() or os.access(file, os.W_OK)
