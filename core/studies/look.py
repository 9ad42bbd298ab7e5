"""One look at the home folder: what is asked many times in one run of a page is found once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

T = TypeVar("T")


class Look:
    """What was found since a look began.

    Attributes:
        until_the_end: Closed when the look ends.
    """

    def __init__(self, until_the_end: ExitStack) -> None:
        self.until_the_end = until_the_end
        self._found: dict[Hashable, Any] = {}

    def once(self, name: Hashable, find: Callable[[], T]) -> T:
        """Return what ``find`` returned for this name, calling it the first time only."""
        if name not in self._found:
            self._found[name] = find()
        value: T = self._found[name]
        return value

    def forget(self, name: Hashable) -> None:
        """Keep what was found under a name no longer."""
        self._found.pop(name, None)


_LOOK: Final[ContextVar[Look | None]] = ContextVar("look", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Look at the home folder and its database once inside the block, and read with one connection.

    For one run of a page, which reads some fifty times. Other threads read as ever.
    """
    with ExitStack() as until_the_end:
        token = _LOOK.set(Look(until_the_end))
        try:
            yield
        finally:
            _LOOK.reset(token)
            # Here, so that what ended the block does not count as a fault of its connections.
            until_the_end.close()


def current_look() -> Look | None:
    """Return the look that this code runs in, if any."""
    return _LOOK.get()
