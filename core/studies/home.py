"""The folder where Branchwise stores its results."""

import os
from pathlib import Path

import platformdirs

from core.errors import StudyError

VARIABLE = "BRANCHWISE_HOME"
DATABASE_FILE = "studies.sqlite"
# Folders next to the database: drawn data sets, unfinished trainings, trained networks.
CACHE = "cache"
CHECKPOINTS = "checkpoints"
WEIGHTS = "weights"


def home() -> Path:
    """Return the folder of the study database and its artefacts; it need not exist yet.

    It is ``BRANCHWISE_HOME`` where that is set, else the platform's user data folder.
    """
    chosen = os.environ.get(VARIABLE, "").strip()
    return Path(chosen).expanduser().absolute() if chosen else platformdirs.user_data_path("branchwise", False)


def made(folder: Path) -> Path:
    """Return ``folder`` after making it and checking that files can be written into it.

    Raises:
        StudyError: It can't be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise StudyError(
            f"The folder {folder} can't be made: {fault.strerror}. Set {VARIABLE} to a folder you may write to."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StudyError(f"The folder {folder} is read-only. Set {VARIABLE} to a folder you may write to.")
    return folder


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name and rename it, so that no reader ever finds half of it.

    Raises:
        StudyError: The folder can't be written to, or the disk is full.
    """
    made(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            # Without it a power cut could leave the new name with nothing behind it.
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as fault:
        draft.unlink(missing_ok=True)
        raise StudyError(f"{path} can't be written: {fault.strerror}. Free some space or choose another.") from None
