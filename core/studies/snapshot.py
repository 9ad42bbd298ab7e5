"""A snapshot of the home folder: what is asked many times in one run of a page is read once."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

T = TypeVar("T")


class Snapshot:
    """What was found since a snapshot began.

    Attributes:
        until_the_end: Closed when the snapshot ends.
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


_SNAPSHOT: Final[ContextVar[Snapshot | None]] = ContextVar("snapshot", default=None)


@contextmanager
def home_snapshot() -> Iterator[None]:
    """Read the home folder and its database once inside the block, with one connection.

    For one run of a page, which asks some fifty times. Other threads read what is there now.
    """
    with ExitStack() as until_the_end:
        token = _SNAPSHOT.set(Snapshot(until_the_end))
        try:
            yield
        finally:
            _SNAPSHOT.reset(token)
            # Here, so that what ended the block does not count as a fault of its connections.
            until_the_end.close()


def current_snapshot() -> Snapshot | None:
    """Return the snapshot that this code runs in, if any."""
    return _SNAPSHOT.get()
