"""Sockets whose first request can't be read are answered and closed; the server would keep them open without a word."""

from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import SecurityError

_TOO_LARGE: Final = "431 Request Header Fields Too Large"
_BAD: Final = "400 Bad Request"


class AnsweredHandshake(WebSocketsSansIOProtocol):
    """The server's protocol for sockets, which also answers a first request that is none."""

    def data_received(self, data: bytes) -> None:
        """Take what a browser sends."""
        super().data_received(data)
        fault = self.conn.handshake_exc
        if fault is not None and not self.handshake_initiated:
            status = _TOO_LARGE if isinstance(fault, SecurityError) else _BAD
            self.transport.write(f"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".encode())
            self.transport.close()


def answer_handshakes() -> None:
    """Let the server use this protocol for its sockets."""
    from uvicorn.config import WS_PROTOCOLS

    place = f"{AnsweredHandshake.__module__}:{AnsweredHandshake.__name__}"
    WS_PROTOCOLS.update({"auto": place, "websockets-sansio": place})
