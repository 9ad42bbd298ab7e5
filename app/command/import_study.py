"""``branchwise import``: store a study from a file."""

from functools import partial
from pathlib import Path

import click

from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.jobs.quota import check_quota
from core.studies.archive import import_archive
from core.studies.bundled import bundled_studies


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into", default="", metavar="STUDY", help="Add the results to this study, which requests the same runs."
)
@home_option
@json_option
def import_study(file: Path, into: str, home: Path | None, as_json: bool) -> None:
    """Store the study in FILE.zip, written by ``branchwise export``.

    An import adds a study and changes none: where the name is taken it gets a number.
    """
    stored = database(home)
    name = import_archive(file, stored, into=into, reserved=bundled_studies(), admit=partial(check_quota, stored))
    line = next(line for line in stored.studies() if line.name == name)
    if as_json:
        write_json({"study": name, "runs": line.n_runs, "done": line.n_done})
    else:
        say(f'Stored study "{name}": {line.n_done} of {line.n_runs} trainings done.')
