"""Street View House Numbers, cropped digits, as torchvision leaves them on disk."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.data.known_folder import known_folder, resized
from core.data.questions import DIGIT_QUESTIONS
from core.data.source import Source
from core.data.splits import Rows, drawn_from
from core.data_roots import allowed
from core.errors import DataError
from core.studies.dataset_specification import SvhnSpecification

FILES: Final = ("train_32x32.mat", "test_32x32.mat")
MAX_PICTURES: Final = 700_000
_SIDE: Final = 32


def svhn_files(specification: SvhnSpecification) -> list[Path]:
    """Return the files the data set is read from.

    Raises:
        DataError: One is missing.
    """
    folder = known_folder(specification.path, "", FILES, "SVHN")
    return [folder / file for file in FILES]


def svhn_source(specification: SvhnSpecification) -> Source:
    """Return SVHN with the seven questions of ``digits``.

    Args:
        specification: The folder, at most how many pictures of each split, picture size, seed.

    Raises:
        DataError: A file is missing, damaged or holds something else.

    Reference:
        Netzer et al., Reading Digits in Natural Images, 2011.
    """
    files = svhn_files(specification)
    train, test = (_classes(path) for path in files)
    classes = np.concatenate([train, test])
    rng = np.random.default_rng(specification.seed)
    sizes = (specification.n_train, specification.n_validation, specification.n_test)

    @cache
    def pictures_of(path: Path) -> NDArray[np.uint8]:
        return _pictures(path)

    def pictures(rows: Rows) -> NDArray[np.uint8]:
        out = np.empty((len(rows), 3, _SIDE, _SIDE), dtype=np.uint8)
        for path, here, start in ((files[0], rows < len(train), 0), (files[1], rows >= len(train), len(train))):
            if here.any():
                out[here] = pictures_of(path)[..., rows[here] - start].transpose(3, 2, 0, 1)
        return resized(out, specification.size)

    return Source(
        name="SVHN",
        tasks=tuple(question.task for question in DIGIT_QUESTIONS),
        labels={question.name: question.target(classes) for question in DIGIT_QUESTIONS},
        rows=drawn_from(train, test, sizes, rng),
        pictures=pictures,
        class_names={question.name: question.answers for question in DIGIT_QUESTIONS},
    )


def read_mat(path: Path, name: str) -> NDArray[Any]:
    """Return one array of numbers of a MATLAB file.

    Raises:
        DataError: The file is missing or damaged, or has no such array of numbers.
    """
    # scipy.io takes a moment to import, and pages import this module.
    from scipy import io

    real = str(allowed(path))
    try:
        found = io.loadmat(real, variable_names=[name]).get(name)
    except FileNotFoundError:
        raise DataError(f"There is no file {path}. Check the path.") from None
    except Exception:  # scipy raises whatever it stumbles over in a damaged file
        raise DataError(f"{path.name} is damaged or no MATLAB file. Fetch it again from its publisher.") from None
    if not isinstance(found, np.ndarray) or found.dtype.kind not in "iuf":
        raise DataError(f'{path.name} has no array of numbers "{name}". Fetch it again from its publisher.')
    return found


def _classes(path: Path) -> NDArray[np.int64]:
    shapes = _shapes(path)
    n = shapes.get("X", ())[-1] if shapes.get("X", ())[:3] == (_SIDE, _SIDE, 3) and len(shapes["X"]) == 4 else 0
    if not 0 < n <= MAX_PICTURES or shapes.get("y") not in ((n, 1), (1, n)):
        raise DataError(f"{path.name} should hold X [32, 32, 3, n] and y [n, 1]. Fetch it again from its publisher.")
    classes = read_mat(path, "y").ravel().astype(np.int64)
    if classes.min() < 0 or classes.max() > 10:
        raise DataError(f"{path.name} has a label outside 0 to 10. Fetch it again from its publisher.")
    # The publisher writes the digit zero as class ten.
    return np.where(classes == 10, 0, classes)


def _pictures(path: Path) -> NDArray[np.uint8]:
    pictures = read_mat(path, "X")
    if pictures.dtype != np.uint8:
        raise DataError(f"{path.name} holds pictures as {pictures.dtype}; they should be uint8. Fetch it again.")
    return pictures


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    from scipy import io

    real = str(allowed(path))
    try:
        return {name: tuple(shape) for name, shape, _ in io.whosmat(real)}
    except Exception:  # scipy raises whatever it stumbles over in a damaged file
        raise DataError(f"{path.name} is damaged or no MATLAB file. Fetch it again from its publisher.") from None
