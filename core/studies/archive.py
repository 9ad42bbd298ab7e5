"""A study as one file that another machine opens."""

import io
import zipfile
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.backbones.profile_file import profile_document
from core.bounded_zip import read_zip
from core.errors import StudyError
from core.runs.result import RunResult, Split
from core.runs.run import Run
from core.studies import documents
from core.studies.database import Database
from core.studies.documents import first_fault
from core.studies.expand import expand
from core.studies.family import families
from core.studies.record import StudyRecord
from core.studies.run_documents import (
    curves_document,
    read_curves,
    read_runs,
    read_samples,
    runs_document,
    samples_document,
)
from core.studies.specification import NAME_PATTERN, StudySpecification, study_from_document
from core.studies.study import Study

# 2 added the similarity of tasks, 3 the losses of recombined networks, 4 the runs of several data sets,
# 5 payloads of any family, and scores of samples.
SCHEMA: Final = 5
MAX_ARCHIVE: Final = 50_000_000
# Member → most bytes it may unpack to.
MEMBERS: Final = {
    "study.json": 2_000_000,
    "runs.json": 50_000_000,
    "curves.json": 50_000_000,
    "gallery.npz": 50_000_000,
    "table.npz": 50_000_000,
    "samples.json": 100_000_000,
}
MAX_UNPACKED: Final = 150_000_000
SPLITS: Final[tuple[Split, Split]] = ("validation", "test")


class _StudyDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_: Annotated[int, Field(alias="schema", ge=1)]
    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    kind: Annotated[str, Field(pattern="^(measured|table)$")]
    title: Annotated[str, Field(max_length=120)]
    description: Annotated[str, Field(max_length=2000)]
    task_names: Annotated[tuple[str, ...], Field(min_length=2, max_length=40)]
    specification: dict[str, Any] | None
    tasks: list[Any]
    backbone: dict[str, Any]
    command: Annotated[str, Field(max_length=500)]
    finished: Annotated[str, Field(max_length=40)]
    similarity: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpenedArchive:
    """What an archive holds: a study's record and the results of its runs by key."""

    record: StudyRecord
    results: Mapping[str, RunResult]

    def study(self) -> Study:
        """Return the study they add up to."""
        return self.record.study(self.results)


def export_study(database: Database, name: str) -> bytes:
    """Return a stored study as one zip file; the same study gives the same bytes.

    Raises:
        StudyError: There is no such study.
    """
    record = database.record(name)
    similarity = record.similarity or database.study(name).similarity
    return write_archive(replace(record, similarity=similarity), database.results(name))


def import_archive(source: bytes | Path, database: Database) -> str:
    """Store the study of an archive and return its name.

    A stored study that requests the same is completed with the archive's runs; where another
    study has the name, the new one is called ``NAME-2`` and so on. Nothing is written unless
    the whole archive is sound.

    Raises:
        StudyError: The archive is no study, is damaged, too large, or from a newer Branchwise.
    """
    opened = open_archive(source)
    opened.study()
    record = opened.record
    taken = {line.name for line in database.studies()}
    number = 1
    while record.name in taken and not _same(database.record(record.name), record):
        number += 1
        record = _renamed(opened.record, f"{opened.record.name[:36]}-{number}")
    database.put(record, opened.results)
    return record.name


def read_archive(source: bytes | Path) -> Study:
    """Return the study in an archive without storing it.

    Raises:
        StudyError: As ``import_archive``.
    """
    return open_archive(source, lazy=True).study()


def read_results(source: bytes | Path, *members: str) -> tuple[StudySpecification, dict[str, RunResult]]:
    """Return what a measured study in an archive requests, and the results of its runs.

    Args:
        source: The archive or its path.
        members: Files of families that are read, too, such as ``losses.npz``.

    Raises:
        StudyError: As ``import_archive``, or the study is a table.
    """
    found = _members(source, {"study.json", "runs.json", *members})
    document = documents.read_json(found["study.json"], "study.json")
    requested = document.get("specification") if isinstance(document, dict) else None
    study = study_from_document(requested, "study.json")
    return study, _with_members(study, found, read_runs(found.get("runs.json"), {}))


def write_archive(record: StudyRecord, results: Mapping[str, RunResult]) -> bytes:
    """Return the zip file of a study and the results of its runs.

    Args:
        record: The study.
        results: Run key → result. Curves are kept to five digits, metrics and losses in full.
    """
    specification, similar = record.specification, record.similarity
    study = {
        "schema": SCHEMA,
        "name": record.name,
        "kind": record.kind,
        "title": record.title,
        "description": record.description,
        "task_names": record.task_names,
        "specification": None if specification is None else specification.model_dump(mode="json"),
        "tasks": documents.tasks_document(record.tasks),
        "backbone": profile_document(record.backbone),
        "command": record.command,
        "finished": record.finished,
        "similarity": None if similar is None else documents.similarity_document(similar),
    }
    members = {"study.json": documents.write_json(study).encode()}
    if specification is not None:
        runs = expand(specification)
        known = {run.key: results[run.key] for run in runs if run.key in results}
        large = {run.key for run in runs if run.has_large_payload}
        members["runs.json"] = documents.write_json(runs_document(known, large)).encode()
        members["curves.json"] = documents.write_json(curves_document(known)).encode()
        if samples := samples_document(known):
            members["samples.json"] = documents.write_json(samples).encode()
        for family in families():
            members |= family.write_members(specification, known)
    if record.table is not None:
        members["table.npz"] = documents.table_npz(record.table)
    if record.gallery is not None:
        members["gallery.npz"] = documents.gallery_npz(record.gallery)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def open_archive(source: bytes | Path, *, lazy: bool = False) -> OpenedArchive:
    """Return the record and the results in an archive, everything checked.

    Args:
        source: The archive or its path.
        lazy: Leave out training curves, scores of samples and large payloads; a study is assembled without them.

    Raises:
        StudyError: As ``import_archive``.
    """
    members = _members(source, {*MEMBERS} - {"curves.json", "samples.json"} if lazy else {*_allowed()})
    document = documents.read_json(members["study.json"], "study.json")
    record = _record(document, members)
    if record.specification is None:
        return OpenedArchive(record, {})
    requested: dict[str, Run] = {run.key: run for run in expand(record.specification)}
    curves, samples = read_curves(members.get("curves.json")), read_samples(members.get("samples.json"))
    found = read_runs(members.get("runs.json"), curves, samples)
    for member, keys in (("runs.json", found), ("curves.json", curves), ("samples.json", samples)):
        if strange := sorted(keys.keys() - requested.keys()):
            raise StudyError(
                f"{member} has the run {strange[0][:40]!r}, which the study does not request. Export the study again."
            )
    if elsewhere := [key for key, result in found.items() if result.payload and requested[key].has_large_payload]:
        raise StudyError(
            f'runs.json holds the payload of "{requested[elsewhere[0]].label}", which has a file of its own. '
            "Export the study again."
        )
    metrics = {task.name: [metric.name for metric in task.metrics] for task in record.tasks}
    if not lazy:
        found = _with_members(record.specification, members, found)
    for key, result in found.items():
        run = requested[key]
        _check_complete(str(run.label), run.measured_tasks, result, metrics)
        if not run.has_large_payload:
            run.check(result)
    if not lazy:
        # Without its payload such a run is as good as not trained.
        found = {
            key: result
            for key, result in found.items()
            if not (requested[key].has_large_payload and result.is_done and result.payload is None)
        }
    return OpenedArchive(record, found)


def _allowed() -> dict[str, int]:
    """Return member → most bytes it may unpack to, over all families."""
    return MEMBERS | {name: size for family in families() for name, size in family.members.items()}


def _with_members(
    study: StudySpecification, members: Mapping[str, bytes], found: dict[str, RunResult]
) -> dict[str, RunResult]:
    for family in families():
        found = found | family.read_members(study, members, found)
    return found


def _members(source: bytes | Path, wanted: Set[str]) -> dict[str, bytes]:
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > MAX_ARCHIVE:
            raise StudyError(f"The archive has {size:,} bytes; a study has at most {MAX_ARCHIVE:,}.")
        found = read_zip(
            source if isinstance(source, bytes) else source.read_bytes(),
            _most_bytes,
            most_bytes=MAX_UNPACKED,
            most_members=2 * len(_allowed()),
            wanted=wanted.__contains__,
        )
    except documents.DAMAGE as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        raise StudyError(f"This is no study archive: {reason[:200]}. Choose an exported study.") from None
    if "study.json" not in found:
        raise StudyError("The archive has no study.json, so it is no study. Choose an exported study.")
    return found


def _most_bytes(name: str) -> int:
    if name not in _allowed():
        raise StudyError(f"The archive holds {name[:80]!r}, which is no part of a study. Choose an exported study.")
    return _allowed()[name]


def _record(document: object, members: Mapping[str, bytes]) -> StudyRecord:
    schema = document.get("schema") if isinstance(document, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise StudyError(
            f"The study has schema {schema}, made by a newer Branchwise; this one reads up to {SCHEMA}. "
            "Update Branchwise."
        )
    try:
        study = _StudyDocument.model_validate(document)
    except ValidationError as fault:
        raise StudyError(f"study.json can't be read: {first_fault(fault)}. Export the study again.") from None
    needed = "runs.json" if study.kind == "measured" else "table.npz"
    if needed not in members or (study.specification is None) == (study.kind == "measured"):
        raise StudyError(f"The archive of a {study.kind} study lacks {needed} or a specification. Export it again.")
    gallery, table = members.get("gallery.npz"), members.get("table.npz")
    specification = None if study.specification is None else study_from_document(study.specification, "study.json")
    if specification is not None and specification.name != study.name:
        raise StudyError(f'study.json is called "{study.name}", its specification "{specification.name}".')
    backbone = documents.read_backbone(study.backbone)
    tasks, similar = study.task_names, study.similarity
    return StudyRecord(
        name=study.name,
        task_names=study.task_names,
        backbone=backbone,
        specification=specification,
        tasks=documents.read_tasks(study.tasks),
        table=None if table is None else documents.read_table(table, study.task_names),
        gallery=None if gallery is None else documents.read_gallery(gallery),
        title=study.title,
        description=study.description,
        command=study.command,
        finished=study.finished,
        similarity=None if similar is None else documents.read_similarity(similar, len(tasks), backbone.n_blocks),
    )


def _check_complete(title: str, tasks: Sequence[str], result: RunResult, metrics: Mapping[str, list[str]]) -> None:
    if not result.is_done:
        return
    for split in SPLITS:
        for task in tasks:
            found = result.metrics.get(split, {}).get(task, {})
            for metric in metrics[task]:
                if metric not in found:
                    raise StudyError(
                        f'The run "{title}" lacks the {split} value of "{metric}" of {task}. Export the study again.'
                    )


def _same(one: StudyRecord, other: StudyRecord) -> bool:
    if one.specification is not None or other.specification is not None:
        return one.specification == other.specification
    assert one.table is not None
    assert other.table is not None
    return documents.table_npz(one.table) == documents.table_npz(other.table) and one.backbone == other.backbone


def _renamed(record: StudyRecord, name: str) -> StudyRecord:
    specification = record.specification
    if specification is not None:
        # A name is no part of a run's key, so the runs stay the same.
        specification = specification.model_copy(update={"name": name})
    return replace(record, name=name, specification=specification)
