"""Files by the names a label file gives them: exactly, else whatever their capitals and accents are encoded as."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

MOST_FOLDERS: Final = 20
_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".ppm", ".pgm", ".pnm", ".gif", ".tif", ".tiff")


class FolderFiles:
    """The files of a folder, each of its folders listed once: 100,000 single questions take seconds on a network drive.

    Args:
        folder: Where names start from.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listed: dict[Path, tuple[set[str], dict[str, list[str]]]] = {}
        self._inside: dict[Path, list[Path]] = {}
        self._stems: dict[Path, dict[str, list[str]]] = {}

    def find(self, name: str) -> Path | None:
        """Return the path of a name such as ``birds/01.jpg``; None where there is none, or more than one alike.

        ``birds/01.JPG`` is found where there is no other file of that name in other capitals, and ``birds/01`` finds
        the only picture of that name. What is not there is looked for in the folders inside, such as ``images``.
        """
        parts = PurePosixPath(name.replace("\\", "/")).parts
        found = self._below(self.folder, parts)
        if found is None and not self._is_known(self.folder, parts):
            inside = [path for child in self._folders(self.folder) if (path := self._below(child, parts)) is not None]
            found = inside[0] if len(inside) == 1 else None
        return found

    def _below(self, folder: Path, parts: Sequence[str]) -> Path | None:
        here = folder
        for place, part in enumerate(parts):
            exact, alike = self._names(here)
            found = [part] if part in exact else alike.get(_folded(part), [])
            if not found and place == len(parts) - 1 and not has_picture_ending(part):
                found = self._without_ending(here).get(_folded(part), [])
            if len(found) != 1:
                return None
            here = here / found[0]
        return here

    def _is_known(self, folder: Path, parts: Sequence[str]) -> bool:
        """Return whether a folder has several files alike, so that looking further would be a guess."""
        return len(parts) == 1 and len(self._names(folder)[1].get(_folded(parts[0]), [])) > 1

    def _folders(self, folder: Path) -> list[Path]:
        if folder not in self._inside:
            found = [child for child in folder.iterdir() if child.is_dir()] if folder.is_dir() else []
            # Many folders are those of classes, not one of all pictures.
            self._inside[folder] = sorted(found) if len(found) <= MOST_FOLDERS else []
        return self._inside[folder]

    def _without_ending(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self._stems:
            self._stems[folder] = {}
            for name in filter(has_picture_ending, self._names(folder)[0]):
                self._stems[folder].setdefault(_folded(name.rpartition(".")[0]), []).append(name)
        return self._stems[folder]

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


def has_picture_ending(name: str) -> bool:
    """Return whether a name ends like that of a picture.

    >>> has_picture_ending("a/01.JPG"), has_picture_ending("labels.csv"), has_picture_ending("001")
    (True, False, False)
    """
    return name.casefold().endswith(_ENDINGS)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
