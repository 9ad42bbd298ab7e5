"""Where a well-known data set should lie on disk: as torchvision leaves it. Nothing is ever downloaded."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.data.folder import folder_of
from core.data.picture_names import MOST_FOLDERS
from core.errors import DataError


def known_folder(path: str, inner: str, files: Sequence[str], title: str) -> Path:
    """Return the folder that holds a data set's files, once all that are needed are there.

    Args:
        path: The folder torchvision calls ``root``, the inner one itself, or one around them.
        inner: Where the files are inside ``root``; empty where they lie there directly.
        files: What has to be there, relative to the inner folder.
        title: Title of the data set.

    Raises:
        DataError: The folder is missing or outside the allowed ones, or a file is not there.
    """
    root = folder_of(path)
    places = [root / inner, *([root] if inner else [])]
    if inner:
        # As archives unpack: into a folder of their own, or once more into one of the same name.
        children = sorted(child for child in root.iterdir() if child.is_dir())[:MOST_FOLDERS]
        places += [child / inner for child in children] + [root / inner / Path(inner).name]
    for place in places:
        if all((place / file).exists() for file in files):
            return place
    at_root = bool(inner) and not (root / inner).is_dir() and root.name == Path(inner).name
    folder = root if at_root else root / inner
    missing = next(file for file in files if not (folder / file).exists())
    expected = f"{inner}/{missing}" if inner and not at_root else missing
    raise DataError(
        f"{title} should have {expected} in {root}, which is missing. "
        "Let path be the folder that torchvision calls root; nothing is downloaded."
    )


def resized(pictures: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return pictures stretched to squares, ``uint8 [n, 3, size, size]``.

    Args:
        pictures: ``[n, 3, height, width]``.
        size: Height and width wanted, in pixels.
    """
    if pictures.shape[2:] == (size, size):
        return np.ascontiguousarray(pictures)
    out = np.empty((len(pictures), 3, size, size), dtype=np.uint8)
    for place, picture in enumerate(pictures):
        image = Image.fromarray(np.ascontiguousarray(picture.transpose(1, 2, 0)))
        out[place] = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR)).transpose(2, 0, 1)
    return out
