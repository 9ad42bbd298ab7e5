"""Starting the jobs host from a page."""

from app.ui.flash_messages import keep_errors
from core.jobs.auto import Auto
from core.jobs.launch import ensure_host
from core.jobs.queue import Queue
from core.studies.database import Database


def start_host() -> None:
    """Start a host if there are active runs, or studies that choose more, and no host. A callback."""
    database = Database.at_home()
    with keep_errors():
        if Queue(database).n_active() or Auto(database).active():
            ensure_host(database)
