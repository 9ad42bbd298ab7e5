"""The study to train, stored or bundled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from app.ui import cached
from core.errors import JobError
from core.runs.result import RunResult
from core.studies.bundled import open_bundled
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification


@dataclass(frozen=True, slots=True, eq=False)
class TrainableStudy:
    """A study as training needs it.

    Args:
        record: What is stored of it beside its runs.
        results: Run key → result of a bundled study that is not stored yet; empty for a stored one.
    """

    record: StudyRecord
    results: Mapping[str, RunResult] = field(default_factory=dict, repr=False)

    @property
    def specification(self) -> StudySpecification:
        """What the study requests.

        Raises:
            JobError: It is an imported table.
        """
        if self.record.specification is None:
            raise JobError(
                f'"{self.record.title or self.record.name}" is an imported table; there is nothing to train. '
                "Open a measured study."
            )
        return self.record.specification


def trainable_study(name: str) -> TrainableStudy:
    """Return the study of a name, from this machine's database or, where it is not there, from the package.

    Raises:
        StudyError: There is none.
    """
    version = cached.version_of(name)
    return _stored(name, version) if version else _bundled(name)


@st.cache_resource(max_entries=8, show_spinner=False)
def _stored(name: str, version: str) -> TrainableStudy:  # noqa: ARG001  # part of the key
    return TrainableStudy(Database.at_home().record(name))


@st.cache_resource(max_entries=4, show_spinner=False)
def _bundled(name: str) -> TrainableStudy:
    opened = open_bundled(name)
    return TrainableStudy(opened.record, opened.results)
