"""The faults a caller can mend. Each message says the rule, the value found and the way out."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.plain_text import sentence


class BranchwiseError(Exception):
    """Bad input: shown to the user as one sentence, never as a traceback.

    The sentence may hold what others wrote; as text it is printable and of bounded length.
    """

    def __str__(self) -> str:
        """Return the sentence."""
        return sentence(super().__str__())


class LayoutError(BranchwiseError):
    """Partitions that are no layer-sharing tree."""


class TableError(BranchwiseError):
    """A two-task table that can't be read; the message names the row and the column."""


class BackboneError(BranchwiseError):
    """A backbone that can't be traced, cut or priced."""


class BudgetError(BranchwiseError):
    """A compute budget that can't be read, or that no layout meets."""


class DataError(BranchwiseError):
    """A data set that can't be made or read."""


class StudyError(BranchwiseError):
    """A study file or a study archive that can't be used."""


class DamageError(StudyError):
    """A part of a study that can't be read; the sentence has no way out, which depends on where the part lies."""


@contextmanager
def way_out(words: str) -> Iterator[None]:
    """Raise what turns out damaged inside as a ``StudyError`` that ends with the way out.

    Args:
        words: The way out, as a sentence.

    >>> with way_out("Export the study again."):
    ...     raise DamageError("table.npz is cut short.")
    Traceback (most recent call last):
    core.errors.StudyError: table.npz is cut short. Export the study again.
    """
    try:
        yield
    except DamageError as damage:
        raise StudyError(f"{damage} {words}") from None


class DiskError(StudyError):
    """A file that can't be written, because the disk is full or read-only; nothing is wrong with what was asked."""


class AffinityError(BranchwiseError):
    """An affinity tensor that can't be read or clustered."""


class FamilyError(BranchwiseError):
    """A family of networks (a tree with its trunk, …) that can't be built, trained, saved or loaded."""


class CodeError(BranchwiseError):
    """Code of a study's author that can't be found or run, or that its owner did not permit."""


class JobError(BranchwiseError):
    """A job that can't be submitted."""


class UnfitWorkerError(JobError):
    """A worker that can't compute as a study requests; its second argument is the worker's address."""

    def __str__(self) -> str:
        """Return the sentence alone."""
        return sentence(str(self.args[0]))


def printable(text: object, most: int | None = None) -> str:
    """Return text of somebody else as a sentence may quote it: one line, at most so long.

    >>> printable("a\\tb"), printable("abcdef", 3)
    ('a?b', 'abc')
    """
    return "".join(c if c.isprintable() else "?" for c in str(text))[:most]
