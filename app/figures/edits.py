"""What a person changed in a figure: names and order of tasks, colour range, a note; written in the URL."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DataError
from core.plain_number import plain_number
from core.plain_text import printable

LONGEST_NOTE = 300
# No name of a task holds it.
BETWEEN = ";"
_MOST = 1e6


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes of a figure; the default changes nothing.

    Args:
        names: Name of each task, in index order; an empty one stays as the study has it.
        order: Tasks in the order wanted, by index; empty for the order of the page.
        colours: Values of the first and the last colour, or None.
        note: Written below the figure.
    """

    names: tuple[str, ...] = ()
    order: tuple[int, ...] = ()
    colours: tuple[float, float] | None = None
    note: str = ""

    def named(self, tasks: Sequence[str]) -> tuple[str, ...]:
        """Return the names of tasks that the figure shows, in index order.

        >>> Edits(names=("", "Depth")).named(["seg", "depth", "edges"])
        ('seg', 'Depth', 'edges')
        """
        new = (*self.names, *[""] * len(tasks))
        return tuple(other or name for name, other in zip(tasks, new, strict=False))

    def ordered(self, n_tasks: int) -> tuple[int, ...]:
        """Return all tasks in the order wanted: those that it leaves out follow.

        >>> Edits(order=(2,)).ordered(3)
        (2, 0, 1)
        """
        first = [task for task in self.order if task < n_tasks]
        return (*first, *(task for task in range(n_tasks) if task not in first))


def names_of(text: str, n_tasks: int) -> tuple[str, ...]:
    """Return the new names that a line of text gives, separated by semicolons.

    Raises:
        DataError: There are more names than tasks, or two tasks would have one name.

    >>> names_of("Edges; ; Depth", 4)
    ('Edges', '', 'Depth')
    """
    found = [printable(" ".join(name.split())) for name in text.split(BETWEEN)] if text.strip() else []
    while found and not found[-1]:
        found.pop()
    if len(found) > n_tasks:
        raise DataError(
            f"{len(found)} names are given, but there are {n_tasks} tasks. Separate names by semicolons, in the order "
            "of the study."
        )
    given = [name for name in found if name]
    if len(set(given)) < len(given):
        twice = next(name for name in given if given.count(name) > 1)
        raise DataError(f'Two tasks would be called "{twice}". Give every task a name of its own.')
    return tuple(found)


def order_of(text: str, n_tasks: int) -> tuple[int, ...]:
    """Return the order that a line of text gives, by numbers from 1, as the screen counts.

    Raises:
        DataError: Something is no number of a task, or stands there twice.

    >>> order_of("3, 1", 4)
    (2, 0)
    """
    words = text.replace(BETWEEN, ",").split(",") if text.strip() else []
    found: list[int] = []
    for word in (word.strip() for word in words):
        if not (word.isascii() and word.isdecimal() and len(word) < 4 and 1 <= int(word) <= n_tasks):
            raise DataError(f'"{word}" is no task. Write numbers from 1 to {n_tasks}, separated by commas.')
        found.append(int(word) - 1)
    if len(set(found)) < len(found):
        twice = next(task for task in found if found.count(task) > 1)
        raise DataError(f"Task {twice + 1} stands in the order twice. Name every task once.")
    return tuple(found)


def colours_of(text: str) -> tuple[float, float] | None:
    """Return the colour range that a line of text gives, such as ``0.4 to 1``; None for an empty one.

    Raises:
        DataError: It is no range.

    >>> colours_of("0.4 to 1"), colours_of("")
    ((0.4, 1.0), None)
    """
    if not text.strip():
        return None
    parts = text.replace("−", "-").split("to")
    try:
        low, high = (plain_number(part.strip()) for part in parts)
    except ValueError:
        raise DataError(f'"{text.strip()}" is no range of colours. Write two numbers, such as 0.4 to 1.') from None
    if not -_MOST <= low < high <= _MOST:
        raise DataError(f"Colours should run from a lower to a higher number. Found {text.strip()}.")
    return low, high
