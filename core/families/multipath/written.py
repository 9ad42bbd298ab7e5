"""One path of a trained multi-path network as files for others."""

from core.data.label_warnings import known_warnings
from core.errors import StudyError
from core.families.multipath.export import PathChoice, exported_path
from core.families.multipath.runs import MultiPathRun, PathMatrixRun
from core.families.single.runs import NetworkRun
from core.networks.onnx_file import check_installed, with_onnx
from core.studies.export_request import Exported, ExportRequest


def write_path(request: ExportRequest) -> Exported:
    """Write network.py, weights.safetensors and manifest.json of the path of one task, and return what was written.

    Raises:
        BranchwiseError: There is no such study or path, or its weights are not kept here.
    """
    request.check_chosen_by("task", "exit", "network", why="A path is named by its task and exit")
    stored = request.database
    record = request.record()
    if request.task is None:
        raise StudyError(f"Which path? Name its task with --task, one of: {', '.join(record.task_names)}.")
    request.check_free()
    if request.onnx:
        check_installed()
    choice = PathChoice(request.task, request.exit or "", request.network or "")
    results = {
        key: result
        for run in (NetworkRun, MultiPathRun, PathMatrixRun)
        for key, result in stored.results(request.study, run.kind).items()
    }
    manifest, files = exported_path(record, choice, results, lambda key: stored.kept_weights([key])[key])
    if request.onnx:
        manifest, files = with_onnx(manifest, files)
    written = request.write(manifest, files)
    assert manifest.exits
    end = str(manifest.exits[0]["name"])
    assert record.specification is not None
    way = f"Path of {choice.task} to the exit {end}. {request.way_to_answers(record.specification.backbone)}"
    warnings = (
        *known_warnings(record.specification.dataset, (choice.task,)),
        *(warning for task in manifest.tasks for warning in task.warnings),
    )
    return Exported.of({"task": choice.task, "exit": end, "files": written.document}, (*written.lines, way), warnings)
