"""The folder where Branchwise stores its results."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import platformdirs

from core.errors import DiskError, StudyError

VARIABLE = "BRANCHWISE_HOME"
DATABASE_FILE = "studies.sqlite"
# Folders next to the database: drawn data sets, unfinished trainings, trained networks.
CACHE = "cache"
CHECKPOINTS = "checkpoints"
WEIGHTS = "weights"
# Pictures and profiles of studies.
ARTEFACTS = "artefacts"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
# Less what the user's mask takes away.
SHARED_FOLDER = 0o777
SHARED_FILE = 0o666
# A full disk, a used-up quota, a limit on the size of files; a read-only or failing disk.
FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
DISK_FAULTS: Final = (*FULL, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
# Homes that this process has looked at.
_PRIVATE: set[Path] = set()


def home() -> Path:
    """Return the folder of the study database and its artefacts; it need not exist yet.

    It is ``BRANCHWISE_HOME`` where that is set, else the platform's user data folder.

    Raises:
        StudyError: No folder can have that name.
    """
    chosen = os.environ.get(VARIABLE, "").strip()
    if not chosen:
        return platformdirs.user_data_path("branchwise", False)
    try:
        folder = Path(chosen).expanduser().absolute()
        # The longest name that is made there.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            (folder / f"{DATABASE_FILE}-journal").stat()
    except (OSError, RuntimeError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        raise StudyError(
            f'{VARIABLE} is "{chosen[:80]}", which can\'t be a folder: {reason}. Set it to a folder you may write to.'
        ) from None
    return folder


def made(folder: Path, *, shared: bool = False) -> Path:
    """Return ``folder`` after making it and checking that files can be written into it.

    Args:
        folder: Its path.
        shared: Whether it is no part of the home: others may look into it when it is new.

    Raises:
        DiskError: It can't be made or written to.
    """
    # A folder that is shared was named for this once; the home is where a variable says.
    way_out = "Choose a folder you may write to." if shared else f"Set {VARIABLE} to a folder you may write to."
    try:
        folder.mkdir(mode=SHARED_FOLDER if shared else PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as fault:
        raise disk_error(fault, f"The folder {folder} can't be made: {fault.strerror}. {way_out}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise DiskError(f"The folder {folder} is read-only. {way_out}")
    return folder


def disk_error(fault: OSError, sentence: str) -> StudyError:
    """Return an error that says whether the disk is the cause, so that who tries again later can succeed."""
    return DiskError(sentence) if fault.errno in DISK_FAULTS else StudyError(sentence)


def keep_private(folder: Path) -> None:
    """Let nobody but its owner read a home and what Branchwise wrote into it; earlier versions left both readable.

    Only where there is a database, and only the files that are ours: the variable may name any folder. Once per
    process and folder; what can't be changed, as on a read-only disk, stays as it is.

    Args:
        folder: A home.
    """
    if folder in _PRIVATE:
        return
    with contextlib.suppress(OSError):
        if not (folder / DATABASE_FILE).exists():
            return
        _PRIVATE.add(folder)
        # A folder that everybody may write to, such as /tmp, belongs to everybody.
        if not folder.stat().st_mode & stat.S_ISVTX:
            _close(folder)
        for path in _ours(folder):
            if not path.is_symlink():
                _close(path)


def _close(path: Path) -> None:
    # What its owner made read-only stays read-only.
    path.chmod(path.stat().st_mode & stat.S_IRWXU)


def _ours(folder: Path) -> Iterator[Path]:
    yield from folder.glob(f"{DATABASE_FILE}*")
    yield from folder.glob("*.log")
    for name in (CACHE, CHECKPOINTS, WEIGHTS, ARTEFACTS):
        if (folder / name).is_dir():
            yield folder / name
            yield from (folder / name).rglob("*")


def write_whole(path: Path, content: bytes, *, shared: bool = False) -> None:
    """Write a file under a temporary name and rename it, so that no reader ever finds half of it.

    Args:
        path: Of the file.
        content: What to write.
        shared: Whether others may read it, as usual for files of this user; only its owner may otherwise.

    Raises:
        DiskError: The folder can't be written to, or the disk is full.
    """
    made(path.parent, shared=shared)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        draft.touch(mode=SHARED_FILE if shared else PRIVATE_FILE)
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            # Without it a power cut could leave the new name with nothing behind it.
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as fault:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise disk_error(
            fault, f"{path} can't be written: {fault.strerror}. Free some space or choose another."
        ) from None
