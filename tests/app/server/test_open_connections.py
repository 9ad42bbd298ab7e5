import asyncio

import pytest
from h11 import LocalProtocolError

from app.server.open_connections import OpenConnections


def answered(fault):
    """Return what the application could send before the connection was over, as it sees it."""
    sent = []

    async def send(message):
        if message["type"] == "http.response.start":
            raise fault
        sent.append(message)

    async def app(_scope, _receive, send):
        for kind in ("http.response.start", "http.response.body"):
            await send({"type": kind})

    asyncio.run(OpenConnections(app)({"type": "http"}, None, send))
    return sent


def test_an_answer_to_a_connection_that_is_over_is_dropped():
    assert answered(LocalProtocolError("can't handle event type Response")) == [{"type": "http.response.body"}]


def test_other_faults_are_faults():
    with pytest.raises(ValueError, match="a fault of ours"):
        answered(ValueError("a fault of ours"))
