import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from app.server.client_messages import ALLOWED, ClientMessages

RERUN = BackMsg(rerun_script=ClientState(query_string="study=%00")).SerializeToString()
OTHERS = sorted({field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields} - ALLOWED)


def received(*messages, kind="websocket"):
    """Return what the application receives until the socket ends."""
    queue, got = [*messages, {"type": "websocket.disconnect", "code": 1000}], []

    async def receive():
        return queue.pop(0)

    async def app(_scope, receive, _send):
        while not got or got[-1]["type"] != "websocket.disconnect":
            got.append(await receive())

    asyncio.run(ClientMessages(app)({"type": kind}, receive, None))
    return got


def frame(data):
    return {"type": "websocket.receive", "bytes": data}


def test_what_a_page_sends_goes_on():
    assert received({"type": "websocket.connect"}, frame(RERUN))[:2] == [{"type": "websocket.connect"}, frame(RERUN)]


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_acts_on_all_visitors(name):
    """Clearing the caches would make every page of everybody compute anew."""
    data = BackMsg(**{name: True}).SerializeToString()
    assert [each["type"] for each in received(frame(data), frame(RERUN))] == [
        "websocket.receive",
        "websocket.disconnect",
    ]
    # What comes last in a message counts, as it does for Streamlit.
    assert received(frame(RERUN + data)) == [{"type": "websocket.disconnect", "code": 1000}]


def test_there_are_such_messages():
    assert {"clear_cache", "debug_shutdown_runtime"} <= set(OTHERS)
    assert len(OTHERS) == len(set(OTHERS))


@pytest.mark.parametrize("text", ["hello", "", "\0" * 1000])
def test_text_ends_the_socket(text):
    assert [each["code"] for each in received({"type": "websocket.receive", "text": text}, frame(RERUN))] == [1003]


@pytest.mark.parametrize("data", [b"\xff" * 50, b"\x08", b"\x22\xff\xff\xff\xff\x0f", RERUN + bytes(25_000_000)])
def test_what_is_no_message_ends_the_socket(data):
    assert [each["code"] for each in received(frame(data), frame(RERUN))] == [1003]


def test_an_empty_message_says_nothing():
    assert len(received(frame(b""))) == 1
