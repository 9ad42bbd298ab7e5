"""CelebA: faces with forty attributes, as torchvision, its publisher or a platform of data sets leaves them on disk."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.folder import folder_of
from core.data.picture_file import read_pictures
from core.data.picture_names import FolderFiles
from core.data.source import Source
from core.data.splits import drawn
from core.data_roots import allowed
from core.errors import DataError
from core.regular_file import bounded_bytes
from core.studies.dataset_specification import CelebaSpecification
from core.tasks import Kind, Task

INNER: Final = "celeba"
# Where the parts lie: as torchvision leaves them, as the publisher offers them, and all in one folder.
_PLACES: Final = ("celeba", ".", "celeba/Anno", "celeba/Eval", "celeba/Img", "Anno", "Eval", "Img")
PICTURES: Final = "img_align_celeba"
_PICTURES: Final = (PICTURES, "img_align_celeba_png")
ATTRIBUTES: Final = "list_attr_celeba.txt"
PARTITION: Final = "list_eval_partition.txt"
MAX_BYTES: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class _Parts:
    """Where the text files and the folder of pictures lie."""

    attributes: Path
    partition: Path
    pictures: Path


def celeba_files(specification: CelebaSpecification) -> list[Path]:
    """Return the two text files and every picture.

    Raises:
        DataError: One of them or the folder of pictures is missing.
    """
    parts = _parts(specification)
    pictures = [path for path in parts.pictures.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png")]
    return [parts.attributes, parts.partition, *sorted(pictures)]


def celeba_source(specification: CelebaSpecification) -> Source:
    """Return CelebA, one two-class task per attribute, in CelebA's own three splits.

    Args:
        specification: The folder, at most how many pictures of each split, picture size, seed.

    Raises:
        DataError: A file is missing, the two text files don't match, or a picture is damaged.

    Reference:
        Liu et al., Deep Learning Face Attributes in the Wild, 2015.
    """
    parts = _parts(specification)
    names, files, flags = _attributes(parts.attributes)
    split_of = _partition(parts.partition, files)
    inside = FolderFiles(parts.pictures)
    paths = [inside.find(file) or inside.find(file.rpartition(".")[0]) for file in files]
    there = np.array([path is not None for path in paths])
    if not there.any():
        raise DataError(f"None of the pictures that {parts.attributes.name} names is in {parts.pictures}.")
    missing = int((~there).sum())
    remark = f"{missing:,} of {len(files):,} pictures are not in {parts.pictures.name} and are left out."
    tasks = tuple(Task.usual(name, Kind.CLASSIFICATION, 2) for name in names)
    rng = np.random.default_rng(specification.seed)
    present = {split: np.flatnonzero((split_of == number) & there) for number, split in enumerate(SPLITS)}
    remarks = [remark] * bool(missing)
    for split in [split for split in SPLITS if not len(present[split])]:
        train, size = present[SPLITS[0]], int(getattr(specification, f"n_{split}"))
        if len(train) < 2:
            raise DataError(f"CelebA in {specification.path} has no picture of the {split} split. Add some.")
        share = min(size, len(train) // 5 or 1)
        kept, apart = drawn(flags[train, 0], [len(train) - share, share], rng)
        present |= {SPLITS[0]: np.sort(train[kept]), split: np.sort(train[apart])}
        remarks.append(f"No picture is of the {split} split: a share of the training ones is drawn for it.")
    rows = {
        split: found[drawn(flags[found, 0], [int(getattr(specification, f"n_{split}"))], rng)[0]]
        for split, found in present.items()
    }
    return Source(
        name="CelebA",
        tasks=tasks,
        labels={task.name: flags[:, place] for place, task in enumerate(tasks)},
        rows=rows,
        pictures=lambda wanted: read_pictures([paths[row] or parts.pictures for row in wanted], specification.size),
        class_names={task.name: (f"not {task.name}", task.name) for task in tasks},
        remarks=tuple(remarks),
    )


def _parts(specification: CelebaSpecification) -> _Parts:
    root = folder_of(specification.path)
    # The folder itself may be the inner one.
    places = [root / place for place in _PLACES]

    def first(names: Sequence[str]) -> Path:
        for place in places:
            for name in names:
                if (place / name).exists():
                    return place / name
        raise DataError(
            f"CelebA should have {INNER}/{names[0]} in {root}, which is missing. Let path be the folder that "
            "torchvision calls root, or the one that holds Anno, Eval and Img; nothing is downloaded."
        )

    pictures = first(_PICTURES)
    inside = pictures / pictures.name
    return _Parts(
        first((ATTRIBUTES, ATTRIBUTES.replace(".txt", ".csv"))),
        first((PARTITION, PARTITION.replace(".txt", ".csv"))),
        # Some archives hold the folder once more inside.
        inside if inside.is_dir() else pictures,
    )


def _attributes(path: Path) -> tuple[list[str], list[str], NDArray[np.int64]]:
    text = _text(path)
    first, _, rest = text.partition("\n")
    if not first.split()[1:]:
        # The number of pictures stands in the first line, the attributes in the second.
        first, _, rest = rest.partition("\n")
    titles = first.split()
    names = [name.replace("_", " ") for name in (titles[1:] if titles[:1] == ["image_id"] else titles)]
    if not (1 <= len(names) <= 40 and rest.strip()):
        raise DataError(f"{path.name} should have a count, a line of 1 to 40 attributes, then a line per picture.")
    files, values = _table(rest, len(names), path)
    known = {*np.unique(values).tolist()}
    if not (known <= {-1, 1} or known <= {0, 1}):
        raise DataError(f"{path.name} has attributes other than −1 and 1, or 0 and 1. Fetch it again.")
    return names, files, (values > 0).astype(np.int64)


def _partition(path: Path, files: list[str]) -> NDArray[np.int64]:
    text = _text(path)
    first, _, rest = text.partition("\n")
    named, values = _table(rest if first.split()[:1] == ["image_id"] else text, 1, path)
    split_of = dict(zip(named, values[:, 0].tolist(), strict=True))
    if not {*split_of.values()} <= {0, 1, 2} or not split_of.keys() >= {*files}:
        raise DataError(f"{path.name} does not give 0, 1 or 2 for each picture of {ATTRIBUTES}. Fetch both again.")
    return np.array([split_of[file] for file in files], dtype=np.int64)


def _table(text: str, n_columns: int, path: Path) -> tuple[list[str], NDArray[np.int64]]:
    # Eight million numbers: pandas reads them in a second.
    import pandas as pd

    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=r"\s+",
            header=None,
            dtype={0: str} | dict.fromkeys(range(1, n_columns + 1), np.int64),
        )
        values = table.iloc[:, 1:].to_numpy(dtype=np.int64)
        files = [str(file) for file in table[0]]
    except (ValueError, KeyError, OverflowError):
        raise DataError(
            f"{path.name} is damaged: a line has other cells than the one before. Fetch it again."
        ) from None
    if values.shape[1] != n_columns:
        raise DataError(f"{path.name} has {values.shape[1]} numbers per picture; {n_columns} are due. Fetch it again.")
    if any("/" in file or "\\" in file or file.startswith(".") for file in files):
        raise DataError(f"{path.name} names a picture outside {PICTURES}. Fetch it again.")
    return files, values


def _text(path: Path) -> str:
    real = allowed(path)
    try:
        data = bounded_bytes(real, MAX_BYTES)
        if len(data) <= MAX_BYTES:
            # A list with commas reads like one with spaces.
            return data.decode("ascii").replace("\r", "").replace(",", " ")
        raise DataError(f"{path.name} is larger than {MAX_BYTES // 10**6} MB, so it is not CelebA's. Fetch it again.")
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{path.name} can't be read as plain text. Fetch it again.") from None
