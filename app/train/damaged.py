"""Runs whose stored result is damaged: they are counted and listed as such, and Retry trains them again."""

import streamlit as st

from app.ui import cached
from core.jobs.jobs_reader import JobsReader
from core.studies.damaged_results import damaged_results_of
from core.studies.database import Database


def jobs_reader(database: Database, study: str | None = None) -> JobsReader:
    """Return a reader that tells damaged runs from those that are done.

    Args:
        database: The study database at home.
        study: Only its runs are read; those of all studies where None.
    """
    names = [study] if study is not None else [line.name for line in database.studies() if line.n_done]
    return JobsReader(database, frozenset().union(*map(damaged_keys, names)))


def damaged_keys(study: str) -> frozenset[str]:
    """Return the keys of a stored study's runs that are done with a damaged result."""
    database = Database.at_home()
    return _found(study, cached.version_of(study), str(database.path)) if study else frozenset()


@st.cache_resource(max_entries=64, show_spinner=False)
def _found(study: str, version: str, place: str) -> frozenset[str]:  # noqa: ARG001  # part of the key
    return damaged_results_of(Database.at_home(), study)
