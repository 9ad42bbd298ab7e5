"""On the path of a Python process: note every address that it or its children connect to or look up.

``GUARD_LOG`` names the file; one line per event. Python imports this module by its name when it starts.
"""

import os
import sys

_EVENTS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
_LOG = os.open(os.environ["GUARD_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event in _EVENTS:
        place = arguments[_EVENTS[event]]
        host = place[0] if isinstance(place, tuple) and place else place
        os.write(_LOG, f"{event} {host!s}\n".encode())


sys.addaudithook(_note)
