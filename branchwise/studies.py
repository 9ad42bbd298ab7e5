"""Stored and bundled studies, and how one is run."""

from collections.abc import Callable
from pathlib import Path

from core.jobs.headless import Progress
from core.studies.bundled import stored_or_bundled
from core.studies.database import Database
from core.studies.home import DATABASE_FILE
from core.studies.home import home as usual_home
from core.studies.study import Study


def open_study(name: str, *, home: str | Path | None = None) -> Study:
    """Return a stored or bundled study with everything that was measured on it.

    Args:
        name: Of the study.
        home: Folder of the study database; ``BRANCHWISE_HOME`` or the user data folder by default.

    Raises:
        BranchwiseError: There is no such study, or what is stored is damaged.
    """
    return stored_or_bundled(_database(home), name)


def run_study(
    file: str | Path,
    *,
    home: str | Path | None = None,
    workers: int = 0,
    keep_weights: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Study:
    """Train what a study file requests and is not done yet, and return the study.

    Killed at any moment, it goes on from there when it is called again. Call it below
    ``if __name__ == "__main__":`` in a script: its workers are processes.

    Args:
        file: The study file.
        home: Folder of the study database; ``BRANCHWISE_HOME`` or the user data folder by default.
        workers: Processes that train; one for each core by default.
        keep_weights: Whether trained weights are kept.
        progress: Called now and then.

    Raises:
        BranchwiseError: The file, the data or the network can't be used.
    """
    from core.jobs.engine import EngineSettings
    from core.jobs.headless import run_study as run_stored
    from core.own_code.permission import permitted
    from core.studies.code_permission import roots_of
    from core.studies.specification import read_study
    from core.training.prepare_study import prepare_study

    path, stored = Path(file), _database(home)
    specification = read_study(path)
    # The program that calls this is the owner's, and so is the code that the study file names.
    roots = (path.parent.resolve(), Path.cwd())
    with permitted(roots):
        record, _ = prepare_study(specification, command=f"branchwise run {path.name}", base=path.parent)
    stored.check_same_networks(record)
    assert record.specification is not None
    stored.put(record, code=roots_of(record.specification, roots))
    run_stored(record.name, stored, EngineSettings(workers=workers), keep_weights=keep_weights, progress=progress)
    return stored.study(record.name)


def _database(home: str | Path | None) -> Database:
    return Database((usual_home() if home is None else Path(home)) / DATABASE_FILE)
