"""Addresses of Dask schedulers: encrypted, or on this machine."""

import ipaddress
from urllib.parse import urlsplit

from core.errors import JobError


def check_address(address: str, insecure: bool) -> None:
    """Check that a scheduler is reached over TLS, on this machine, or as somebody allowed, else raise JobError.

    Args:
        address: Such as ``tls://HOST:8786``.
        insecure: Whether plain ``tcp://`` to another machine is allowed.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("tls", "tcp") or not parts.hostname:
        raise JobError(f'"{address[:80]}" is no scheduler address. Write tls://HOST:8786.')
    if parts.scheme == "tcp" and not insecure and not _is_this_machine(parts.hostname):
        raise JobError(
            f"{address} is another machine over plain tcp: anyone who reaches it can run code there and here. "
            "Use tls:// with certificates, or add --insecure in a network you trust."
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
