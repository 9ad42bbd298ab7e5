"""``branchwise deploy``: a study's TreeDNN as files for an application."""

from pathlib import Path

import click

from app.command.number_types import Whole
from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.studies.export_request import ExportRequest


@click.command()
@click.argument("study")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", type=Whole(), default=None, help="Seed of the TreeDNN; the first of the study by default.")
@home_option
@json_option
def deploy(study: str, folder: Path, seed: int | None, home: Path | None, as_json: bool) -> None:
    """Write the TreeDNN of STUDY, trained on this machine, to FOLDER: a trunk, a file per branch, a manifest, a loader.

    ``python FOLDER/load.py TASK PICTURE`` answers pictures with torch alone, without Branchwise.
    ``branchwise switch FOLDER`` measures how fast it switches to each task.
    """
    from core.families.treednn.written import write_tree

    written = write_tree(ExportRequest(database(home), study, folder), seed)
    if as_json:
        write_json({"folder": str(folder), **written.document})
    else:
        say("\n".join(written.lines))
