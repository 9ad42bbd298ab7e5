"""Drafts of files that killed processes have left behind."""

import contextlib
import os
import re
import stat
import time
from pathlib import Path
from typing import Final

# As files are named that are written whole: .NAME.PROCESS.LETTERS
_DRAFT: Final = re.compile(r"\..+\.([0-9]{1,10})\.[0-9a-f]{8}")
# The process may be one of another machine or container: its draft grows.
_QUIET_SECONDS: Final = 5.0


def remove_abandoned(folder: Path) -> None:
    """Remove the drafts in a folder whose processes are gone; what can't be removed stays."""
    with contextlib.suppress(OSError):
        for path in [*folder.iterdir()]:
            found = _DRAFT.fullmatch(path.name)
            if found and _is_gone(int(found[1])) and _is_quiet(path):
                with contextlib.suppress(OSError):
                    path.unlink()


def _is_gone(process: int) -> bool:
    # On other systems signal 0 would kill the process instead of testing it.
    if os.name != "posix" or process < 1:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _is_quiet(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > _QUIET_SECONDS
