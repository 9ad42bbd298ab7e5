"""STL-10, as torchvision leaves it on disk."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.known_folder import known_folder, resized
from core.data.questions import class_order, grouped, parts, whole
from core.data.source import Source
from core.data.splits import Rows, drawn_from
from core.data_roots import allowed
from core.errors import DataError
from core.regular_file import bounded_bytes
from core.studies.dataset_specification import ClassesSpecification

INNER: Final = "stl10_binary"
FILES: Final = ("train_X.bin", "train_y.bin", "test_X.bin", "test_y.bin")
CLASSES: Final = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")
_GROUPS: Final = {"animal": "bird,cat,deer,dog,horse,monkey", "vehicle": "airplane,car,ship,truck"}
MAX_LABELS: Final = 1_000_000
_SIDE: Final = 96


def stl10_files(specification: ClassesSpecification) -> list[Path]:
    """Return the files the data set is read from.

    Raises:
        DataError: One is missing.
    """
    folder = known_folder(specification.path, INNER, FILES, "STL-10")
    return [folder / file for file in FILES]


def stl10_source(specification: ClassesSpecification) -> Source:
    """Return STL-10's labelled pictures with ``class``, ``animal or vehicle`` and the classes split into parts.

    Args:
        specification: The folder, at most how many pictures of each split, picture size, seed.

    Raises:
        DataError: A file is missing, cut short or holds something else.

    Reference:
        Coates, Lee and Ng, An Analysis of Single-Layer Networks, 2011.
    """
    files = stl10_files(specification)
    train, test = _classes(files[1]), _classes(files[3])
    stores = [_pictures(files[0], len(train)), _pictures(files[2], len(test))]
    classes = np.concatenate([train, test])
    questions = (
        whole("class", CLASSES),
        grouped("animal or vehicle", CLASSES, _GROUPS),
        *parts(CLASSES, specification.parts, class_order(len(CLASSES), specification.order)),
    )

    def pictures(rows: Rows) -> NDArray[np.uint8]:
        out = np.empty((len(rows), 3, _SIDE, _SIDE), dtype=np.uint8)
        for store, here, start in ((stores[0], rows < len(train), 0), (stores[1], rows >= len(train), len(train))):
            # Stored column by column.
            out[here] = store[rows[here] - start].transpose(0, 1, 3, 2)
        return resized(out, specification.size)

    sizes = (specification.n_train, specification.n_validation, specification.n_test)
    return Source(
        name="STL-10",
        tasks=tuple(question.task for question in questions),
        labels={question.name: question.target(classes) for question in questions},
        rows=drawn_from(train, test, sizes, np.random.default_rng(specification.seed)),
        pictures=pictures,
        class_names={question.name: question.answers for question in questions},
    )


def _classes(path: Path) -> NDArray[np.int64]:
    real = allowed(path)
    try:
        content = bounded_bytes(real, MAX_LABELS)
    except OSError as fault:
        raise DataError(f"{path} can't be read: {fault.strerror}. Fetch it again.") from None
    content = content if len(content) <= MAX_LABELS else b""
    classes = np.frombuffer(content, dtype=np.uint8).astype(np.int64) - 1
    if len(classes) == 0 or classes.min() < 0 or classes.max() >= len(CLASSES):
        raise DataError(f"{path.name} should hold one byte from 1 to 10 per picture. Fetch it again.")
    return classes


def _pictures(path: Path, n: int) -> NDArray[np.uint8]:
    real = allowed(path)
    expected = n * 3 * _SIDE * _SIDE
    if real.stat().st_size != expected:
        raise DataError(
            f"{path.name} has {real.stat().st_size:,} bytes; {n:,} pictures take {expected:,}. It is cut short: "
            "fetch it again."
        )
    # A quarter of a gigabyte: only the rows that are drawn are read.
    return np.memmap(real, dtype=np.uint8, mode="r", shape=(n, 3, _SIDE, _SIDE))
