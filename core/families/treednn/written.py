"""The TreeDNN of a study as files for an application."""

from functools import partial

from core.data import store
from core.data.label_warnings import known_warnings
from core.errors import StudyError
from core.families.treednn.deploy import deploy
from core.studies.export_request import Exported, ExportRequest
from core.studies.home import CACHE, WEIGHTS


def write_tree(request: ExportRequest, seed: int | None = None) -> Exported:
    """Write trunk, branches, manifest and loader of a study's TreeDNN, and return what was written.

    Args:
        request: Which study, and where to.
        seed: Of the TreeDNN; the first of the study by default.

    Raises:
        BranchwiseError: The study has none, or its weights are not kept here.
    """
    request.check_chosen_by(why="A study has one TreeDNN, which is the same at every budget")
    if request.onnx:
        raise StudyError(
            "A TreeDNN switches between branches that are read when needed, which one ONNX file can't. "
            "Leave --onnx out: load.py and predict.py run with torch."
        )
    stored, study, folder = request.database, request.study, request.folder
    specification = request.record().specification
    if specification is None:
        raise StudyError(f'"{study}" is an imported table without networks. Choose a measured study.')
    manifest = deploy(
        specification,
        seed,
        folder,
        data=partial(store.load, folder=stored.path.parent / CACHE),
        weights=lambda key: stored.path.parent / WEIGHTS / f"{key}.safetensors",
        results=stored.results(study),
    )
    document = {
        "trunk": {"file": manifest.trunk.file, "bytes": manifest.trunk.bytes, "blocks": manifest.cut},
        "branches": [{"name": b.name, "file": b.file, "bytes": b.bytes} for b in manifest.branches],
        "bytes": manifest.tree_bytes,
        "loader": None if manifest.source is None else manifest.source.path,
    }
    lines = [f"trunk  {manifest.trunk.bytes / 1e6:.2f} MB  {manifest.trunk.file}"]
    lines += [f"{branch.name}  {branch.bytes / 1e6:.2f} MB  {branch.file}" for branch in manifest.branches]
    if manifest.source is None:
        lines.append(
            "No load.py: a branch is wider or thinner than its backbone of torchvision. Load it with Branchwise."
        )
    lines.append(f"{manifest.tree_bytes / 1e6:.2f} MB in {folder}. Measure it: branchwise switch {folder}")
    warnings = (
        *known_warnings(specification.dataset, specification.tasks),
        *(warning for branch in manifest.branches for warning in branch.about.warnings),
    )
    return Exported.of(document, lines, warnings)
