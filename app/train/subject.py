"""The study that is trained: what is kept of it, and the plane its layouts are chosen from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from app.plane.predictions import available_units
from app.plane.scene import Scene
from app.ui import cached
from app.ui.inputs import DEFAULT_BUDGET
from core.costs import Unit
from core.errors import JobError
from core.estimators.weights import WeightRule
from core.layouts import Layout
from core.runs.result import RunResult
from core.studies.bundled import open_bundled
from core.studies.database import Database
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification
from core.studies.study import Study


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A study as training needs it.

    Args:
        record: What is kept of it beside its runs.
        results: Run key → result of a bundled study that is not stored yet; empty for a stored one.
    """

    record: StudyRecord
    results: Mapping[str, RunResult] = field(default_factory=dict, repr=False)

    @property
    def specification(self) -> StudySpecification:
        """What the study asks.

        Raises:
            JobError: It is a table that was brought in.
        """
        if self.record.specification is None:
            raise JobError(f'"{self.record.title or self.record.name}" is a table; there is nothing to train.')
        return self.record.specification


def subject(name: str) -> Subject:
    """Return the study of a name, from this machine's database or, where it is not there, from the package.

    Raises:
        StudyError: There is none.
    """
    version = cached.version_of(name)
    return _stored(name, version) if version else _bundled(name)


@st.cache_resource(max_entries=8, show_spinner=False)
def _stored(name: str, version: str) -> Subject:  # noqa: ARG001  # part of the key
    return Subject(Database.at_home().record(name))


@st.cache_resource(max_entries=4, show_spinner=False)
def _bundled(name: str) -> Subject:
    opened = open_bundled(name)
    return Subject(opened.record, opened.results)


def plane_of(study: Study) -> Scene:
    """Return the plane of predictions with the cost and the weights that the Budget page shows."""
    units, unit, rule = available_units(study), st.session_state.get("unit"), st.session_state.get("weights")
    chosen = Unit(unit) if unit in units else units[0]
    known = [str(each) for each in WeightRule]
    return cached.scene(study.name, str(rule) if rule in known else str(WeightRule.SVDE), chosen, False)


def budget_of(scene: Scene) -> float:
    """Return the budget of the Budget page in the unit of the costs."""
    return shown_budget() * scene.view.independent


def shown_budget() -> float:
    """Return the budget of the Budget page as a fraction of independent networks."""
    percent = st.session_state.get("budget") or DEFAULT_BUDGET
    return min(100, max(1, int(percent))) / 100


def shown_layout(scene: Scene, picked: Layout | None) -> Layout | None:
    """Return the layout that the Budget page shows, or None where nothing fits its budget."""
    return scene.shown(shown_budget(), picked)
