"""``branchwise app``: the dashboard."""

import contextlib
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.command.environment import set_for_this_process
from app.command.number_types import Whole
from app.command.output import say
from app.ui.paths import ROOT
from core.data_roots import VARIABLE as DATA_ROOTS
from core.data_roots import data_roots
from core.jobs.queue_limit import VARIABLE as QUEUE_LIMIT
from core.own_code.permission import VARIABLE as OWN_CODE
from core.studies.home import VARIABLE, home

if TYPE_CHECKING:
    from starlette.middleware import Middleware

    from app.classroom.room import Room

FIRST_PORT = 8501
PORTS_TRIED = 50
SWITCH_SECONDS = 0.001
# A class of thirty shares the machine: enough for a table of five tasks, too few to block everybody for a day.
SHARED_QUEUE_LIMIT = 200
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]", "::1")
WILDCARDS = ("0.0.0.0", "::")


@click.command()
@click.option("--port", type=Whole(1, 65535), help=f"Port; the first free one from {FIRST_PORT} by default.")
@click.option("--headless", is_flag=True, help="Don't open a browser.")
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--own-code",
    is_flag=True,
    help="Let the owner create studies that run code of this folder, and networks of timm.",
)
def app(port: int | None, headless: bool, address: str, own_code: bool) -> None:
    """Open the dashboard in a browser.

    Only this machine can reach it unless another address is given.
    """
    set_for_this_process({OWN_CODE: str(Path.cwd()) if own_code else ""})
    chosen = free_port(address, port)
    if not is_loopback(address):
        say(
            f"Listening on {address}: everyone who can reach port {chosen} of this machine can open the dashboard, "
            "read its studies and add others. There is no password and no encryption. Omit --address to listen on this "
            "machine only.",
            err=True,
        )
        limits = limits_of_a_shared_server(os.environ, home())
        set_for_this_process(limits)
        say(
            f"Data can only be read from {os.environ[DATA_ROOTS]} ({DATA_ROOTS}); every visitor may have "
            f"{os.environ[QUEUE_LIMIT]} runs in the queue ({QUEUE_LIMIT}).",
            err=True,
        )
    # A setting that names no folder is said before anything is served.
    data_roots()
    serve(server_options(address, chosen, headless=headless), address, chosen)


def limits_of_a_shared_server(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the limits to set for a dashboard that others reach, unless they are set.

    Args:
        environment: What is set.
        folder: The folder of Branchwise; data sets in its sub-folder ``data`` may be read.
    """
    usual = {DATA_ROOTS: str(folder / "data"), QUEUE_LIMIT: str(SHARED_QUEUE_LIMIT)}
    return {name: value for name, value in usual.items() if not environment.get(name, "").strip()}


def server_options(address: str, port: int, *, headless: bool) -> dict[str, object]:
    """Return the server's settings by the names Streamlit gives them; they hold wherever the command is started.

    Args:
        address: Where to listen.
        port: A free port.
        headless: Whether to leave the browser closed.
    """
    return {
        "server.address": address,
        "server.port": port,
        "server.headless": headless,
        "server.showEmailPrompt": False,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.allowedHosts": allowed_hosts(address),
        "server.maxUploadSize": 20,
        "server.fileWatcherType": "none",
        # Otherwise Streamlit asks a server elsewhere for this machine's address when it listens on all.
        "browser.serverAddress": "localhost" if address in WILDCARDS else address,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "viewer",
        "client.showErrorDetails": "type",
        "runner.magicEnabled": False,
        "runner.postScriptGC": False,
    }


def allowed_hosts(address: str) -> tuple[str, ...]:
    """Return the names under which a server of this machine may be reached; any, where others reach it.

    Otherwise a page on another site could reach it under its own host name.
    """
    return (*LOCAL_HOSTS, address) if is_loopback(address) else ()


def is_loopback(address: str) -> bool:
    """Return whether only this machine can reach ``address``."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def free_port(address: str, port: int | None) -> int:
    """Return the port to listen on: the requested one, or the first free one.

    Args:
        address: Where to listen.
        port: As requested; None for the first free one.

    Raises:
        click.UsageError: The address is unknown, or no such port is free.
    """
    for candidate in [port] if port is not None else range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        try:
            family, _, _, _, place = socket.getaddrinfo(address, candidate, type=socket.SOCK_STREAM)[0]
        except (socket.gaierror, UnicodeError):
            raise click.UsageError(
                f"The address {address!r} is unknown. Use 127.0.0.1, or an address of this machine."
            ) from None
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As the server does: a port that was closed a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(place)
            except OSError as fault:
                if port is not None:
                    raise click.UsageError(
                        f"Port {port} of {address} can't be used: {fault.strerror}. Choose another with --port N."
                    ) from None
            else:
                return candidate
    raise click.UsageError(
        f"No port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} of {address} can be used. "
        "Choose one with --port N, or another --address."
    )


def serve(options: dict[str, object], address: str, port: int, *, room: "Room | None" = None) -> None:
    """Serve the dashboard until it is stopped.

    Args:
        options: What ``server_options`` returns.
        address: Where to listen.
        port: A free port.
        room: Of a class; None where everybody who reaches the server may come in.
    """
    from app.server.request_size import SOCKET_LIMITS, RequestSize

    # Read when the libraries are imported. Visitors share the processors: threads of one matrix product would wait for
    # those of another.
    set_for_this_process({**SOCKET_LIMITS, **{name: os.environ.get(name, "1") for name in THREADS}})
    import streamlit as st
    from starlette.middleware import Middleware

    from app.server.client_messages import ClientMessages
    from app.server.docs_site import DocsSite
    from app.server.headers import SafeHeaders
    from app.server.open_connections import OpenConnections
    from app.server.origins import SameOrigin
    from app.server.socket_handshake import answer_handshakes
    from app.ui.identity import BrowserCookie
    from app.ui.owner import OwnerLink, owner_link, owner_token, serve_as
    from app.ui.warming import address_of, prepare_when_listening

    # Streamlit reads .streamlit/config.toml of the folder it is started in: the colours live there.
    set_for_this_process({VARIABLE: str(home())})
    os.chdir(ROOT)
    # A page that computes lets go of the interpreter every five milliseconds; files and messages need many turns.
    sys.setswitchinterval(SWITCH_SECONDS)
    script = str(Path(ROOT) / "app" / "main.py")
    # The server shuts down and then raises the signal again; by then there is nothing left to stop.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    token = owner_token(home())
    serve_as(token, port)
    link = owner_link(address_of(address, port, encrypted="server.sslCertFile" in options), token)
    prepare_when_listening(address, port, link=link, open_browser=not options["server.headless"])
    outside_in = [
        Middleware(OpenConnections),
        Middleware(SafeHeaders),
        Middleware(RequestSize),
        Middleware(SameOrigin, hosts=allowed_hosts(address)),
        Middleware(OwnerLink),
        *_class_gate(room),
        Middleware(DocsSite),
        Middleware(BrowserCookie),
        Middleware(ClientMessages),
    ]
    answer_handshakes()
    with contextlib.suppress(KeyboardInterrupt):
        st.App(script, middleware=outside_in).run(config=options)


def _class_gate(room: "Room | None") -> "list[Middleware]":
    if room is None:
        return []
    from starlette.middleware import Middleware

    from app.classroom.gate import ClassGate
    from app.classroom.routes import class_routes

    return [Middleware(ClassGate, room=room, routes=class_routes(room))]
