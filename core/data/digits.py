"""``digits``: scikit-learn's 1,797 real handwritten digits, and tasks on a digit."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.data.noise import noisy
from core.data.questions import DIGIT_QUESTIONS
from core.data.source import Source
from core.data.splits import shared_out, stratified_order
from core.studies.dataset_specification import DigitsSpecification

# The scans count ink from 0 to 16.
_INK = 16


def digits_source(specification: DigitsSpecification) -> Source:
    """Return the digits with seven tasks.

    ``class``, ``shape`` and ``loop`` are a hierarchy from fine to coarse; ``parity`` and
    ``magnitude`` cut across it; ``low digits`` and ``high digits`` split the classes, so that
    each is labelled on half of the pictures only.

    Args:
        specification: Picture size, shares of the splits, at most how many training pictures,
            noise (standard deviation, 1 is the whole range of brightness), seed.

    Reference:
        Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, 1998.
    """
    # Takes a second or two to import.
    from sklearn.datasets import load_digits

    found = load_digits()
    scans, classes = np.asarray(found.images), np.asarray(found.target, dtype=np.int64)
    rng = np.random.default_rng(specification.seed)
    rows = shared_out([classes], specification.validation, specification.test, rng)
    if specification.n_train is not None:
        rows["train"] = rows["train"][stratified_order(classes[rows["train"]], rng)[: specification.n_train]]
    return Source(
        name="digits",
        tasks=tuple(question.task for question in DIGIT_QUESTIONS),
        labels={question.name: question.target(classes) for question in DIGIT_QUESTIONS},
        rows=rows,
        pictures=lambda wanted: noisy(
            enlarged(scans[wanted], specification.size), wanted, specification.noise, [specification.seed]
        ),
        class_names={question.name: question.answers for question in DIGIT_QUESTIONS},
    )


def enlarged(scans: NDArray[np.floating], size: int) -> NDArray[np.uint8]:
    """Return scans as grey pictures in three equal channels, ``uint8 [n, 3, size, size]``.

    Args:
        scans: Ink from 0 to 16, ``[n, 8, 8]``.
        size: Height and width wanted, in pixels.
    """
    grey = np.rint(np.clip(scans / _INK, 0, 1) * 255).astype(np.uint8)
    pictures = [np.asarray(Image.fromarray(one).resize((size, size), Image.Resampling.BICUBIC)) for one in grey]
    return np.repeat(np.stack(pictures)[:, None], 3, axis=1)
