"""Files that a user names: regular ones, of bounded size, never a device or a pipe without an end."""

import errno
import stat
from pathlib import Path


def regular(path: Path) -> Path:
    """Return the path of a file that may be opened: reading a device or a pipe might never end.

    Raises:
        OSError: It can't be read, or is a folder, a device or a pipe.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder", str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, no regular file", str(path))
    return path


def bounded_bytes(path: Path, most: int) -> bytes:
    """Return the content of a file; of one larger than ``most`` bytes only the first ``most + 1``.

    Raises:
        OSError: The file can't be read, or is a folder, a device or a pipe.
    """
    with regular(path).open("rb") as file:
        return file.read(most + 1)
