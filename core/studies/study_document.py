"""What an archive says of its study, apart from results: read and checked."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import StudyError
from core.studies import documents
from core.studies.documents import first_fault
from core.studies.record import StudyRecord
from core.studies.specification import NAME_PATTERN, study_from_document
from core.value_fault import register

# 2 added the similarity of tasks, 3 the losses of recombined networks, 4 the runs of several data sets,
# 5 payloads of any family, and scores of samples.
SCHEMA: Final = 5
_KIND: Final = register("^(measured|table)$", "measured or table")


class _StudyDocument(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    schema_: Annotated[int, Field(alias="schema", ge=1)]
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


def read_record(document: object, members: Mapping[str, bytes]) -> StudyRecord:
    """Return the record that ``study.json`` describes, with the arrays of other members.

    Args:
        document: The decoded ``study.json``.
        members: Member → content.

    Raises:
        StudyError: It has another form, or was made by a newer Branchwise.
    """
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
