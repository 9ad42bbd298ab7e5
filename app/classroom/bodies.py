"""Bodies of requests of a class: read up to a size, within a time, and refused with a sentence."""

import asyncio
import json
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from app.classroom.store import ClassError

_MOST_FORM_BYTES: Final = 2000
# A browser that sends a page slower than this holds a connection for nothing.
_PATIENCE: Final = 20.0


class TooLargeError(Exception):
    """A request whose body is larger or slower than it may be."""


async def read_body(request: Request, most: int) -> bytes:
    """Return the body of a request.

    Raises:
        TooLargeError: It has more than ``most`` bytes, or comes too slowly.
    """
    kept = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE):
            async for chunk in request.stream():
                kept += chunk
                if len(kept) > most:
                    raise TooLargeError(f"This is too large: at most {most} bytes.")
    except TimeoutError:
        raise TooLargeError("This came too slowly. Try again.") from None
    return bytes(kept)


async def read_object(request: Request, most: int) -> dict[str, Any]:
    """Return the JSON object in the body of a request.

    Raises:
        TooLargeError: As ``read_body``.
        ClassError: It is none.
    """
    try:
        document = json.loads(await read_body(request, most))
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise ClassError("The request must be a JSON object.")
    return document


def question_of(asked: dict[str, Any]) -> str:
    """Return the question that a document names.

    Raises:
        ClassError: It names none, or has another field.
    """
    name = asked.get("question")
    if not isinstance(name, str) or set(asked) - {"question", "option"}:
        raise ClassError("A guess says question and option, and nothing else.")
    return name


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form; none where it can't be read.

    Raises:
        TooLargeError: As ``read_body``.
    """
    body = (await read_body(request, _MOST_FORM_BYTES)).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, max_num_fields=10))
    except ValueError:
        return {}
