"""Files by the names a label file gives them: exactly, else whatever their capitals and accents are encoded as."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath


class FolderFiles:
    """The files of a folder, each of its folders listed once: 100,000 single questions take seconds on a network drive.

    Args:
        folder: Where names start from.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listed: dict[Path, tuple[set[str], dict[str, list[str]]]] = {}

    def find(self, name: str) -> Path | None:
        """Return the path of a name such as ``birds/01.jpg``; None where there is none, or more than one alike.

        ``birds/01.JPG`` is found where there is no other file of that name in other capitals.
        """
        here = self.folder
        for part in PurePosixPath(name.replace("\\", "/")).parts:
            exact, alike = self._names(here)
            found = [part] if part in exact else alike.get(_folded(part), [])
            if len(found) != 1:
                return None
            here = here / found[0]
        return here

    def find_all(self, names: Sequence[str]) -> tuple[list[Path], list[str]]:
        """Return the paths of names, in order, and the names that are not found."""
        found = [(name, self.find(name)) for name in names]
        return [path for _, path in found if path is not None], [name for name, path in found if path is None]

    def _names(self, folder: Path) -> tuple[set[str], dict[str, list[str]]]:
        if folder not in self._listed:
            exact = {child.name for child in folder.iterdir()} if folder.is_dir() else set()
            alike: dict[str, list[str]] = {}
            for name in exact:
                alike.setdefault(_folded(name), []).append(name)
            self._listed[folder] = exact, alike
        return self._listed[folder]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
