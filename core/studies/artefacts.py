"""Files beside the study database, named by their content: two-task tables and galleries."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from core.errors import DamageError
from core.studies.home import write_whole


@dataclass(frozen=True, slots=True)
class Artefacts:
    """A folder of NPZ files; equal content is one file.

    Args:
        folder: Made by the first write.
    """

    folder: Path

    def write(self, content: bytes) -> str:
        """Write a file, if it is not there yet, and return its name."""
        name = f"{hashlib.sha256(content).hexdigest()[:32]}.npz"
        path = self.folder / name
        if not path.exists():
            write_whole(path, content)
        return name

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises:
            DamageError: It is gone or can't be read.
        """
        try:
            return (self.folder / name).read_bytes()
        except OSError as fault:
            raise DamageError(f"The artefact {name} can't be read: {fault.strerror}.") from None
