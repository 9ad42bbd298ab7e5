"""Asking a host to end, wherever it runs."""

from core.studies.database import Database


def stop_host(database: Database) -> bool:
    """Take the lease from the host of a database, and say whether there was one.

    A host looks after its lease every second; without it, it gives its runs back and ends its
    workers. Active runs become *interrupted* and continue from their last checkpoints when a
    host runs again.

    Args:
        database: Whose host is to end.

    Raises:
        StudyError: The database can't be used.
    """
    if not database.path.exists():
        return False
    with database.writing() as connection:
        return bool(connection.execute("DELETE FROM host").rowcount)
