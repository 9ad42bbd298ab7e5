"""Where others find this machine: its addresses, the link of the join page, and the link as a picture."""

import ipaddress
import socket
from io import BytesIO, StringIO
from urllib.parse import quote

import psutil
import segno

_WILDCARDS = ("0.0.0.0", "::")


def addresses_of(address: str) -> tuple[str, ...]:
    """Return the addresses under which others reach a server that listens on one, the most useful first.

    Where it listens on all, these are the IPv4 addresses of this machine's network cards; nothing is sent to find them.

    Args:
        address: Where the server listens.
    """
    if address not in _WILDCARDS:
        return (address,)
    found = [
        each.address
        for cards in psutil.net_if_addrs().values()
        for each in cards
        if each.family == socket.AF_INET and not ipaddress.ip_address(each.address).is_loopback
    ]
    # A network at home or at a school before one that only machines inside this one can reach.
    return tuple(sorted(dict.fromkeys(found), key=_rank)) or ("localhost",)


def join_links(address: str, port: int, *, encrypted: bool) -> tuple[str, ...]:
    """Return the addresses of the join page.

    Args:
        address: Where the server listens.
        port: Its port.
        encrypted: Whether it has a certificate.
    """
    scheme = "https" if encrypted else "http"
    return tuple(f"{scheme}://{_host(each)}:{port}/class/join" for each in addresses_of(address))


def with_phrase(link: str, phrase: str) -> str:
    """Return the link of a join page on which the pass-phrase stands already."""
    return f"{link}?phrase={quote(phrase)}"


def qr_text(link: str) -> str:
    """Return a link as a QR code for a terminal."""
    picture = StringIO()
    segno.make(link, error="m").terminal(picture, compact=True, border=2)
    return picture.getvalue()


def qr_svg(link: str) -> str:
    """Return a link as a QR code in SVG, black on white whatever the theme is: readers need it so."""
    picture = BytesIO()
    segno.make(link, error="m").save(picture, kind="svg", scale=8, border=3, dark="#000", light="#fff", xmldecl=False)
    return picture.getvalue().decode()


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _rank(address: str) -> tuple[bool, bool, str]:
    parsed = ipaddress.ip_address(address)
    # Docker's bridges, and addresses that a card gives itself when nobody answers.
    return (parsed.is_link_local, address.startswith("172."), address)
