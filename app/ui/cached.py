"""Values computed once and shared by all pages and all users of this server; all are frozen."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.plane.scene import Scene
from core.affinity.evidence import Evidence, evidence_of_losses
from core.affinity.recombined import RecombinedLosses
from core.affinity.tournament import Eigenvector
from core.costs import Unit
from core.errors import AffinityError, StudyError
from core.estimators.prediction import DEFAULT_ESTIMATOR, Estimator
from core.families.layouts.baselines import Baseline
from core.families.layouts.predictions import BudgetView, budget_view
from core.families.layouts.trained import TrainedView
from core.families.recombined.losses import bundled_losses, stored_losses
from core.studies.bundled import bundled_studies, bundled_title, load_bundled
from core.studies.database import Database
from core.studies.snapshot import home_snapshot
from core.studies.study import Study
from core.studies.study_line import StudyLine

Lines = dict[str, StudyLine]
# Studies read by the current run of a page; None outside of a run.
_found: ContextVar[list[Lines] | None] = ContextVar("found", default=None)


@contextmanager
def snapshot() -> Iterator[None]:
    """Look at the home folder and its list of studies once for everything inside the block: one run of a page.

    Callbacks, fragments that rerun alone and other threads are outside of it and read the database as it is.
    """
    token = _found.set([])
    try:
        with home_snapshot():
            yield
    finally:
        _found.reset(token)


def _lines() -> Lines:
    found = _found.get()
    if found:
        return found[0]
    lines = {line.name: line for line in Database.at_home().studies()}
    if found is not None:
        found.append(lines)
    return lines


def study_names() -> dict[str, str]:
    """Return name → title of every study: the bundled ones, then those on this machine."""
    names = {name: _bundled_title(name) for name in bundled_studies()}
    return names | {line.name: line.title or line.name for line in _lines().values()}


def study(name: str) -> Study:
    """Return a study by name; a stored one takes precedence over a bundled one of the same name.

    Raises:
        StudyError: There is none of that name.
    """
    if version := version_of(name):
        return stored(name, version)
    if name in bundled_studies():
        return bundled(name)
    raise StudyError(f'There is no study "{name}" here. Choose one in the sidebar, or import it.')


def version_of(name: str) -> str:
    """Return a version that changes whenever a stored study does; empty for a bundled one."""
    line = _lines().get(name)
    return "" if line is None else f"{line.updated}/{line.n_done}"


@cache
def _bundled_title(name: str) -> str:
    return bundled_title(name)


@st.cache_resource(max_entries=8, show_spinner=False)
def bundled(name: str) -> Study:
    """Return a study that ships with the package."""
    return load_bundled(name)


@st.cache_resource(max_entries=8, show_spinner="Reading the study …", show_time=True)
def stored(name: str, version: str) -> Study:  # noqa: ARG001  # part of the key
    """Return a study of this machine's database."""
    return Database.at_home().study(name)


def plane(name: str, rule: str, unit: Unit, estimator: Estimator = DEFAULT_ESTIMATOR) -> BudgetView:
    """Return the plane of cost against Δ."""
    return _plane(name, version_of(name), rule, unit, estimator)


@st.cache_resource(max_entries=48, show_spinner="Searching every layout …", show_time=True)
def _plane(name: str, version: str, rule: str, unit: Unit, estimator: Estimator) -> BudgetView:  # noqa: ARG001  # part of the key
    return budget_view(study(name), rule, unit, estimator)


def scene(name: str, rule: str, unit: Unit, trained_shown: bool, estimator: Estimator = DEFAULT_ESTIMATOR) -> Scene:
    """Return a plane with its drawings."""
    return _scene(name, version_of(name), rule, unit, trained_shown, estimator)


@st.cache_resource(max_entries=48, show_spinner="Drawing the Pareto front …", show_time=True)
def _scene(name: str, version: str, rule: str, unit: Unit, trained_shown: bool, estimator: Estimator) -> Scene:  # noqa: ARG001
    view = plane(name, rule, unit, estimator)
    oracle = view.study.oracle
    # Without a table there is nothing but measured layouts to show.
    measured = oracle is not None and (trained_shown or not view.study.table.is_measured)
    return Scene(view, TrainedView(view, oracle) if oracle else None, measured)


def baselines(scene: Scene) -> tuple[Baseline, ...]:
    """Return ways to rank the trained layouts of a scene, ours first; none where no layout is trained."""
    view = scene.view
    return _baselines(view.study.name, version_of(view.study.name), str(view.weights.rule), view.unit, view.estimator)


@st.cache_resource(max_entries=48, show_spinner="Comparing with other methods …", show_time=True)
def _baselines(name: str, version: str, rule: str, unit: Unit, estimator: Estimator) -> tuple[Baseline, ...]:  # noqa: ARG001
    trained = scene(name, rule, unit, False, estimator).trained
    if trained is None:
        return ()
    found = losses(name)
    complete = found is not None and found.is_complete and found.n_depths == trained.view.study.n_blocks
    return trained.baselines(evidence_of_losses(found).distances() if found is not None and complete else None)


def regret(scene: Scene, limit: float) -> NDArray[np.float64]:
    """Return the regret map within a budget in the unit of the costs."""
    view = scene.view
    return _regret(
        view.study.name, version_of(view.study.name), str(view.weights.rule), view.unit, view.estimator, limit
    )


@st.cache_resource(max_entries=64, show_spinner="Computing regret …", show_time=True)
def _regret(name: str, version: str, rule: str, unit: Unit, estimator: Estimator, limit: float) -> NDArray[np.float64]:  # noqa: ARG001
    return plane(name, rule, unit, estimator).regret(limit)


def losses(name: str) -> RecombinedLosses | None:
    """Return the losses of a study's recombined networks, or None if none was trained.

    Raises:
        StudyError: There is no such study, or the stored losses are damaged.
    """
    return _losses(name, version_of(name))


@st.cache_resource(max_entries=8, show_spinner="Reading the losses …", show_time=True)
def _losses(name: str, version: str) -> RecombinedLosses | None:
    return stored_losses(Database.at_home(), name) if version else bundled_losses(name)


def measured_affinity(name: str, eigenvector: Eigenvector = Eigenvector.AHP) -> Evidence:
    """Return the affinities of a study's recombined networks.

    Raises:
        AffinityError: None was trained.
    """
    return _measured_affinity(name, version_of(name), eigenvector)


@st.cache_resource(max_entries=16, show_spinner="Computing affinities …", show_time=True)
def _measured_affinity(name: str, version: str, eigenvector: Eigenvector) -> Evidence:  # noqa: ARG001
    found = losses(name)
    if found is None:
        raise AffinityError("No recombined network of this study is trained. Request its affinity on the Train page.")
    return evidence_of_losses(found, eigenvector)
