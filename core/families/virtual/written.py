"""Deep virtual networks as files for others: one level of a task as a plain network."""

from core.data.label_warnings import known_warnings
from core.errors import StudyError
from core.families.virtual.export import exported_level
from core.families.virtual.kept import kept_network
from core.studies.export_request import Exported, ExportRequest


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
    manifest, files = exported_level(record, kept, results, request.task, request.level)
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
        f"Answer a picture: python {request.folder / 'network.py'} PICTURE"
    )
    return Exported.of(document, (*written.lines, way), warnings)
