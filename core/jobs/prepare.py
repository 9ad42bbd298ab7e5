"""Prepare a study in a process with torch: trace its backbone, draw its examples."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from core.errors import StudyError
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


def prepare(specification: StudySpecification, database: Database, *, command: str = "", session: str = "") -> Prepared:
    """Check a study against its data and backbone, and store it; nothing is written if a check fails.

    Args:
        specification: Of the study.
        database: Where to store it.
        command: Shell command that repeats it.
        session: Who stores it.

    Raises:
        StudyError: Data, tasks or backbone do not fit, with a message that says what to change.
    """
    document = {"specification": specification.model_dump(mode="json"), "command": command, "session": session}
    try:
        done = subprocess.run(
            [sys.executable, "-m", PREPARE],
            input=json.dumps(document),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env={**os.environ, VARIABLE: str(database.path.parent)},
            cwd=Path(sys.prefix),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StudyError(f"The study was not ready after {PATIENCE} s. Use a smaller data set or backbone.") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise StudyError(lines[-1][:500] if lines else "The study could not be prepared.")
    # A library that is imported may print, too: ours is the last line.
    document = json.loads(done.stdout.splitlines()[-1])
    return Prepared(document["name"], tuple(document["warnings"]))
