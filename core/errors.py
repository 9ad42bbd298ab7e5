"""The faults a caller can mend. Each message says the rule, the value found and the way out."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from core.plain_text import after_colon, sentence

_ENDS: Final = re.compile(r"(?<=[.!?]) (?=[A-Z])")
# Words with which our sentences begin to say what to do.
_TO_DO: Final = re.compile(
    r"(Add|Allow|Answer|Ask|Assign|Bring|Build|Call|Check|Choose|Clean|Clear|Compare|Convert|Copy|Correct|"
    r"Count|Declare|Delete|Deploy|Describe|Draw|End|Exchange|Export|Fetch|Fill|Format|Free|Freeze|Give|Head|"
    r"Import|Install|Keep|Label|Leave|Let|List|Load|Look|Make|Measure|Mend|Merge|Move|Name|Normalise|Number|"
    r"Open|Put|Raise|Register|Remove|Rename|Replace|Request|Retry|Return|Run|Save|Say|Set|Shorten|Sort|Split|"
    r"Start|Submit|Switch|Take|Time|Train|Try|Uninstall|Unmerge|Unpack|Update|Use|Wrap|Write)\b"
)


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


class DiskError(StudyError):
    """A file that can't be written, because the disk is full or read-only; nothing is wrong with what was asked."""


class AffinityError(BranchwiseError):
    """An affinity tensor that can't be read or clustered."""


class FamilyError(BranchwiseError):
    """A family of networks (a tree with its trunk, …) that can't be built, trained, saved or loaded."""


class CodeError(BranchwiseError):
    """Code of a study's author that can't be found or run, or that its owner did not permit."""


@contextmanager
def way_out(words: str, what: str = "") -> Iterator[None]:
    """Raise every fault found inside as a ``StudyError`` that ends with one way out, which replaces that of the fault.

    Nobody edits a value inside a stored study or an archive, so advice to do so is left out. Faults of the disk and of
    an author's code are no faults of the study, and pass unchanged.

    Args:
        words: The way out, as a sentence.
        what: What is damaged, to begin the sentence with; left out, the fault says it.

    >>> with way_out("Export the study again."):
    ...     raise TableError("table.npz has no values. Add some.")
    Traceback (most recent call last):
    core.errors.StudyError: table.npz has no values. Export the study again.
    >>> with way_out("Delete the study.", 'Study "a"'):
    ...     raise DamageError("Its table is cut short.")
    Traceback (most recent call last):
    core.errors.StudyError: Study "a" is damaged: its table is cut short. Delete the study.
    """
    try:
        yield
    except (CodeError, DiskError):
        raise
    except BranchwiseError as fault:
        reason = without_way_out(str(fault)).rstrip(".")
        if what:
            named = reason.startswith(f"{what} ")
            reason = f"it{reason.removeprefix(what)}" if named else after_colon(reason.removeprefix(f"{what}: "))
            reason = f"{what} is damaged: {reason}"
        raise StudyError(f"{reason}. {words}") from None


def without_way_out(text: str) -> str:
    """Return what a message says is wrong, without the sentences that say what to do.

    >>> without_way_out("Branchwise compares 2 to 40 tasks. Found 1. Name another task.")
    'Branchwise compares 2 to 40 tasks. Found 1.'
    """
    first, *rest = _ENDS.split(text)
    end = next((place for place, each in enumerate(rest) if _TO_DO.match(each)), len(rest))
    return " ".join([first, *rest[:end]])


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
