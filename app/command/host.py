"""``branchwise host``: the jobs host in the foreground."""

from pathlib import Path
from typing import Any

import click

from app.command.engine import engine_options, settings_of
from app.command.number_types import Number
from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from app.command.stopping import stopping
from app.ui.formatting import plural
from core.jobs.host import serve


@click.command()
@click.option("--idle", type=Number(min=0), help="Stop after this many seconds without work; never by default.")
@engine_options
@home_option
@json_option
def host(idle: float | None, home: Path | None, as_json: bool, **engine: Any) -> None:  # noqa: ANN401
    """Train what the dashboard submits, until Ctrl-C.

    The dashboard starts a host automatically. Start one by hand to choose its workers, or to use
    a Dask scheduler. Interrupted runs resume from their last checkpoint.
    """
    stored, settings = database(home), settings_of(**engine)
    if not as_json:
        where = settings.scheduler or f"{plural(settings.workers, 'worker')} on this machine"
        say(f"Serving {stored.path} with {where}; stop with Ctrl-C.")
    with stopping() as should_stop:
        serve(stored, settings, idle=idle, should_stop=should_stop)
    if as_json:
        write_json({"database": str(stored.path), "ended": "asked" if idle is None else "idle"})
