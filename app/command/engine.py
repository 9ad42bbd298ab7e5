"""Options of the commands that train: workers here, or a scheduler elsewhere."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from app.command.number_types import Whole
from core.errors import JobError
from core.jobs.engine import EngineSettings

Command = TypeVar("Command", bound=Callable[..., Any])
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_SMALLEST_MEMORY = 100_000_000


def engine_options(command: Command) -> Command:
    """Add the options of the engine to a command; they come as keyword arguments of ``settings_of``."""
    options = (
        click.option("--workers", type=Whole(1, 512), help="Worker processes here; one per core by default."),
        click.option("--memory", help="Most memory of a worker here, as in 2GB; a fair share of 80 % by default."),
        click.option("--scheduler", metavar="ADDRESS", help="A running Dask scheduler, as in tls://host:8786."),
        click.option("--tls-ca", default="", type=click.Path(), help="Certificate authority of the scheduler."),
        click.option("--tls-certificate", default="", type=click.Path(), help="Certificate of this client."),
        click.option("--tls-key", default="", type=click.Path(), help="Private key of this client."),
        click.option("--insecure", is_flag=True, help="Allow plain tcp:// to another machine."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def settings_of(
    workers: int | None,
    memory: str | None,
    scheduler: str | None,
    tls_ca: str,
    tls_certificate: str,
    tls_key: str,
    insecure: bool,
) -> EngineSettings:
    """Return the settings of the options.

    Raises:
        JobError: The address or the memory is none, or the address is unsafe.
    """
    return EngineSettings(
        workers=workers or 0,
        memory=0 if memory is None else bytes_of(memory),
        scheduler=scheduler,
        ca=tls_ca,
        certificate=tls_certificate,
        key=tls_key,
        insecure=insecure,
    )


def bytes_of(text: str) -> int:
    """Return a number of bytes written as in ``2GB`` or ``800 MB``.

    Raises:
        JobError: It is none, or less than a worker needs to start.

    >>> bytes_of("1.5GB")
    1500000000
    """
    found = _MEMORY.fullmatch(text.strip())
    size = float(found[1]) * _UNITS[found[2].upper()] if found else 0.0
    if size < _SMALLEST_MEMORY:
        raise JobError(
            f'"{text[:40]}" is too little memory for a worker, or not a size. Write at least 100MB, as in 2GB.'
        )
    return int(size)
