"""A trained layout of a study as files for others: network, weights, manifest."""

from core.costs import Unit
from core.data.label_warnings import known_warnings
from core.errors import BudgetError, StudyError
from core.estimators.basis import usual_estimator
from core.estimators.coverage import interpolation_warnings
from core.estimators.weights import WeightRule, weight_warnings
from core.families.layouts.export import exported_files
from core.families.layouts.predictions import BudgetView, available_units, budget_view
from core.families.layouts.runs import oracle_layouts
from core.families.layouts.weights import WeightsState, weights_of
from core.families.single.runs import NetworkRun
from core.layouts import Layout
from core.networks.block_source import study_block_source
from core.networks.onnx_file import check_installed, with_onnx
from core.selection.budget import Budget
from core.studies.bundled import keep_weights_command
from core.studies.database import Database
from core.studies.export_request import Exported, ExportRequest
from core.studies.record import StudyRecord
from core.studies.study import Study

_MOST_NAMED, _MOST_LETTERS = 5, 300


def write_layout(request: ExportRequest) -> Exported:
    """Write network.py, weights.safetensors and manifest.json of a layout, and return what was written.

    Raises:
        BranchwiseError: There is no such study or layout, or its weights are not kept here.
    """
    request.check_chosen_by("layout", "budget", "unit", why="A layout is one network of all tasks, without paths")
    stored, study = request.database, request.study
    record = request.record()
    specification = record.specification
    if specification is None or specification.has_several:
        way = "branchwise deploy writes its TreeDNN" if specification is not None else "Choose a measured study"
        raise StudyError(f'"{study}" has no networks whose tasks share pictures. {way}.')
    if request.layout is not None and (request.budget is not None or request.unit is not None):
        raise BudgetError("--layout says which network is meant, so --budget and --unit say nothing. Leave one out.")
    results = stored.results(study, NetworkRun.kind)
    warnings: tuple[str, ...] = ()
    if request.layout is not None:
        chosen = _layout(record, request.layout)
    else:
        measured = record.study(results)
        view, chosen = _recommended(measured, request.budget, request.unit)
        warnings = (*interpolation_warnings(measured.table, chosen), *weight_warnings(view.tasks, view.weights))
    weights = weights_of(stored, specification, chosen)
    if weights.state is not WeightsState.KEPT:
        raise StudyError(
            f"No trained weights of the layout {_named(record, chosen)} are kept on this machine. "
            f"{_way_out(stored, record, chosen)}"
        )
    request.check_free()
    if request.onnx:
        check_installed()
    blocks = study_block_source(
        specification.backbone, (record.backbone.input_shape[1], record.backbone.input_shape[2])
    )
    manifest, files = exported_files(record, chosen, results, weights, blocks)
    if request.onnx:
        manifest, files = with_onnx(manifest, files)
    written = request.write(manifest, files)
    document = {
        "layout": chosen.to_json(),
        "seed": weights.seed,
        "tasks": list(record.task_names),
        "files": written.document,
    }
    end = (
        f"Layout {chosen.to_text(record.task_names)}, seed {weights.seed}. "
        f"{request.way_to_answers(specification.backbone)}"
    )
    doubts = (
        *known_warnings(specification.dataset, specification.tasks),
        *(warning for task in manifest.tasks for warning in task.warnings),
    )
    return Exported.of(document, (*written.lines, end), (*warnings, *doubts))


def _layout(record: StudyRecord, text: str) -> Layout:
    found = Layout.parse(text, record.task_names)
    if (found.n_tasks, found.n_blocks) != (len(record.task_names), record.backbone.n_blocks):
        raise StudyError(
            f"The layout has {found.n_tasks} tasks and {found.n_blocks} blocks; the study has "
            f"{len(record.task_names)} and {record.backbone.n_blocks}. They should match."
        )
    return found


def _recommended(study: Study, budget: str | None, unit: Unit | None) -> tuple[BudgetView, Layout]:
    if not study.table.is_measured:
        raise StudyError(f'Nothing of "{study.name}" is measured, so no layout is recommended. Name one with --layout.')
    view = budget_view(study, WeightRule.SVDE, unit or available_units(study)[0], usual_estimator(study.table))
    limit = view.independent
    if budget is not None:
        limit = Budget.parse(budget).absolute(view.costs, n_tasks=study.n_tasks)
    return view, view.top(limit, 1).choices[0].layout


def _way_out(stored: Database, record: StudyRecord, chosen: Layout) -> str:
    assert record.specification is not None
    requested = oracle_layouts(record.specification)
    kept = [
        layout for layout in requested if weights_of(stored, record.specification, layout).state is WeightsState.KEPT
    ]
    train = f"rain it with: {keep_weights_command(record.name, record.command)}"
    text = chosen.to_text(record.task_names)
    named = f'"{text}"' if len(text) <= _MOST_LETTERS else "it"
    train = (
        f"T{train}" if chosen in requested else f"Add {named} to layouts below [oracle] in the study file and t{train}"
    )
    if not kept:
        return f"{train}."
    named = ", ".join(f'"{_named(record, layout)}"' for layout in kept[:_MOST_NAMED])
    return f"{train}; or choose with --layout one that is: {named}."


def _named(record: StudyRecord, layout: Layout) -> str:
    text = layout.to_text(record.task_names)
    return text if len(text) <= _MOST_LETTERS else layout.to_text()[:_MOST_LETTERS]
