"""One visitor of a dashboard over Streamlit's own websocket messages, without a browser."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

# As in Streamlit's browser code: a message that two runs have not used is forgotten.
KEPT_RUNS = 2
# Element type → how its value is written into a ``WidgetState``.
_WRITERS: dict[str, Callable[[WidgetState, Any], Any]] = {
    "slider": lambda state, value: state.double_array_value.data.append(float(value)),
    "number_input": lambda state, value: setattr(state, "double_value", float(value)),
    "selectbox": lambda state, value: setattr(state, "string_value", value),
    "checkbox": lambda state, value: setattr(state, "bool_value", value),
    "button_group": lambda state, value: state.string_array_value.data.append(value),
    "button": lambda state, value: setattr(state, "trigger_value", value),
    "bidi_component": lambda state, value: setattr(state, "json_value", json.dumps(value)),
}
# Their value counts for one run.
_TRIGGERS = ("button",)


class SessionError(Exception):
    """The dashboard showed an exception, or hung up."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """What one run of a page took.

    Args:
        seconds: From sending the message to the message that the script finished.
        n_bytes: Size of all messages in between.
    """

    seconds: float
    n_bytes: int


@dataclass(slots=True)
class _Control:
    kind: str
    identity: str
    fragment: str
    parameter: str


@dataclass(slots=True)
class Session:
    """One visitor with one page open.

    Args:
        page: Path of the page, empty for the first one.
        socket: An open connection.
        query: What its address says after the question mark.
        notices: Texts of warnings and errors on the page.
        reads: Whether texts are kept; those of a page that is moved for an hour would fill the memory.
        texts: What was written so far: prose, titles, what charts are said to show, and components' data as JSON.
        disabled: Keys of buttons that could not be pressed when they were drawn last.
    """

    page: str
    socket: ClientConnection
    query: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    reads: bool = False
    texts: list[str] = field(default_factory=list)
    disabled: set[str] = field(default_factory=set)
    _controls: dict[str, _Control] = field(default_factory=dict)
    _states: dict[str, WidgetState] = field(default_factory=dict)
    _kept: dict[str, int] = field(default_factory=dict)
    _page_hash: str = ""
    _n_runs: int = 0

    @classmethod
    async def open(cls, url: str, page: str, *, cookie: str = "") -> "Session":
        """Connect to a server; ``url`` is its address, as in ``http://127.0.0.1:8501``."""
        parts = urlsplit(url)
        address = f"ws://{parts.netloc}{parts.path.rstrip('/')}/_stcore/stream"
        # Messages are whole pages; the limit of a megabyte would end the connection.
        headers = {"Cookie": cookie} if cookie else {}
        socket = await connect(
            address,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            compression=None,
            origin=None,
            additional_headers=headers,
        )
        return cls(page, socket)

    async def run(self) -> Rerun:
        """Run the page as a browser does that opens its address."""
        return await self._send(ClientState())

    async def move(self, key: str, value: object) -> Rerun:
        """Return a control another value.

        Args:
            key: The key of the widget in the app.
            value: What it holds then, of the widget's own kind.

        Raises:
            SessionError: The page has no such control, or shows an exception.
        """
        control = self._controls.get(key)
        if control is None:
            raise SessionError(f'The page "{self.page}" has no control "{key}", only {", ".join(self._controls)}.')
        state = WidgetState(id=control.identity)
        _WRITERS[control.kind](state, value)
        self._states[control.identity] = state
        if control.parameter:
            self.query[control.parameter] = str(value)
        rerun = await self._send(ClientState(fragment_id=control.fragment))
        if control.kind in _TRIGGERS:
            del self._states[control.identity]
        return rerun

    def keys(self) -> Sequence[str]:
        """Return the keys of the controls on the page."""
        return tuple(self._controls)

    async def close(self) -> None:
        """Leave."""
        await self.socket.close()

    async def _send(self, state: ClientState) -> Rerun:
        state.query_string = urlencode(self.query)
        state.page_script_hash = self._page_hash
        state.page_name = self.page
        state.widget_states.widgets.extend(self._states.values())
        state.cached_message_hashes.extend(self._kept)
        self._n_runs += 1
        begun = time.perf_counter()
        await self.socket.send(BackMsg(rerun_script=state).SerializeToString())
        n_bytes = 0
        while True:
            data = await self.socket.recv()
            arrived = time.perf_counter()
            assert isinstance(data, bytes)
            n_bytes += len(data)
            message = ForwardMsg.FromString(data)
            self._take(message)
            if message.WhichOneof("type") == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
                self._kept = {key: run for key, run in self._kept.items() if run > self._n_runs - KEPT_RUNS}
                return Rerun(arrived - begun, n_bytes)

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "new_session":
                self._page_hash = message.new_session.page_script_hash
            case "navigation":
                self._page_hash = message.navigation.page_script_hash
            case "page_info_changed":
                self.query = dict(parse_qsl(message.page_info_changed.query_string))
            case "ref_hash":
                self._kept[message.ref_hash] = self._n_runs
            case "page_not_found":
                raise SessionError(f'There is no page "{self.page}".')
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                if message.metadata.cacheable:
                    self._kept[message.hash] = self._n_runs
                self._look_at(message)

    def _look_at(self, message: ForwardMsg) -> None:
        kind = message.delta.new_element.WhichOneof("type")
        element = getattr(message.delta.new_element, kind or "empty")
        if kind == "exception":
            raise SessionError(f"{element.type}: {element.message}")
        if kind == "alert":
            self.notices.append(element.body)
        if self.reads and kind in ("markdown", "heading"):
            self.texts.append(element.body)
        if self.reads and kind == "vega_lite_chart":
            self.texts.append(element.alt)
        if self.reads and kind == "bidi_component":
            self.texts.append(element.json or element.mixed.json)
        if kind in _WRITERS:
            # An identity ends with the key that the app gave: $$ID-<digest>-<key>.
            key = element.id.split("-", 2)[-1]
            if kind == "button":
                (self.disabled.add if element.disabled else self.disabled.discard)(key)
            self._controls[key] = _Control(
                kind, element.id, message.delta.fragment_id, getattr(element, "query_param_key", "")
            )
