"""Which studies may run code of their author: only those that the owner of this machine ran, and that code alone."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from core.errors import CodeError
from core.own_code.permission import not_permitted_words
from core.runs.names_code import NamesCode, code_of, needed_roots, permitted_document
from core.runs.run import Run
from core.studies.cells import text
from core.studies.several_specification import SeveralSpecification
from core.studies.specification import StudySpecification

Roots = tuple[str, ...]


def used_code(specification: StudySpecification) -> list[NamesCode]:
    """Return the parts of a study that use code which only its owner may run."""
    return [*code_of(specification.backbone), *code_of(specification.dataset)]


def with_code(specification: StudySpecification, roots: Sequence[Path]) -> StudySpecification:
    """Return a study that says which state of its author's code is meant; call it before keys are made.

    Args:
        specification: Of the study.
        roots: Folders to look in, the first one first.

    Raises:
        CodeError: There is no such module.
    """
    dataset = specification.dataset
    if isinstance(dataset, SeveralSpecification):
        sets = tuple(each.model_copy(update={"dataset": _marked(each.dataset, roots)}) for each in dataset.sets)
        changed: object = dataset.model_copy(update={"sets": sets})
    else:
        changed = _marked(dataset, roots)
    return specification.model_copy(
        update={"backbone": specification.backbone.with_code(roots), "dataset": changed},
    )


def _marked(part: object, roots: Sequence[Path]) -> object:
    return part.with_code(roots) if isinstance(part, NamesCode) else part


def roots_of(specification: StudySpecification, roots: Sequence[Path]) -> Roots:
    """Return those of some folders that the code of a study is imported from.

    Raises:
        CodeError: There is no such module.
    """
    return tuple(needed_roots(used_code(specification), roots))


def changed_code(before: StudySpecification | None, now: StudySpecification) -> list[str]:
    """Return a sentence for everything whose code is another than when the study was stored.

    Args:
        before: As it is stored.
        now: As it is about to be stored.
    """
    earlier = {part.needs_permission: part.code for part in ([] if before is None else used_code(before))}
    changed = [part for part in used_code(now) if earlier.get(part.needs_permission, part.code) != part.code]
    return [
        f"The code of {part.needs_permission} has changed since study {now.name} was stored. Its networks are trained "
        "anew, and results of the earlier code are no longer shown."
        for part in changed
    ]


def keep_permission(
    connection: sqlite3.Connection, study_id: int, specification: StudySpecification | None, roots: Roots | None
) -> None:
    """Store that a study may run its code, or forget what another state of it was allowed.

    Args:
        connection: Inside a transaction.
        study_id: Of the study.
        specification: What it requests now.
        roots: Folders that its code is imported from, where the owner allows it now; None changes nothing.
    """
    parts = [] if specification is None else used_code(specification)
    identity = hashlib.sha256(json.dumps(permitted_document(parts), sort_keys=True).encode()).hexdigest()
    connection.execute("DELETE FROM own_code WHERE study_id = ? AND identity != ?", (study_id, identity))
    if parts and roots is not None:
        connection.execute(
            "INSERT OR REPLACE INTO own_code (study_id, identity, roots) VALUES (?, ?, ?)",
            (study_id, identity, json.dumps(roots)),
        )


def roots_of_run(connection: sqlite3.Connection, key: str) -> Roots | None:
    """Return the folders that a run may import code from; None where it may not."""
    rows = connection.execute(
        "SELECT roots FROM own_code JOIN study_runs USING (study_id) WHERE run_key = ?", (key,)
    ).fetchall()
    return next((found for row in rows if (found := _read(row[0])) is not None), None)


def roots_of_study(connection: sqlite3.Connection, name: str) -> Roots | None:
    """Return the folders that a study may import code from; None where it may not."""
    row = connection.execute(
        "SELECT roots FROM own_code JOIN studies ON id = study_id WHERE name = ?", (name,)
    ).fetchone()
    return None if row is None else _read(row[0])


def check_permitted(connection: sqlite3.Connection, name: str, specification: StudySpecification) -> None:
    """Check that a stored study may run the code that it uses, if it uses any.

    Raises:
        CodeError: Its owner did not say so.
    """
    if used_code(specification) and roots_of_study(connection, name) is None:
        check_uses_none(specification)


def check_runs_permitted(connection: sqlite3.Connection, runs: Sequence[Run]) -> None:
    """Check that runs which are requested may run the code that they use, if they use any.

    Args:
        connection: Runs and the studies that request them are stored.
        runs: All of one study; one of each kind stands for the others.

    Raises:
        CodeError: The owner of their code did not say so.
    """
    for run in {type(run): run for run in runs}.values():
        part = next(code_of(run), None)
        if part is not None and roots_of_run(connection, run.key) is None:
            raise CodeError(not_permitted_words(part.needs_permission))


def check_uses_none(specification: StudySpecification) -> None:
    """Check that a study uses no code that only its owner may run.

    Raises:
        CodeError: It does.
    """
    if parts := used_code(specification):
        raise CodeError(not_permitted_words(parts[0].needs_permission))


def _read(value: object) -> Roots | None:
    try:
        found = json.loads(text(value))
    except ValueError:
        return None  # damaged: not permitted
    return tuple(found) if isinstance(found, list) and all(isinstance(each, str) for each in found) else None
