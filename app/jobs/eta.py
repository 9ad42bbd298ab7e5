"""Remaining time of the queue and number of sessions: read every second, so slow queries are cached for seconds."""

import streamlit as st

from app.ui.formatting import count
from core.jobs.estimate import Speed, about, speed_of_study, workers_here
from core.jobs.queue_progress import QueueProgress, n_sessions, queue_progress
from core.studies.database import Database


def current_progress(database: Database) -> QueueProgress | None:
    """Return the progress of the queue, on as many workers as a plan says."""
    place = str(database.path)
    return queue_progress(database, lambda study: _speed(place, study), workers=workers_here(database))


@st.cache_data(ttl=15, max_entries=64, show_spinner=False)
def _speed(place: str, study: str) -> Speed:  # noqa: ARG001  # tests have several
    return speed_of_study(Database.at_home(), study)


def several_sessions(database: Database) -> bool:
    """Return whether more than one browser has submitted runs."""
    return _n_sessions(str(database.path)) > 1


@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def _n_sessions(place: str) -> int:  # noqa: ARG001  # tests have several
    return n_sessions(Database.at_home())


def progress_sentence(progress: QueueProgress) -> str:
    """Return the progress of the queue as a sentence.

    >>> progress_sentence(QueueProgress(7, 2, 0.3, 61.0)), progress_sentence(QueueProgress(7, 0, 0.0, None))
    ('2 of 7 finished · 60 s left', '0 of 7 finished')
    """
    return " · ".join(filter(None, (finished_words(progress), left_words(progress))))


def finished_words(progress: QueueProgress) -> str:
    """Return how many runs have finished."""
    return f"{count(progress.n_finished)} of {count(progress.n_runs)} finished"


def left_words(progress: QueueProgress) -> str:
    """Return how long the rest takes; empty where that is unknown."""
    return "" if progress.seconds_left is None else f"{about(max(progress.seconds_left, 1.0))} left"
