"""``branchwise module``: a trained network of a study as a Python file with weights and manifest."""

from pathlib import Path

import click

from app.command.deploy import write_tree
from app.command.output import json_option, say, write_json
from app.command.place import database, home_option
from core.costs import Unit
from core.errors import BudgetError, StudyError
from core.estimators.weights import WeightRule
from core.families.layouts.export import FAMILY, exported_files
from core.families.layouts.predictions import available_units, budget_view
from core.families.layouts.runs import oracle_layouts
from core.families.layouts.weights import WeightsState, weights_of
from core.families.multipath.runs import MultiPathRun, PathMatrixRun
from core.families.single.runs import NetworkRun
from core.layouts import Layout
from core.regular_file import bounded_bytes
from core.selection.budget import Budget
from core.studies.bundled import bundled_studies
from core.studies.database import Database
from core.studies.family import families
from core.studies.home import made, write_whole
from core.studies.manifest import FILE
from core.studies.manifest import MAX_BYTES as MAX_MANIFEST
from core.studies.manifest import read as read_manifest
from core.studies.record import StudyRecord
from core.studies.study import Study

TREE_FAMILY, PATH_FAMILY = "treednn", "multipath"
_MOST_NAMED, _MOST_LETTERS = 5, 300


@click.command()
@click.argument("study")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--family", metavar="layouts|treednn|multipath", default=FAMILY, show_default=True, help="Family of networks."
)
@click.option("--layout", metavar="TEXT|JSON", help="Which layout, such as 'a,b;c | a;b;c'.")
@click.option("--budget", metavar="N|3x|60%", help="The best layout within a budget, as on the Budget page.")
@click.option("--unit", type=click.Choice([unit.value for unit in Unit]), help="Unit of the budget's cost.")
@click.option("--task", metavar="NAME", help="Whose path, of a multi-path network.")
@click.option("--exit", "exit_", metavar="NAME", help="At which exit; the one that the network assigns by default.")
@click.option("--network", metavar="NAME", help="Which multi-path network of the study; the first one by default.")
@home_option
@json_option
def module(
    study: str,
    folder: Path,
    family: str,
    layout: str | None,
    budget: str | None,
    unit: str | None,
    task: str | None,
    exit_: str | None,
    network: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Write a trained network of STUDY to FOLDER: network.py, weights.safetensors and manifest.json.

    ``python FOLDER/network.py PICTURE`` then answers pictures with torch alone, without Branchwise. The manifest
    holds preprocessing, names of classes, membership of the splits and measured metrics. Without --layout it is
    the layout that the study predicts to be best within --budget. With --family treednn it writes what
    `branchwise deploy` writes; with --family multipath the path of one --task.
    """
    if family == PATH_FAMILY:
        if layout is not None or budget is not None or unit is not None:
            raise BudgetError("A path is named by its task and exit. Leave --layout, --budget and --unit out.")
        _write_path(study, folder, task, exit_ or "", network or "", home, as_json=as_json)
        return
    if task is not None or exit_ is not None or network is not None:
        raise StudyError("Only multi-path networks have paths. Add --family multipath, or leave the path out.")
    if family == TREE_FAMILY:
        if layout is not None or budget is not None or unit is not None:
            raise BudgetError("A TreeDNN is the same at every budget. Leave --layout, --budget and --unit out.")
        write_tree(study, folder, None, home, as_json=as_json)
        return
    _check_has_networks(family)
    stored = database(home)
    record = _record(stored, study)
    specification = record.specification
    if specification is None or specification.has_several:
        way = "branchwise deploy writes its TreeDNN" if specification is not None else "Choose a measured study"
        raise StudyError(f'"{study}" has no networks whose tasks share pictures. {way}.')
    if layout is not None and (budget is not None or unit is not None):
        raise BudgetError("--layout says which network is meant, so --budget and --unit say nothing. Leave one out.")
    results = stored.results(study, NetworkRun.kind)
    chosen = _layout(record, layout) if layout is not None else _recommended(record.study(results), budget, unit)
    weights = weights_of(stored, specification, chosen)
    if weights.state is not WeightsState.KEPT:
        raise StudyError(
            f"No trained weights of the layout {_named(record, chosen)} are on this machine. {_way_out(stored, record)}"
        )
    from core.networks.block_source import study_block_source

    _check_free(folder)
    blocks = study_block_source(
        specification.backbone, (record.backbone.input_shape[1], record.backbone.input_shape[2])
    )
    manifest, files = exported_files(record, chosen, results, weights, blocks)
    for name, content in files.items():
        write_whole(made(folder, shared=True) / name, content, shared=True)
    if as_json:
        write_json(
            {
                "folder": str(folder),
                "family": family,
                "layout": chosen.to_json(),
                "seed": weights.seed,
                "tasks": list(record.task_names),
                "files": [{"path": f.path, "bytes": f.bytes, "sha256": f.sha256} for f in manifest.files],
            }
        )
        return
    for entry in manifest.files:
        say(f"{entry.path}  {entry.bytes / 1e6:.2f} MB")
    say(
        f"Layout {chosen.to_text(record.task_names)}, seed {weights.seed}. "
        f"Answer a picture: python {folder / 'network.py'} PICTURE"
    )


def _write_path(
    study: str, folder: Path, task: str | None, exit_: str, network: str, home: Path | None, *, as_json: bool
) -> None:
    stored = database(home)
    record = _record(stored, study)
    if task is None:
        raise StudyError(f"Which path? Name its task with --task, one of: {', '.join(record.task_names)}.")
    from core.families.multipath.export import PathChoice, exported_path

    _check_free(folder)
    results = {key: result for run in (NetworkRun, MultiPathRun, PathMatrixRun)
               for key, result in stored.results(study, run.kind).items()}  # fmt: skip
    manifest, files = exported_path(
        record, PathChoice(task, exit_, network), results, lambda key: stored.kept_weights([key])[key]
    )
    for name, content in files.items():
        write_whole(made(folder, shared=True) / name, content, shared=True)
    assert manifest.exits
    end = str(manifest.exits[0]["name"])
    if as_json:
        listed = [{"path": f.path, "bytes": f.bytes, "sha256": f.sha256} for f in manifest.files]
        write_json({"folder": str(folder), "family": PATH_FAMILY, "task": task, "exit": end, "files": listed})
        return
    for entry in manifest.files:
        say(f"{entry.path}  {entry.bytes / 1e6:.2f} MB")
    say(f"Path of {task} to the exit {end}. Answer a picture: python {folder / 'network.py'} PICTURE")


def _check_has_networks(family: str) -> None:
    if family == FAMILY:
        return
    names = [each.name for each in families()]
    if family in names:
        raise StudyError(
            f'The family "{family}" has no networks that can be written. Choose from: layouts, treednn, multipath.'
        )
    raise StudyError(f'There is no family "{family[:60]}". Choose from: layouts, treednn, multipath.')


def _record(stored: Database, study: str) -> StudyRecord:
    if study in bundled_studies() and not stored.has_study(study):
        raise StudyError(
            f'The bundled study "{study}" holds no trained weights. '
            f"Train it on this machine with: branchwise run {study}.toml --keep-weights."
        )
    return stored.record(study)


def _layout(record: StudyRecord, text: str) -> Layout:
    found = Layout.parse(text, record.task_names)
    if (found.n_tasks, found.n_blocks) != (len(record.task_names), record.backbone.n_blocks):
        raise StudyError(
            f"The layout has {found.n_tasks} tasks and {found.n_blocks} blocks; the study has "
            f"{len(record.task_names)} and {record.backbone.n_blocks}. They should match."
        )
    return found


def _recommended(study: Study, budget: str | None, unit: str | None) -> Layout:
    if not study.table.is_measured:
        raise StudyError(f'Nothing of "{study.name}" is measured, so no layout is recommended. Name one with --layout.')
    view = budget_view(study, WeightRule.SVDE, Unit(unit) if unit else available_units(study)[0])
    limit = view.independent
    if budget is not None:
        limit = Budget.parse(budget).absolute(view.costs, n_tasks=study.n_tasks)
    return view.top(limit, 1).choices[0].layout


def _way_out(stored: Database, record: StudyRecord) -> str:
    assert record.specification is not None
    kept = [
        layout
        for layout in oracle_layouts(record.specification)
        if weights_of(stored, record.specification, layout).state is WeightsState.KEPT
    ]
    if not kept:
        return "Train it with “Save trained weights” on, or run the study file with: branchwise run … --keep-weights."
    named = ", ".join(f'"{_named(record, layout)}"' for layout in kept[:_MOST_NAMED])
    return f"Train it with “Save trained weights” on, or choose with --layout one that is: {named}."


def _named(record: StudyRecord, layout: Layout) -> str:
    text = layout.to_text(record.task_names)
    return text if len(text) <= _MOST_LETTERS else layout.to_text()[:_MOST_LETTERS]


def _check_free(folder: Path) -> None:
    """Check that a folder holds no manifest of something else."""
    path = folder / FILE
    if path.exists():
        try:
            read_manifest(bounded_bytes(path, MAX_MANIFEST), str(path))
        except (OSError, StudyError):
            raise StudyError(
                f"{path} is no manifest that Branchwise wrote. Choose another folder, or remove it."
            ) from None
