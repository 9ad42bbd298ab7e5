"""The switches that were measured for a study on this machine."""

import streamlit as st

from app.ui import cached
from core.errors import FamilyError
from core.families.switching.results import MeasuredSwitch, switching_of
from core.families.switching.runs import SwitchingRun
from core.runs.result import RunResult
from core.studies.database import Database

MOST_SHOWN = 3


def own_switchings(name: str) -> tuple[MeasuredSwitch, ...]:
    """Return the last switches that were measured for a study on this machine, the newest of each cut, newest first."""
    return _own_switchings(name, cached.version_of(name))


@st.cache_resource(max_entries=16, show_spinner=False)
def _own_switchings(name: str, version: str) -> tuple[MeasuredSwitch, ...]:
    if not version:
        return ()
    results = Database.at_home().results(name, SwitchingRun.kind, whole=False).values()
    measured = [found for result in results if result.is_done and (found := _measured(result)) is not None]
    newest = {(each.backbone, each.cut, len(each.report.branches)): each for each in measured}
    return tuple(reversed(newest.values()))[:MOST_SHOWN]


def _measured(result: RunResult) -> MeasuredSwitch | None:
    """Return the switch in a result; None where it is damaged, which hides no other."""
    try:
        return switching_of((result.payload or {}).get("switching") or {})
    except FamilyError:
        return None
