"""``branchwise module``: a trained network of a study as a Python file with weights and manifest."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click

from app.command.new_folder import NewFolder
from app.command.number_types import Whole
from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.costs import Unit
from core.errors import StudyError
from core.own_code.permission import permitted
from core.studies.export_request import Exported, ExportRequest
from core.studies.family import Family, families

DEFAULT = "layouts"


@click.command()
@click.argument("study")
@click.argument("folder", type=NewFolder())
@click.option("--family", metavar="NAME", default=DEFAULT, show_default=True, help="Family of networks.")
@click.option("--layout", metavar="TEXT|JSON", help="Which layout, such as 'a,b;c | a;b;c'.")
@click.option("--budget", metavar="N|3x|60%", help="The best layout within a budget, as on the Budget page.")
@click.option("--unit", type=click.Choice([unit.value for unit in Unit]), help="Unit of the budget's cost.")
@click.option("--task", metavar="NAME", help="Whose path or level, of a multi-path or a virtual network.")
@click.option("--exit", "exit_", metavar="NAME", help="At which exit; the one that the network assigns by default.")
@click.option("--level", type=Whole(), help="Which level of a virtual network, from 0; the last one by default.")
@click.option("--network", metavar="NAME", help="Which network of the study, by its name; the first one by default.")
@click.option("--onnx", is_flag=True, help="Write network.onnx, too, and check it against torch.")
@home_option
@json_option
def module(
    *,
    study: str,
    folder: Path,
    family: str,
    layout: str | None,
    budget: str | None,
    unit: str | None,
    task: str | None,
    exit_: str | None,
    level: int | None,
    network: str | None,
    onnx: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Write a trained network of STUDY to FOLDER: network.py, weights.safetensors and manifest.json.

    Beside them splits.csv lists the membership of the splits, where the manifest has no rule for it.

    ``python FOLDER/predict.py PICTURE`` then answers pictures and folders of pictures with torch alone, without
    Branchwise: as text, --json or --csv. With --onnx there is one ONNX file with all heads as well. The manifest
    holds preprocessing, names of classes, membership of the splits and measured metrics. Without --layout it is
    the layout that the study predicts to be best within --budget. With --family treednn it writes what
    `branchwise deploy` writes; with --family multipath the path of one --task; with --family virtual one --level of
    one --task, as a plain network.
    """
    write, stored = _writer(_family(family)), database(home)
    # What its owner ran here may be made again here.
    with permitted(stored.code_roots(study)):
        written = write(
            ExportRequest(
                stored,
                study,
                folder,
                layout=layout,
                budget=budget,
                unit=Unit(unit) if unit else None,
                task=task,
                exit=exit_,
                level=level,
                network=network,
                onnx=onnx,
            )
        )
    if as_json:
        write_json({"folder": str(folder), "family": family, **written.document})
    else:
        say("\n".join(written.lines))


def _family(name: str) -> Family:
    able = ", ".join(family.name for family in families() if family.written_by)
    found = next((family for family in families() if family.name == name), None)
    if found is None:
        raise StudyError(f'There is no family "{name[:60]}". Choose from: {able}.')
    if not found.written_by:
        why = found.not_written or f'The family "{name}" has no networks that can be written. Choose'
        raise StudyError(f"{why}: --family {able.replace(', ', ' or ')}.")
    return found


def _writer(family: Family) -> Callable[[ExportRequest], Exported]:
    place, _, function = family.written_by.partition(":")
    found: Callable[[ExportRequest], Exported] = getattr(import_module(place), function)
    return found
