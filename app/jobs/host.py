"""Starting the jobs host from a page."""

from app.ui.flash_messages import keep_errors
from core.jobs.launch import ensure_host
from core.jobs.queue import Queue
from core.studies.database import Database


def start_host() -> None:
    """Start a host if there are active runs and no host. A callback."""
    database = Database.at_home()
    with keep_errors():
        if Queue(database).n_active():
            ensure_host(database)
