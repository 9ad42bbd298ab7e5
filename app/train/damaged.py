"""Runs whose stored result is damaged: the list shows them as failed, and Retry trains them again."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from app.ui import cached
from core.jobs.damaged_results import DAMAGED, damaged_results_of
from core.jobs.jobs_reader import JobLine
from core.jobs.states import JobState
from core.studies.database import Database


def with_damage(lines: Sequence[JobLine]) -> list[JobLine]:
    """Return runs as they are listed: those that are done with a damaged result have failed."""
    return [_shown(line) for line in lines]


def _shown(line: JobLine) -> JobLine:
    if line.state is JobState.DONE and line.key in damaged_keys(line.study):
        return replace(line, state=JobState.FAILED, sentence=DAMAGED)
    return line


def damaged_keys(study: str) -> frozenset[str]:
    """Return the keys of a stored study's runs that are done with a damaged result."""
    database = Database.at_home()
    return _found(study, cached.version_of(study), str(database.path)) if study else frozenset()


@st.cache_resource(max_entries=64, show_spinner=False)
def _found(study: str, version: str, place: str) -> frozenset[str]:  # noqa: ARG001  # part of the key
    return damaged_results_of(Database.at_home(), study)
