"""Prepare a study in a process with torch: trace its backbone, draw its examples."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from core.errors import StudyError
from core.jobs.torch_process import answer_of
from core.studies.code_permission import check_uses_none
from core.studies.database import Database
from core.studies.home import VARIABLE
from core.studies.specification import StudySpecification

# By name: only the process started here imports torch.
PREPARE = "core.training.prepare"
PATIENCE = 600


class Prepared(NamedTuple):
    """A study that was stored.

    Args:
        name: Its name, with a number where the requested one was taken.
        warnings: A sentence for every doubt about the labels, such as a class that training never shows.
    """

    name: str
    warnings: tuple[str, ...]


def prepare(
    specification: StudySpecification,
    database: Database,
    *,
    command: str = "",
    session: str = "",
    code: Sequence[Path] | None = None,
) -> Prepared:
    """Check a study against its data and backbone, and store it; nothing is written if a check fails.

    Args:
        specification: Of the study.
        database: Where to store it.
        command: Shell command that repeats it.
        session: Who stores it.
        code: Folders that code of its author may be imported from, where the owner of this server asks for it.

    Raises:
        CodeError: It uses code of its author, and ``code`` allows none.
        StudyError: Data, tasks or backbone do not fit, with a message that says what to change.
    """
    if code is None:
        check_uses_none(specification)
    document = {
        "specification": specification.model_dump(mode="json"),
        "command": command,
        "session": session,
        "code": None if code is None else [str(root) for root in code],
    }
    answer = answer_of(
        PREPARE,
        document,
        patience=PATIENCE,
        variables={VARIABLE: str(database.path.parent)},
        error=StudyError,
        late=f"The study was not ready after {PATIENCE} s. Use a smaller data set or backbone.",
        failed="The study could not be prepared.",
    )
    return Prepared(answer["name"], tuple(answer["warnings"]))
