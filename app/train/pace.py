"""What pages ask of the database every second and what changes slowly: remembered for some seconds."""

import streamlit as st

from core.jobs.batch import Batch, current_batch, n_sessions
from core.jobs.estimate import Speed, speed
from core.jobs.lease import HostLine
from core.studies.database import Database


def batch_now(database: Database, host: HostLine | None) -> Batch | None:
    """Give how far the present batch is, with the workers of the host that trains it."""
    workers = len(host.report.get("workers", [])) if host is not None else 0
    return current_batch(database, _speed(str(database.path)), workers=max(workers, 1))


@st.cache_data(ttl=15, max_entries=8, show_spinner=False)
def _speed(place: str) -> Speed:  # noqa: ARG001  # tests have several
    return speed(Database.at_home())


def several_sessions(database: Database) -> bool:
    """Say whether more than one browser has asked for runs."""
    return _n_sessions(str(database.path)) > 1


@st.cache_data(ttl=5, max_entries=8, show_spinner=False)
def _n_sessions(place: str) -> int:  # noqa: ARG001  # tests have several
    return n_sessions(Database.at_home())
