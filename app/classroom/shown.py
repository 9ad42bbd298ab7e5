"""What the presenter shows, in the memory of the server: the page, its figures' data, and how they stand.

The presenter's browser sends the data of a figure once, and how it stands at every move; followers get what is newer
than what they have. Nothing here is about the members of a class.
"""

import asyncio
import gzip
import hashlib
import json
from collections import OrderedDict
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.classroom.store import ClassError

MOST_FIGURES: Final = 12
# Of one field of a figure's data, and of all that are kept.
MOST_FIELD_BYTES: Final = 8 * 2**20
_MOST_KEPT_BYTES: Final = 64 * 2**20
_GZIP_LEVEL: Final = 4
# Browsers leave out tabs and line ends: after them, too, no second slash leads to another server.
_PAGE: Final = r"^/([^/\\\s\x00-\x1f\x7f][^\s\x00-\x1f\x7f]*)?$"
_ID = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class OtherWindowError(ClassError):
    """A window of the presenter's shows its page while another one is shown to the class."""


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Figure(_Sent):
    """One of our components on the presenter's page.

    Args:
        name: Of the component's files.
        data: Fields of its data that are small.
        fields: Field → address of its value, where that is large.
    """

    name: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    data: dict[str, Any]
    fields: dict[str, _ID]


class Frame(_Sent):
    """What stands on the presenter's page.

    Args:
        page: Its address on this server.
        title: Its heading.
        caption: The question it answers.
        figures: From the top.
    """

    page: Annotated[str, Field(pattern=_PAGE, max_length=8000)]
    title: Annotated[str, Field(max_length=200)]
    caption: Annotated[str, Field(max_length=2000)]
    figures: Annotated[list[Figure], Field(max_length=MOST_FIGURES)]


class Showing(_Sent):
    """What the presenter's browser sends.

    Args:
        tab: Random name of the window.
        take: Whether this window is shown from now on, whichever was before.
        frame: What stands on the page, where that changed.
        states: Of each figure, the values that a hand moves; name → value.
    """

    tab: Annotated[str, Field(pattern=r"^[0-9a-z]{8,40}$")]
    take: bool = False
    frame: Frame | None = None
    states: Annotated[list[dict[str, Any]], Field(max_length=MOST_FIGURES)]


class Shown:
    """What the presenter shows, and what is newer than what somebody has."""

    def __init__(self) -> None:
        self.version = 0
        self.paused = False
        self._tab = ""
        self._frame: dict[str, Any] | None = None
        self._frame_version = 0
        self._states: list[dict[str, Any]] = []
        self._versions: list[int] = []
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._news = asyncio.Event()
        self._written: tuple[int, int, str] = (-1, -1, "")

    def keep(self, value: bytes) -> str:
        """Keep a large field of a figure's data; return its address.

        Args:
            value: JSON.

        Raises:
            ClassError: It is no JSON, or too large.
        """
        if len(value) > MOST_FIELD_BYTES:
            raise ClassError(f"A figure's data may have {MOST_FIELD_BYTES // 2**20} MiB. Followers don't see this one.")
        try:
            json.loads(value, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise ClassError("A figure's data must be JSON.") from None
        address = hashlib.sha256(value).hexdigest()[:32]
        # Once for all followers, who take it as it is.
        self._kept[address] = gzip.compress(value, _GZIP_LEVEL)
        self._kept.move_to_end(address)
        while sum(map(len, self._kept.values())) > _MOST_KEPT_BYTES:
            self._kept.popitem(last=False)
        return address

    def field(self, address: str) -> bytes | None:
        """Return the large field of an address, compressed by gzip; None where it is not kept any more."""
        return self._kept.get(address)

    def show(self, body: bytes) -> list[str] | None:
        """Show what the presenter's browser sent.

        Args:
            body: A ``Showing`` as JSON.

        Returns:
            Addresses of fields that have to be sent first, after which all of it is to be sent again; None where
            states came of a page that is not the one shown, or of a window that has paused.

        Raises:
            OtherWindowError: Another window is shown, and this one does not take its place.
            ClassError: It is none.
        """
        try:
            sent = Showing.model_validate_json(body)
            # No browser reads NaN and Infinity, which are no JSON.
            json.dumps(sent.model_dump(), allow_nan=False)
        except (ValidationError, ValueError, RecursionError):
            raise ClassError("This is no page that can be shown to a class.") from None
        if self._tab not in ("", sent.tab) and not sent.take:
            raise OtherWindowError("Another window of yours is shown to the class.")
        if self.paused and sent.tab == self._tab and not sent.take:
            return None  # on its way when the pause came
        if sent.frame is None:
            if sent.tab != self._tab or len(sent.states) != len(self._states):
                return None
        else:
            wanted = dict.fromkeys(address for figure in sent.frame.figures for address in figure.fields.values())
            if missing := [address for address in wanted if address not in self._kept]:
                return missing
            for address in wanted:
                self._kept.move_to_end(address)
            self._tab, self._frame = sent.tab, sent.frame.model_dump()
            self._frame_version = self.version + 1
            self._states = [{} for _ in sent.frame.figures]
            self._versions = [0] * len(self._states)
        for place, state in enumerate(sent.states[: len(self._states)]):
            if self._states[place] != state:
                self._states[place], self._versions[place] = state, self.version + 1
        # The window that was shown before may have paused; the one that has is not let through above.
        self.paused = False
        self._tell()
        return []

    def since(self, version: int) -> str:
        """Return, as JSON, what somebody lacks who has a version; version 0 is nothing."""
        if self._written[:2] != (version, self.version):
            frame = self._frame if self._frame_version > version else None
            states = [
                state if changed > version or frame else None
                for state, changed in zip(self._states, self._versions, strict=True)
            ]
            document: dict[str, Any] = {"version": self.version, "states": states}
            if frame:
                document["frame"] = frame
            self._written = (version, self.version, json.dumps(document, separators=(",", ":")))
        return self._written[2]

    def window(self, tab: str) -> str:
        """Return which window of the presenter's is shown to the class: ``this``, ``other`` or ``none``.

        Args:
            tab: Random name of the window that asks.
        """
        return {"": "none", tab: "this"}.get(self._tab, "other")

    def leave(self, tab: str) -> None:
        """Note that a window is closed; what it showed last stays until another one is shown."""
        if self._tab == tab:
            self._tab = ""

    def pause(self, paused: bool, tab: str) -> None:
        """Note whether the presenter's page is kept from the class; what was shown last stays.

        Args:
            paused: Whether it is.
            tab: Random name of the window that says so; another one than that which is shown has no say.
        """
        if paused is not self.paused and self.window(tab) != "other":
            self.paused = paused
            self._tell()

    async def newer_than(self, version: int) -> None:
        """Wait until there is something newer than a version."""
        while self.version <= version:
            await self._news.wait()

    def _tell(self) -> None:
        self.version += 1
        news, self._news = self._news, asyncio.Event()
        news.set()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
