"""Deep virtual networks as files for others: one level as a plain network, or all to switch between."""

from core.data.label_warnings import known_warnings
from core.errors import StudyError
from core.families.virtual.deploy import deployed_files
from core.families.virtual.export import exported_level
from core.families.virtual.kept import kept_network
from core.networks.loader import LOADER_FILE
from core.networks.onnx_file import check_installed, with_onnx
from core.studies.export_request import Exported, ExportRequest
from core.studies.network_files import files_in, replace_files


def write_level(request: ExportRequest) -> Exported:
    """Write network.py, weights.safetensors and manifest.json of one level of a task, and return what was written.

    Raises:
        BranchwiseError: There is no such study, task or level, or its weights are not kept here.
    """
    request.check_chosen_by("task", "level", "network", why="A virtual network is one of a task's level")
    stored, record = request.database, request.record()
    results = stored.results(request.study)
    kept = kept_network(record, results, lambda key: stored.kept_weights([key]).get(key), name=request.network)
    if request.task is None:
        raise StudyError(f"Which task? Name it with --task, one of: {', '.join(record.task_names)[:300]}.")
    request.check_free()
    if request.onnx:
        check_installed()
    manifest, files = exported_level(record, kept, results, request.task, request.level)
    if request.onnx:
        manifest, files = with_onnx(manifest, files)
    written = request.write(manifest, files)
    assert manifest.units is not None
    level = len(manifest.units[0]) - 1
    assert record.specification is not None
    warnings = (
        *known_warnings(record.specification.dataset, (request.task,)),
        *(warning for task in manifest.tasks for warning in task.warnings),
    )
    document = {
        "task": request.task,
        "level": level,
        "units": manifest.units[0],
        "network": kept.name,
        "seed": kept.run.seed,
        "files": written.document,
    }
    way = (
        f'Level {level} of {request.task} of "{kept.name}", seed {kept.run.seed}. '
        f"{request.way_to_answers(record.specification.backbone)}"
    )
    return Exported.of(document, (*written.lines, way), warnings)


def write_network(request: ExportRequest, seed: int | None = None) -> Exported:
    """Write a deep virtual network as pieces of weights, what each level has alone, manifest and loader.

    Args:
        request: Which study and network, and where to.
        seed: Of the network; the first one whose weights are kept by default.

    Raises:
        BranchwiseError: There is no such study or network, or its weights are not kept here.
    """
    request.check_chosen_by("network", why="A network is deployed with all its tasks and levels")
    stored, record = request.database, request.record()
    results = stored.results(request.study)
    kept = kept_network(
        record, results, lambda key: stored.kept_weights([key]).get(key), name=request.network, seed=seed
    )
    former = files_in(request.folder)
    manifest, files = deployed_files(record, kept, results)
    replace_files(request.folder, files, former)
    assert record.specification is not None
    warnings = (
        *known_warnings(record.specification.dataset, record.specification.tasks),
        *(warning for task in manifest.tasks for warning in task.warnings),
    )
    held = {role: sum(file.bytes for file in manifest.files if file.role == role) for role in ("units", "level")}
    document = {
        "network": kept.name,
        "seed": kept.run.seed,
        "units": manifest.units,
        "tasks": [
            {
                "name": task.name,
                "levels": [level.model_dump(mode="json", exclude={"metrics"}) for level in task.levels or ()],
            }
            for task in manifest.tasks
        ],
        "files": len(files),
        "bytes": {"shared": held["units"], "own": held["level"]},
        "loader": LOADER_FILE,
    }
    lines = [
        f"{task.name}  "
        + "  ".join(f"level {n} {level.read_bytes / 1e6:.3f} MB" for n, level in enumerate(task.levels or ()))
        for task in manifest.tasks
    ]
    lines.append(
        f"{held['units'] / 1e6:.3f} MB of shared weights and {held['level'] / 1e6:.3f} MB of norms and heads, in "
        f"{len(files)} files in {request.folder}. Answer a picture: python {request.folder / LOADER_FILE} TASK PICTURE"
    )
    return Exported.of(document, lines, warnings)
