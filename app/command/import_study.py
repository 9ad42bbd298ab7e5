"""``branchwise import``: store a study from a file."""

from pathlib import Path

import click

from app.command.output import json_option, write_json
from app.command.place import database, home_option
from core.studies.archive import import_archive


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@home_option
@json_option
def import_study(file: Path, home: Path | None, as_json: bool) -> None:
    """Store the study in FILE.zip, written by ``branchwise export``."""
    stored = database(home)
    name = import_archive(file, stored)
    line = next(line for line in stored.studies() if line.name == name)
    if as_json:
        write_json({"study": name, "runs": line.n_runs, "done": line.n_done})
    else:
        click.echo(f'Stored study "{name}": {line.n_done} of {line.n_runs} runs done.')
