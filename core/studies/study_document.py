"""What an archive says of its study, apart from results: read and checked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import DamageError, StudyError
from core.studies import documents
from core.studies.documents import first_fault
from core.studies.record import StudyRecord
from core.studies.specification import NAME_PATTERN, StudySpecification, study_from_document
from core.studies.split_size import split_size
from core.tasks import METRICS, Metric, Task
from core.value_fault import register

# 2 added the similarity of tasks, 3 the losses of recombined networks, 4 the runs of several data sets,
# 5 payloads of any family, and scores of samples.
SCHEMA: Final = 5
# Clocks of two machines differ, and a time without a zone may be of any.
_CLOCKS: Final = timedelta(days=1)
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KIND: Final = register("^(measured|table)$", "measured or table")


class _StudyDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_: Annotated[int, Field(alias="schema", ge=1, lt=2**31)]
    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    kind: Annotated[str, Field(pattern=_KIND)]
    title: Annotated[str, Field(max_length=120)]
    description: Annotated[str, Field(max_length=2000)]
    task_names: Annotated[tuple[str, ...], Field(min_length=2, max_length=40)]
    specification: dict[str, Any] | None
    tasks: list[Any]
    backbone: dict[str, Any]
    command: Annotated[str, Field(max_length=500)]
    finished: Annotated[str, Field(max_length=40)]
    similarity: dict[str, Any] | None = None


def check_schema(document: object) -> None:
    """Check that this Branchwise reads what a decoded ``study.json`` describes.

    Raises:
        StudyError: It was made by a newer one.
    """
    schema = document.get("schema") if isinstance(document, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise StudyError(
            f"The study has schema {schema}, made by a newer Branchwise; this one reads up to {SCHEMA}. "
            "Update Branchwise."
        )


def read_record(document: object, members: Mapping[str, bytes]) -> StudyRecord:
    """Return the record that ``study.json`` describes, with the arrays of other members.

    Args:
        document: The decoded ``study.json``.
        members: Member → content.

    Raises:
        BranchwiseError: It has another form.
    """
    try:
        study = _StudyDocument.model_validate(document)
    except ValidationError as fault:
        raise DamageError(f"study.json can't be read: {first_fault(fault)}.") from None
    needed = "runs.json" if study.kind == "measured" else "table.npz"
    if needed not in members or (study.specification is None) == (study.kind == "measured"):
        raise StudyError(f"The archive of a {study.kind} study lacks {needed} or a specification. Export it again.")
    gallery, table = members.get("gallery.npz"), members.get("table.npz")
    specification = None if study.specification is None else study_from_document(study.specification, "study.json")
    if specification is not None and specification.name != study.name:
        raise StudyError(f'study.json is called "{study.name}", its specification "{specification.name}".')
    backbone = documents.read_backbone(study.backbone)
    if not any(block.params or block.macs or block.latency for block in backbone.blocks):
        raise StudyError(f'No block of "{backbone.name}" has a cost above zero, so nothing can be compared.')
    tasks, similar = study.task_names, study.similarity
    described = documents.read_tasks(study.tasks)
    _check_metrics(described)
    _check_finished(study.finished, datetime.now(UTC))
    pictures = None if gallery is None else documents.read_gallery(gallery)
    if specification is not None and similar is not None:
        _check_compared(similar, specification)
    record = StudyRecord(
        name=study.name,
        task_names=study.task_names,
        backbone=backbone,
        specification=specification,
        tasks=described,
        table=None if table is None else documents.read_table(table, study.task_names),
        gallery=pictures,
        title=study.title,
        description=study.description,
        command=study.command,
        finished=study.finished,
        similarity=None if similar is None else documents.read_similarity(similar, len(tasks), backbone.n_blocks),
    )
    if pictures is not None and (strange := {*pictures.targets, *pictures.labels} - {*tasks}):
        raise StudyError(f"The gallery shows the task {min(strange)[:60]!r}, which the study has not. Export it again.")
    return record


def _check_metrics(tasks: Sequence[Task]) -> None:
    """Check that tasks are evaluated as their kinds are: with a flipped direction the worst network is the best."""
    for task in tasks:
        known = METRICS[task.kind]
        for metric in task.metrics:
            if metric not in known:
                raise DamageError(
                    f"{_words(metric)} evaluates {task.name!r}; tasks of kind {task.kind.value} have "
                    f"{', '.join(map(_words, known))}."
                )


def _words(metric: Metric) -> str:
    direction = "higher" if metric.higher_is_better else "lower"
    return f'"{metric.name}" ({direction} is better{f", in {metric.unit}" if metric.unit else ""})'


def _check_finished(text: str, now: datetime) -> None:
    try:
        finished = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise StudyError(
            f"The study was finished {text!r}, which is no time. Write it like 2026-01-31T12:00:00+00:00, or leave it "
            "empty."
        ) from None
    if finished is None:
        return
    finished = finished if finished.tzinfo else finished.replace(tzinfo=UTC)
    if not _FIRST <= finished <= now + _CLOCKS:
        raise StudyError(
            f"The study was finished {text!r}, which is not between 1970 and now. Check the clock, and export it again."
        )


def _check_compared(similar: Mapping[str, Any], specification: StudySpecification) -> None:
    n, size = similar.get("n_pictures"), split_size(specification.dataset, "validation")
    if isinstance(n, int) and n > size.most:
        raise DamageError(f"The similarity of tasks was measured on {n:,} pictures; the validation split has {size}.")
