"""Files beside the study database, named by their content: two-task tables and galleries."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import DamageError, printable
from core.studies.home import write_whole

_NAME: Final = re.compile(r"[0-9a-f]{32}\.npz")


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
            DamageError: It is gone or can't be read, or the name is none that ``write`` returns.
        """
        if not _NAME.fullmatch(name):
            raise DamageError(f'"{printable(name, 60)}" is no name of a table or gallery.')
        try:
            return (self.folder / name).read_bytes()
        except OSError as fault:
            raise DamageError(f"The artefact {name} can't be read: {fault.strerror}.") from None
