"""``branchwise deploy``: a study's network as files between which an application switches."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click

from app.command.new_folder import NewFolder
from app.command.number_types import Whole
from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.errors import StudyError
from core.own_code.permission import permitted
from core.studies.export_request import Exported, ExportRequest
from core.studies.family import Family, families
from core.studies.specification import StudySpecification


@click.command()
@click.argument("study")
@click.argument("folder", type=NewFolder())
@click.option("--family", metavar="NAME", help="Family of networks, treednn or virtual; what the study has by default.")
@click.option("--network", metavar="NAME", help="Which virtual network of the study; the first one by default.")
@click.option("--seed", type=Whole(), default=None, help="Seed of the network; the first of the study by default.")
@home_option
@json_option
def deploy(
    study: str,
    folder: Path,
    family: str | None,
    network: str | None,
    seed: int | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Write a network of STUDY, trained on this machine, to FOLDER, as files that an application switches between.

    A TreeDNN becomes a trunk and a file per branch. A deep virtual network becomes files of the weights between units,
    which all tasks share, and a file per level of each task with its norms and head: a level reads what it needs, and
    the next one the rest. Both come with a manifest of hashes and a loader.

    ``python FOLDER/predict.py PICTURE`` answers pictures with torch alone, without Branchwise.
    ``branchwise switch FOLDER`` measures how fast it switches.
    """
    stored = database(home)
    request = ExportRequest(stored, study, folder, network=network)
    chosen = _family(family, study, request.record().specification)
    # What its owner ran here may be made again here.
    with permitted(stored.code_roots(study)):
        written = _deployer(chosen)(request, seed)
    if as_json:
        write_json({"folder": str(folder), "family": chosen.name, **written.document})
    else:
        say("\n".join(written.lines))


def _family(name: str | None, study: str, specification: StudySpecification | None) -> Family:
    able = [family for family in families() if family.deployed_by]
    listed = " or ".join(family.name for family in able)
    if name is not None:
        found = next((family for family in able if family.name == name), None)
        if found is None:
            raise StudyError(f'No network of the family "{name[:60]}" can be deployed. Choose --family {listed}.')
        return found
    if specification is None:
        raise StudyError(f'"{study}" is an imported table without networks. Choose a measured study.')
    asked = [
        family
        for family in able
        if any(specification.requested(request) is not None for request in family.sections.values())
    ]
    if len(asked) == 1:
        return asked[0]
    if asked:
        raise StudyError(f'"{study}" has networks of several families. Choose --family {listed}.')
    raise StudyError(
        f'"{study}" requests no network that can be deployed. Choose a study that has [treednn] or [virtual].'
    )


def _deployer(family: Family) -> Callable[[ExportRequest, int | None], Exported]:
    place, _, function = family.deployed_by.partition(":")
    found: Callable[[ExportRequest, int | None], Exported] = getattr(import_module(place), function)
    return found
