"""Stop a host, wherever it runs."""

from core.studies.database import Database


def stop_host(database: Database) -> bool:
    """Take the lease from the host of a database; return whether there was one.

    A host renews its lease every second; without it, it returns its runs to the queue and stops
    its workers. Active runs become *interrupted* and continue from their last checkpoints when a
    host runs again.

    Args:
        database: Whose host is stopped.

    Raises:
        StudyError: The database can't be used.
    """
    if not database.path.exists():
        return False
    with database.writing() as connection:
        return bool(connection.execute("DELETE FROM host").rowcount)
