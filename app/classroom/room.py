"""The room of a class on this server: who somebody is, how often they may knock, who is here now."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.classroom.asked import Asked
from app.classroom.limits import Limit
from app.classroom.membership import member_of
from app.classroom.shown import Shown
from app.classroom.store import ClassError, ClassStore, held
from app.ui.identity import counted_address
from app.ui.owner import is_owner_with

if TYPE_CHECKING:
    from starlette.types import Scope

# Follow, a page of one's own, and one that is just being loaded again.
MOST_SOCKETS_EACH: Final = 3
# A large class behind one router, and no single address takes all.
MOST_SOCKETS_AT: Final = 400
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
        address: Where they are on the network, as limits count.
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
        first_wrong: Wrong pass-phrases of addresses that gave none lately: strangers who use up the limit above do
            not shut the door for who gives the right one.
        joins: New members of an address.
        knocks: Requests of who is no member, by address.
        acts: Guesses of a member.
        sockets: Member → open connections.
        sockets_at: Address → open connections of members.
        links: Addresses of the join page, the most useful first.
        asked: Name → question; others are not asked. None takes any.
    """

    encrypted: bool = False
    links: tuple[str, ...] = ()
    asked: Mapping[str, Asked] | None = None
    shown: Shown = field(default_factory=Shown)
    wrong: Limit = field(default_factory=lambda: Limit(20, 20))
    wrong_of_all: Limit = field(default_factory=lambda: Limit(100, 100))
    first_wrong: Limit = field(default_factory=lambda: Limit(1000, 1000))
    joins: Limit = field(default_factory=lambda: Limit(60, 10))
    knocks: Limit = field(default_factory=lambda: Limit(400, 1200))
    acts: Limit = field(default_factory=lambda: Limit(30, 120))
    sockets: Counter[str] = field(default_factory=Counter)
    sockets_at: Counter[str] = field(default_factory=Counter)

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
        address = counted_address(str((scope.get("client") or ("",))[0]))
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
        if self.asked is None:
            return
        found = self.asked.get(question)
        if found is None or not 0 <= option < found.n_options:
            raise ClassError("There is no such question, or no such answer to it.")

    def may_try(self, address: str) -> bool:
        """Return whether another pass-phrase of an address is looked at."""
        is_clean = self.wrong.is_full(address) and self.first_wrong.has(_EVERYBODY)
        return self.wrong.has(address) and (is_clean or self.wrong_of_all.has(_EVERYBODY))

    def note_wrong(self, address: str) -> None:
        """Count a wrong pass-phrase."""
        if self.wrong.is_full(address) and not self.wrong_of_all.has(_EVERYBODY):
            self.first_wrong.take(_EVERYBODY)
        self.wrong.take(address)
        self.wrong_of_all.take(_EVERYBODY)

    @contextmanager
    def connected(self, visitor: Visitor) -> Iterator[None]:
        """Count a connection of somebody as long as it is open; the presenter's come from no member's share.

        Raises:
            ClassError: They have too many, or their address does, or all members together do.
        """
        who, at = visitor.member or visitor.role, visitor.address
        if self.sockets[who] >= MOST_SOCKETS_EACH:
            raise ClassError(f"Too many pages are open: at most {MOST_SOCKETS_EACH} each. Close some.")
        if visitor.role is not Role.OWNER and (
            self.sockets_at[at] >= MOST_SOCKETS_AT or self.sockets_at.total() >= MOST_SOCKETS
        ):
            raise ClassError("Too many pages of the class are open at your address, or in all. Close some.")
        counted = [(self.sockets, who)] + ([] if visitor.role is Role.OWNER else [(self.sockets_at, at)])
        for counts, key in counted:
            counts[key] += 1
        try:
            yield
        finally:
            for counts, key in counted:
                counts[key] -= 1
                if counts[key] <= 0:
                    del counts[key]


class _Here:
    """The room of the server that runs in this process."""

    room: Room | None = None


def use_room(room: Room | None) -> None:
    """Set the room of this process."""
    _Here.room = room


def room_here() -> Room | None:
    """Return the room of this process; None where it holds no class."""
    return _Here.room
