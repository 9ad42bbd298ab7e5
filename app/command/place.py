"""The study database of a command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from app.command.environment import set_for_this_process
from core.studies.database import Database
from core.studies.home import DATABASE_FILE, VARIABLE
from core.studies.home import home as home_folder

Command = TypeVar("Command", bound=Callable[..., Any])


def home_option(command: Command) -> Command:
    """Add ``--home`` to a command."""
    return click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        help=f"Folder of the study database; {VARIABLE} or the user data folder by default.",
    )(command)


def database(home: Path | None) -> Database:
    """Return the study database in ``home``, or in the folder of Branchwise."""
    if home is not None:
        # Generated data sets are stored there, too.
        set_for_this_process({VARIABLE: str(home.absolute())})
    # Not the one of pages: a command that reads ends with the sentence that says why it can't.
    return Database(home_folder() / DATABASE_FILE)
