"""``branchwise deploy``: a study's TreeDNN as files for an application."""

from functools import partial
from pathlib import Path

import click

from app.command.number_types import Whole
from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.errors import StudyError
from core.studies.home import CACHE, WEIGHTS


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
    write_tree(study, folder, seed, home, as_json=as_json)


def write_tree(study: str, folder: Path, seed: int | None, home: Path | None, *, as_json: bool) -> None:
    """Write the TreeDNN of a study to a folder, and say what was written.

    Args:
        study: Its name.
        folder: Where to.
        seed: Of the TreeDNN; the first of the study by default.
        home: Folder of the study database.
        as_json: Whether to say it as JSON.

    Raises:
        BranchwiseError: The study has none, or its weights are not kept here.
    """
    from core.data import store
    from core.families.treednn.deploy import deploy as write

    stored = database(home)
    specification = stored.record(study).specification
    if specification is None:
        raise StudyError(f'"{study}" is an imported table without networks. Choose a measured study.')
    manifest = write(
        specification,
        seed,
        folder,
        data=partial(store.load, folder=stored.path.parent / CACHE),
        weights=lambda key: stored.path.parent / WEIGHTS / f"{key}.safetensors",
        results=stored.results(study),
    )
    if as_json:
        write_json(
            {
                "folder": str(folder),
                "trunk": {"file": manifest.trunk.file, "bytes": manifest.trunk.bytes, "blocks": manifest.cut},
                "branches": [{"name": b.name, "file": b.file, "bytes": b.bytes} for b in manifest.branches],
                "bytes": manifest.tree_bytes,
                "loader": None if manifest.source is None else manifest.source.path,
            }
        )
        return
    say(f"trunk  {manifest.trunk.bytes / 1e6:.2f} MB  {manifest.trunk.file}")
    for branch in manifest.branches:
        say(f"{branch.name}  {branch.bytes / 1e6:.2f} MB  {branch.file}")
    if manifest.source is None:
        say("No load.py: a branch is wider or thinner than its backbone of torchvision. Load it with Branchwise.")
    say(f"{manifest.tree_bytes / 1e6:.2f} MB in {folder}. Measure it: branchwise switch {folder}")
