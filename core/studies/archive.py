"""A study as one file that another machine opens."""

import io
import zipfile
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.affinity.recombined import RecombinedLosses
from core.backbones.profile_file import profile_document
from core.errors import StudyError
from core.families.recombined.losses import losses_npz, losses_of, read_losses_npz, with_losses
from core.families.recombined.runs import (
    RECOMBINED,
    TRAININGS,
    AnyRun,
    RecombinedSpecification,
    SimilaritySpecification,
    kind_of,
    tasks_of,
    trainings_of,
)
from core.families.switching.runs import SwitchingSpecification
from core.families.treednn.runs import DedicatedSpecification, TreeRun
from core.runs.result import RunResult, RunState, Split
from core.studies import documents
from core.studies.database import Database
from core.studies.documents import first_fault
from core.studies.record import StudyRecord
from core.studies.run_documents import curves_document, read_curves, read_runs, runs_document
from core.studies.specification import NAME_PATTERN, RunSpecification, study_from_document
from core.studies.study import Study

# 2 added the similarity of tasks, 3 the losses of recombined networks, 4 the runs of trees of several data sets.
SCHEMA: Final = 4
MAX_ARCHIVE: Final = 50_000_000
# Member → most bytes it may unpack to.
MEMBERS: Final = {
    "study.json": 2_000_000,
    "runs.json": 50_000_000,
    "curves.json": 200_000_000,
    "gallery.npz": 50_000_000,
    "table.npz": 50_000_000,
    "losses.npz": 200_000_000,
}
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
        """Give the study they add up to."""
        return self.record.study(self.results)


def export_study(database: Database, name: str) -> bytes:
    """Give a stored study as one zip file; the same study gives the same bytes.

    Raises:
        StudyError: There is no such study.
    """
    return write_archive(database.record(name), database.results(name, *TRAININGS))


def import_archive(source: bytes | Path, database: Database) -> str:
    """Store the study of an archive and give its name.

    A stored study that asks for the same is completed with the archive's runs; where another
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
    """Give the study in an archive without storing it.

    Raises:
        StudyError: As ``import_archive``.
    """
    return open_archive(source, lazy=True).study()


def read_losses(source: bytes | Path) -> RecombinedLosses | None:
    """Give the losses of recombined networks in an archive, or None where it has none.

    Raises:
        StudyError: As ``import_archive``.
    """
    members = _members(source, {"study.json", "losses.npz"})
    if "losses.npz" not in members:
        return None
    document = documents.read_json(members["study.json"], "study.json")
    asked = document.get("specification") if isinstance(document, dict) else None
    return read_losses_npz(members["losses.npz"], study_from_document(asked, "study.json"))


def write_archive(record: StudyRecord, results: Mapping[str, RunResult]) -> bytes:
    """Give the zip file of a study and the results of its runs.

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
        members["runs.json"] = documents.write_json(runs_document(results)).encode()
        members["curves.json"] = documents.write_json(curves_document(results)).encode()
        losses = losses_of(specification, results)
        if losses is not None:
            members["losses.npz"] = losses_npz(losses)
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
    """Give the record and the results in an archive, everything checked.

    Args:
        source: The archive or its path.
        lazy: Leave out training curves and the losses of recombined networks; a study is assembled without them.

    Raises:
        StudyError: As ``import_archive``.
    """
    members = _members(source, {*MEMBERS} - {"curves.json", "losses.npz"} if lazy else {*MEMBERS})
    document = documents.read_json(members["study.json"], "study.json")
    record = _record(document, members)
    if record.specification is None:
        return OpenedArchive(record, {})
    asked: dict[str, AnyRun] = {run.key: run for run in trainings_of(record.specification)}
    found = read_runs(members.get("runs.json"), read_curves(members.get("curves.json")))
    if strange := sorted(found.keys() - asked.keys()):
        raise StudyError(
            f"runs.json has the run {strange[0][:40]!r}, which the study does not ask for. Export the study again."
        )
    metrics = {task.name: [metric.name for metric in task.metrics] for task in record.tasks}
    for key, result in found.items():
        run = asked[key]
        if not isinstance(run, RecombinedSpecification | SimilaritySpecification | SwitchingSpecification):
            _check_complete(run.title, tasks_of(run), result, metrics)
            if not isinstance(run, RunSpecification):
                _check_branches(run, result)
    if "losses.npz" in members:
        losses = read_losses_npz(members["losses.npz"], record.specification)
        found |= with_losses(record.specification, found, losses)
    elif not lazy:
        # Without what they gave, recombined networks are as good as not trained.
        found = {key: result for key, result in found.items() if kind_of(asked[key]) != RECOMBINED}
    return OpenedArchive(record, found)


def _members(source: bytes | Path, wanted: Set[str]) -> dict[str, bytes]:
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > MAX_ARCHIVE:
            raise StudyError(f"The archive has {size:,} bytes; a study has at most {MAX_ARCHIVE:,}.")
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            names = archive.namelist()
            _check_names(names)
            for member in archive.infolist():
                if member.file_size > MEMBERS[member.filename]:
                    raise StudyError(
                        f"{member.filename} unpacks to {member.file_size:,} bytes; "
                        f"at most {MEMBERS[member.filename]:,} are allowed."
                    )
            return {name: archive.read(name) for name in names if name in wanted}
    except documents.DAMAGE as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
        raise StudyError(f"This is no study archive: {reason}. Choose a file made by Export.") from None


def _check_names(names: list[str]) -> None:
    for name in names:
        if name not in MEMBERS:
            raise StudyError(
                f"The archive holds {name[:80]!r}, which is no part of a study. Choose a file made by Export."
            )
        if names.count(name) > 1:
            raise StudyError(f"The archive holds {name} twice. Choose a file made by Export.")
    if "study.json" not in names:
        raise StudyError("The archive has no study.json, so it is no study. Choose a file made by Export.")


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
    if result.state is not RunState.DONE:
        return
    for split in SPLITS:
        for task in tasks:
            found = result.metrics.get(split, {}).get(task, {})
            for metric in metrics[task]:
                if metric not in found:
                    raise StudyError(
                        f'The run "{title}" lacks the {split} value of "{metric}" of {task}. Export the study again.'
                    )


def _check_branches(run: TreeRun, result: RunResult) -> None:
    own = {*tasks_of(run)}
    others = () if isinstance(run, DedicatedSpecification) else (branch.name for branch in run.tree.branches)
    known = {*own, *others}
    strange = (result.rows.keys() - own) | (result.digests.keys() - known - {""}) | (result.alike.keys() - known)
    if strange:
        raise StudyError(
            f'The run "{run.title}" speaks of {min(strange)[:64]!r}, no branch that it trains or sees. '
            "Export the study again."
        )
    if result.state is RunState.DONE and result.rows.keys() != own:
        raise StudyError(f'The run "{run.title}" does not say how many rows it trained on. Export the study again.')


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
