"""The room of a class on this server: who somebody is, how often they may knock, who is here now."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.classroom.limits import Limit
from app.classroom.membership import member_of
from app.classroom.shown import Shown
from app.classroom.store import ClassError, ClassStore, held
from app.ui.owner import is_owner_with

if TYPE_CHECKING:
    from starlette.types import Scope

MOST_SOCKETS_EACH: Final = 6
MOST_SOCKETS: Final = 1000
_EVERYBODY: Final = "everybody"


class Role(StrEnum):
    """What somebody is for this class; the server decides by cookies, the page has no say."""

    OWNER = "owner"
    MEMBER = "member"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request.

    Args:
        role: Of theirs.
        member: Their name in the class, empty for who is no member.
        address: Where they are on the network.
    """

    role: Role
    member: str
    address: str


@dataclass(slots=True)
class Room:
    """What the server knows of the class while it runs.

    A class of thirty may come from one address, as through a phone's hotspot: limits per address leave room for it.

    Args:
        encrypted: Whether browsers reach this server by TLS.
        shown: What the presenter shows.
        wrong: Wrong pass-phrases of an address.
        wrong_of_all: Wrong pass-phrases of all addresses together.
        knocks: Requests of who is no member, by address.
        acts: Guesses of a member.
        sockets: Member → open connections.
        links: Addresses of the join page, the most useful first.
        n_options: Question → how many answers it has; others are not asked. None takes any.
    """

    encrypted: bool = False
    links: tuple[str, ...] = ()
    n_options: Mapping[str, int] | None = None
    shown: Shown = field(default_factory=Shown)
    wrong: Limit = field(default_factory=lambda: Limit(20, 20))
    wrong_of_all: Limit = field(default_factory=lambda: Limit(100, 100))
    knocks: Limit = field(default_factory=lambda: Limit(400, 1200))
    acts: Limit = field(default_factory=lambda: Limit(30, 120))
    sockets: Counter[str] = field(default_factory=Counter)

    @property
    def store(self) -> ClassStore | None:
        """What is kept of the class; None once it has ended."""
        return held()

    @property
    def n_here(self) -> int:
        """How many members have a page open."""
        return sum(1 for who in self.sockets if who != Role.OWNER)

    def visitor(self, scope: "Scope") -> Visitor:
        """Return who sends a request."""
        from starlette.requests import HTTPConnection

        cookies = HTTPConnection(scope).cookies
        address = str((scope.get("client") or ("",))[0])
        if is_owner_with(cookies):
            return Visitor(Role.OWNER, "", address)
        member = member_of(cookies)
        if member and self.store is not None and self.store.is_member(member):
            return Visitor(Role.MEMBER, member, address)
        return Visitor(Role.STRANGER, "", address)

    def check_asked(self, question: str, option: int = 0) -> None:
        """Check that a question is asked here, and has such an answer: members could fill the store with others.

        Raises:
            ClassError: It is not, or has not.
        """
        if self.n_options is not None and not 0 <= option < self.n_options.get(question, 0):
            raise ClassError("There is no such question, or no such answer to it.")

    def may_try(self, address: str) -> bool:
        """Return whether another pass-phrase of an address is looked at."""
        return self.wrong.has(address) and self.wrong_of_all.has(_EVERYBODY)

    def note_wrong(self, address: str) -> None:
        """Count a wrong pass-phrase."""
        self.wrong.take(address)
        self.wrong_of_all.take(_EVERYBODY)

    @contextmanager
    def connected(self, who: str) -> Iterator[None]:
        """Count a connection of a member as long as it is open.

        Raises:
            ClassError: They have too many, or all together do.
        """
        if self.sockets[who] >= MOST_SOCKETS_EACH or self.sockets.total() >= MOST_SOCKETS:
            self._forget(who)
            raise ClassError(f"Too many pages are open: at most {MOST_SOCKETS_EACH} each. Close some.")
        self.sockets[who] += 1
        try:
            yield
        finally:
            self.sockets[who] -= 1
            self._forget(who)

    def _forget(self, who: str) -> None:
        if self.sockets[who] <= 0:
            del self.sockets[who]


class _Here:
    """The room of the server that runs in this process."""

    room: Room | None = None


def use_room(room: Room | None) -> None:
    """Set the room of this process."""
    _Here.room = room


def room_here() -> Room | None:
    """Return the room of this process; None where it holds no class."""
    return _Here.room
