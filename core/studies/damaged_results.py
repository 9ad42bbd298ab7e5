"""Finished runs whose stored result does not say what they measure: they count as missing, and can be trained again."""

from core.errors import StudyError
from core.studies.cells import text
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.family import kinds
from core.studies.imported import JOIN, STATE
from core.studies.record import StudyRecord


def damaged_results(database: Database, record: StudyRecord) -> frozenset[str]:
    """Return the keys of a stored study's runs that are done, and whose result is damaged.

    Training curves and scores of samples are not read.

    Args:
        database: Where the study is; none of its runs are damaged where it is not.
        record: What it requests.

    Raises:
        StudyError: The database can't be read.
    """
    if record.specification is None:
        return frozenset()
    with database.reading() as connection:
        rows = connection.execute(
            "SELECT runs.kind, runs.key FROM runs JOIN study_runs ON study_runs.run_key = runs.key "
            f"JOIN studies ON studies.id = study_runs.study_id {JOIN} WHERE name = ? AND {STATE} = 'done'",
            (record.name,),
        ).fetchall()
    done: dict[str, set[str]] = {}
    for row in rows:
        done.setdefault(text(row[0]), set()).add(text(row[1]))
    found: set[str] = set()
    # One kind after another: together their results may take as much memory as the study on disk.
    for kind in sorted(done.keys() & set(kinds())):
        found |= done[kind] - record.sound(database.results(record.name, kind, whole=False)).keys()
    return frozenset(found & {run.key for run in expand(record.specification)})


def damaged_results_of(database: Database, study: str) -> frozenset[str]:
    """Return the same of a study by name; none where it can't be read."""
    try:
        return damaged_results(database, database.record(study))
    except StudyError:
        return frozenset()
