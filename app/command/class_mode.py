"""``branchwise class``: the dashboard for a class, behind a pass-phrase."""

import os
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from app.classroom.asked import Asked
from app.classroom.join_page import UNENCRYPTED
from app.classroom.membership import serve_on
from app.classroom.network import addresses_of, join_links, qr_text, with_phrase
from app.classroom.phrase import new_phrase
from app.classroom.room import Room, use_room
from app.classroom.server_lock import only_server
from app.classroom.store import FILE, ClassStore, delete_class, hold
from app.command.app import WILDCARDS, free_port, is_loopback, limits_of_a_shared_server, serve, server_options
from app.command.environment import set_for_this_process
from app.command.number_types import Whole
from app.command.output import say
from app.lessons.catalogue import lessons
from app.ui.formatting import plural
from core.data_roots import data_roots
from core.jobs.niceness import VARIABLE as NICENESS
from core.studies.home import home

EVERYWHERE: Final = "0.0.0.0"
_DOOR: Final = "Anyone who reaches it sees the join page; everything else needs the pass-phrase."
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("class")
@click.option("--address", default=EVERYWHERE, show_default=True, help="Address to listen on.")
@click.option("--port", type=Whole(1, 65535), help="Port; the first free one from 8501 by default.")
@click.option("--certificate", type=_FILE, help="Certificate of this server, PEM; encrypts what is sent.")
@click.option("--key", type=_FILE, help="Private key of the certificate, PEM.")
@click.option("--end", is_flag=True, help="Delete the class that a stopped server left, and do nothing else.")
@click.option("--headless", is_flag=True, help="Don't open the presenter's page in a browser.")
def class_mode(
    address: str, port: int | None, certificate: Path | None, key: Path | None, end: bool, headless: bool
) -> None:
    """Hold a class: others join with a link and a pass-phrase, follow your page, and guess.

    The class goes on when this command is started again; "End the class" on the presenter's page deletes it.
    """
    path = home() / FILE
    if end:
        found = os.path.lexists(path)
        with only_server(home()):
            delete_class(path)
        say("The class is deleted." if found else "No class was left here.")
        return
    check_certificate(certificate, key)
    # Until this process ends.
    click.get_current_context().with_resource(only_server(home()))
    chosen = free_port(address, port)
    set_for_this_process(limits_of_a_shared_server(os.environ, home()) | {NICENESS: os.environ.get(NICENESS) or "10"})
    data_roots()
    store = ClassStore(path)
    is_new = store.begin(new_phrase(), datetime.now(UTC))
    links = join_links(address, chosen, encrypted=certificate is not None)
    hold(store)
    serve_on(chosen)
    room = Room(encrypted=certificate is not None, links=links, asked=questions_of_lessons())
    use_room(room)
    for sentence in who_reaches(address, chosen, encrypted=room.encrypted):
        say(sentence)
    _announce(room, store, is_new=is_new)
    options = server_options(address, chosen, headless=headless)
    if certificate is not None and key is not None:
        options |= {"server.sslCertFile": str(certificate.resolve()), "server.sslKeyFile": str(key.resolve())}
    try:
        serve(options, address, chosen, room=room)
    finally:
        if store.is_open:
            store.close()
            say("The class is kept. Run this command again to go on with it, or with --end to delete it.", err=True)


def questions_of_lessons() -> dict[str, Asked]:
    """Return name → question, of all lessons in their order."""
    return {
        lesson.question_id(at): Asked(
            f"{lesson.head.number} · {lesson.head.title}", step.title, len(step.choice.options)
        )
        for lesson in lessons()
        for at, step in enumerate(lesson.steps)
        if step.choice is not None
    }


def check_certificate(certificate: Path | None, key: Path | None) -> None:
    """Check that a certificate and its key belong together.

    Raises:
        click.UsageError: One is missing, or they can't be used.
    """
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise click.UsageError("--certificate and --key go together: give both, or neither.")
    try:
        # A key that asks for its password would wait for somebody at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: b"")
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "reason", None) or getattr(fault, "strerror", None) or str(fault)
        raise click.UsageError(
            f"{certificate} and {key} can't be used together: {reason}. Give a certificate in PEM and its own private "
            "key without a password."
        ) from None


def who_reaches(address: str, port: int, *, encrypted: bool) -> list[str]:
    """Return, in sentences, where a class listens, what a bystander could read, and how to change both.

    Args:
        address: Where it listens.
        port: Its port.
        encrypted: Whether it has a certificate.
    """
    if is_loopback(address):
        where = f"Listening on {address}, port {port}: only this machine reaches it. Give --address for others."
    elif address in WILDCARDS:
        where = (
            f"Listening on all addresses of this machine, port {port}: {', '.join(addresses_of(address))}. --address A "
            f"listens on one alone. {_DOOR}"
        )
    else:
        where = f"Listening on {address}, port {port}. {_DOOR}"
    if encrypted:
        return [where, "What is sent is encrypted."]
    if is_loopback(address):
        return [where]
    return [where, f"{UNENCRYPTED.split('. Type')[0]}. Encrypt with --certificate FILE --key FILE."]


def _announce(room: Room, store: ClassStore, *, is_new: bool) -> None:
    link = room.links[0]
    if not is_new:
        members = plural(store.n_members, "member")
        say(f"The earlier class goes on, with {members}. For a new one, stop this and run: branchwise class --end")
    say(f"Join at     {link}")
    for other in room.links[1:4]:
        say(f"         or {other}")
    say(f"Pass-phrase {store.phrase}")
    # Blocks of a QR code are no letters of anybody's name.
    click.echo(qr_text(with_phrase(link, store.phrase)))
