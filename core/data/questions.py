"""Classification tasks that a finer class number answers: the parity of a digit, the kingdom of an animal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.data.missing import MISSING_CLASS
from core.tasks import Kind, Task

_MISSING: Final = MISSING_CLASS


@dataclass(frozen=True, slots=True)
class Question:
    """One question about a class.

    Args:
        name: Of the task.
        answers: What its own classes are called.
        of_class: Number of the answer for every finer class; −1 where the question is not asked,
            so that these pictures have no label.
    """

    name: str
    answers: tuple[str, ...]
    of_class: tuple[int, ...]

    @property
    def task(self) -> Task:
        """The classification task."""
        return Task.usual(self.name, Kind.CLASSIFICATION, len(self.answers))

    def target(self, classes: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the answer for every row, −1 where missing.

        Args:
            classes: Finer class number of each row, ``[n]``.

        >>> Question("parity", ("even", "odd"), (0, 1, 0)).target(np.array([2, 1, 1]))
        array([0, 1, 1])
        """
        found: NDArray[np.int64] = np.array(self.of_class, dtype=np.int64)[classes]
        return found


def whole(name: str, classes: Sequence[str]) -> Question:
    """Return the question for the class itself."""
    return Question(name, tuple(classes), tuple(range(len(classes))))


def grouped(name: str, classes: Sequence[str], groups: dict[str, str]) -> Question:
    """Return the question for the group of a class.

    Args:
        name: Of the task.
        classes: The finer classes in order.
        groups: Name of a group → its classes, separated by commas; every class is in one.
    """
    found = {member.strip(): number for number, members in enumerate(groups.values()) for member in members.split(",")}
    return Question(name, tuple(groups), tuple(found[name] for name in classes))


def part(name: str, classes: Sequence[str], members: Sequence[int]) -> Question:
    """Return the question that only some classes answer; pictures of all others have no label for it."""
    place = {number: index for index, number in enumerate(members)}
    return Question(
        name, tuple(classes[number] for number in members), tuple(place.get(c, _MISSING) for c in range(len(classes)))
    )


def class_order(n_classes: int, seed: int | None) -> list[int] | None:
    """Return class numbers in a random order; None, which is their own order, where there is no seed."""
    if seed is None:
        return None
    found: list[int] = np.random.default_rng(seed).permutation(n_classes).tolist()
    return found


def parts(classes: Sequence[str], n_parts: int, order: Sequence[int] | None = None) -> tuple[Question, ...]:
    """Return ``n_parts`` tasks that split the classes among them in order, as evenly as can be.

    Args:
        classes: What they are called.
        n_parts: How many tasks.
        order: Every class number once, in the order they are split in; rising by default.

    Reference:
        Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network, §IV-A: classes split into tasks, and
        random orders of tasks.
    """
    runs = np.array_split(np.arange(len(classes)) if order is None else np.asarray(order), n_parts)
    return tuple(part(f"part {number}", classes, run.tolist()) for number, run in enumerate(runs, start=1))


DIGITS: Final = tuple("0123456789")
# From coarse to fine: a loop or none, one of four shapes, the digit. Each level refines the one before.
DIGIT_QUESTIONS: Final = (
    whole("class", DIGITS),
    grouped("parity", DIGITS, {"even": "0,2,4,6,8", "odd": "1,3,5,7,9"}),
    grouped("magnitude", DIGITS, {"0 to 4": "0,1,2,3,4", "5 to 9": "5,6,7,8,9"}),
    grouped("loop", DIGITS, {"has a loop": "0,6,8,9", "has none": "1,2,3,4,5,7"}),
    grouped("shape", DIGITS, {"rings": "0,8", "loop and tail": "6,9", "strokes": "1,4,7", "bows": "2,3,5"}),
    part("low digits", DIGITS, range(5)),
    part("high digits", DIGITS, range(5, 10)),
)
