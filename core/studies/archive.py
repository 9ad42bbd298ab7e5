"""A study as one file that another machine opens."""

import io
import zipfile
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.backbones.profile_file import profile_document
from core.bounded_zip import DAMAGE, CutShort, read_zip
from core.errors import BranchwiseError, StudyError, way_out
from core.regular_file import regular
from core.runs.result import RunResult
from core.runs.run import Run
from core.studies import documents
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.family import families
from core.studies.imported import stored_bytes
from core.studies.record import StudyRecord
from core.studies.result_check import ResultCheck, check_complete
from core.studies.run_documents import (
    curves_document,
    read_curves,
    read_runs,
    read_samples,
    runs_document,
    samples_document,
)
from core.studies.specification import StudySpecification, study_from_document
from core.studies.study import Study
from core.studies.study_document import SCHEMA as SCHEMA
from core.studies.study_document import check_schema, read_record

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
# As much of a name as one with a number keeps.
_PREFIX: Final = 36
_AGAIN: Final = "Export the study again."


@dataclass(frozen=True, slots=True, eq=False)
class OpenedArchive:
    """What an archive holds: a study's record and the results of its runs by key."""

    record: StudyRecord
    results: Mapping[str, RunResult]

    @way_out(_AGAIN)
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
    return write_archive(replace(record, similarity=similarity), record.sound(database.results(name)))


def import_archive(
    source: bytes | Path,
    database: Database,
    *,
    into: str = "",
    reserved: Collection[str] = (),
    session: str = "",
    admit: Callable[[int], None] = lambda _: None,
) -> str:
    """Store the study of an archive and return its name.

    An import adds: it changes no stored study, and its results belong to the study that it stores. Where the
    name is taken the new one is called ``NAME-2`` and so on; where the very same is stored, nothing happens.
    Nothing is written unless the whole archive is sound.

    Args:
        source: The archive or its path.
        database: Where to store it.
        into: Name of a stored study that the results are added to instead, where it requests these runs.
        reserved: Names that it may not take, such as those of bundled studies.
        session: Who imports.
        admit: Called with the number of bytes, first of the file before it is read and then of what it unpacks to,
            and again before anything is written; raises where they are too many.

    Raises:
        StudyError: The archive is no study, is damaged, too large, or from a newer Branchwise.
    """
    opened = open_archive(source, admit=admit)
    opened.study()
    if into:
        return _completed(opened, database, into, admit)
    record = opened.record
    for line in database.studies():
        if (
            line.name.startswith(record.name[:_PREFIX])
            and line.name not in reserved
            and _is_stored(opened, database, line.name)
        ):
            return line.name
    return database.add(record, opened.results, reserved=reserved, session=session, admit=admit)


def _completed(opened: OpenedArchive, database: Database, name: str, admit: Callable[[int], None]) -> str:
    specification = database.record(name).specification
    requested = set() if specification is None else {run.key for run in expand(specification)}
    found = {key: result for key, result in opened.results.items() if key in requested}
    if not found:
        raise StudyError(f'"{name}" requests none of the runs in the archive. Import it as a study of its own.')
    admit(stored_bytes(found))
    database.complete(name, found)
    return name


def _is_stored(opened: OpenedArchive, database: Database, name: str) -> bool:
    """Return whether a stored study is that of the archive, with all its results."""
    try:
        stored, results = database.record(name), database.results(name)
    except BranchwiseError:
        return False
    theirs = opened.record
    texts = (stored.title, stored.description) == (theirs.title or name, theirs.description)
    return texts and _same(stored, theirs.renamed(name)) and all(results.get(k) == r for k, r in opened.results.items())


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
    document = _document(found)
    requested = document.get("specification") if isinstance(document, dict) else None
    with way_out(_AGAIN):
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


def open_archive(
    source: bytes | Path, *, lazy: bool = False, admit: Callable[[int], None] = lambda _: None
) -> OpenedArchive:
    """Return the record and the results in an archive, everything checked.

    Args:
        source: The archive or its path.
        lazy: Leave out training curves, scores of samples and large payloads; a study is assembled without them.
        admit: As for ``import_archive``.

    Raises:
        StudyError: As ``import_archive``.
    """
    admit(_size(source))
    members = _members(source, {*MEMBERS} - {"curves.json", "samples.json"} if lazy else {*_allowed()})
    # What is parsed takes several times as much memory.
    admit(sum(map(len, members.values())))
    return _opened(_document(members), members, lazy=lazy)


def _document(members: Mapping[str, bytes]) -> object:
    """Return the decoded ``study.json``, which no newer Branchwise wrote: that has a way out of its own."""
    with way_out(_AGAIN):
        document: object = documents.read_json(members["study.json"], "study.json")
    check_schema(document)
    return document


@way_out(_AGAIN)
def _opened(document: object, members: Mapping[str, bytes], *, lazy: bool) -> OpenedArchive:
    record = read_record(document, members)
    if record.specification is None:
        return OpenedArchive(record, {})
    requested: dict[str, Run] = {run.key: run for run in expand(record.specification)}
    curves, samples = read_curves(members.get("curves.json")), read_samples(members.get("samples.json"))
    found = read_runs(members.get("runs.json"), curves, samples)
    # Results of targets that are others today are left out: the study is whole without them, and trains them anew.
    revised = bool(record.specification.dataset.revisions(record.specification.tasks))
    for member, keys in (("runs.json", found), ("curves.json", curves), ("samples.json", samples)):
        if (strange := sorted(keys.keys() - requested.keys())) and not revised:
            raise StudyError(f"{member} has the run {strange[0][:40]!r}, which the study does not request.")
    found = {key: result for key, result in found.items() if key in requested}
    if elsewhere := [key for key, result in found.items() if result.payload and requested[key].has_large_payload]:
        raise StudyError(
            f'runs.json holds the payload of "{requested[elsewhere[0]].label}", which has a file of its own.'
        )
    possible = ResultCheck(record.tasks, record.backbone)
    if not lazy:
        found = _with_members(record.specification, members, found)
    for key, result in found.items():
        run = requested[key]
        check_complete(run, result, record.tasks)
        possible.check(run, result)
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
        if (size := _size(source)) > MAX_ARCHIVE:
            raise StudyError(
                f"The archive has {size:,} bytes; a study has at most {MAX_ARCHIVE:,}. Choose an exported study."
            )
        found = read_zip(
            source if isinstance(source, bytes) else source.read_bytes(),
            _most_bytes,
            most_bytes=MAX_UNPACKED,
            most_members=2 * len(_allowed()),
            wanted=wanted.__contains__,
        )
    except DAMAGE as fault:
        raise _no_archive(fault) from None
    if "study.json" not in found:
        raise StudyError("The archive has no study.json, so it is no study. Choose an exported study.")
    return found


def _size(source: bytes | Path) -> int:
    try:
        return len(source) if isinstance(source, bytes) else regular(source).stat().st_size
    except OSError as fault:
        raise _no_archive(fault) from None


def _no_archive(fault: Exception) -> StudyError:
    if isinstance(fault, CutShort):
        return StudyError(f"The study archive is damaged: {fault}. Copy it again, or export the study again.")
    reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)
    return StudyError(f"This is no study archive: {reason[:200]}. Choose an exported study.")


def _most_bytes(name: str) -> int:
    if name not in _allowed():
        raise StudyError(f"The archive holds {name[:80]!r}, which is no part of a study. Choose an exported study.")
    return _allowed()[name]


def _same(one: StudyRecord, other: StudyRecord) -> bool:
    if one.specification is not None or other.specification is not None:
        return one.specification == other.specification
    assert one.table is not None
    assert other.table is not None
    return documents.table_npz(one.table) == documents.table_npz(other.table) and one.backbone == other.backbone
