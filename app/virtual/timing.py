"""Milliseconds of levels that were measured on this machine or with the study, and the button that measures them."""

import time
from dataclasses import dataclass

import streamlit as st

from app.jobs.measurement import Measurement, show_measurement
from app.ui import cached
from app.ui.formatting import escape
from core.backbones.division import Division
from core.errors import StudyError
from core.families.virtual.points import level_seconds
from core.families.virtual.timing_run import LevelTimes, VirtualTimingRun, level_times
from core.studies.database import Database
from core.studies.latencies import Latencies
from core.studies.split_size import picture_size
from core.studies.study import Study


def own_times(study: Study, division: Division) -> LevelTimes | None:
    """Return the last measurement of a study's levels on this machine; None where there is none.

    Args:
        study: The measurement is one of its runs.
        division: How the channels of its networks are divided.
    """
    return _own_times(study.name, cached.version_of(study.name), division)


@st.cache_resource(max_entries=16, show_spinner=False)
def _own_times(name: str, version: str, division: Division) -> LevelTimes | None:
    if not version:
        return None
    return level_times(Database.at_home().results(name, VirtualTimingRun.kind, whole=False).values(), division)


@dataclass(frozen=True, slots=True)
class ShownTimes:
    """Times of levels as the page shows them.

    Args:
        milliseconds: Of each level, for one picture.
        words: How, where and when they were measured.
    """

    milliseconds: tuple[float, ...]
    words: str


def shown_times(study: Study, division: Division) -> ShownTimes | None:
    """Return what was measured last on this machine, else what the study measured; None where there is neither.

    Args:
        study: With deep virtual networks.
        division: How the channels of its networks are divided.
    """
    own, seconds, known = own_times(study, division), level_seconds(study, division.n_units), study.result(Latencies)
    if own is not None:
        return ShownTimes(own.milliseconds, own.words)
    if known is None or not seconds:
        return None
    return ShownTimes(tuple(1000 * each for each in seconds), known.words)


def show_timing(study: Study, division: Division, times: ShownTimes | None) -> None:
    """Show where the times of the levels are from, and the button that measures them here.

    Args:
        study: The measurement is one of its runs.
        division: How the channels of its networks are divided.
        times: What was measured before, here or with the study, or None.
    """
    if study.specification is None:
        return
    unknown = "Milliseconds of every level, in seconds. They are kept on this machine."
    show_measurement(
        Measurement(
            study.name,
            VirtualTimingRun.kind,
            lambda: timing_run(study, division),
            "Runs the plain network of every level with random weights, one after another, and takes the median time",
            done=escape(unknown if times is None else times.words),
        )
    )


def timing_run(study: Study, division: Division) -> VirtualTimingRun:
    """Return the run that measures every level.

    Args:
        study: Whose backbone it is.
        division: How its channels are divided.

    Raises:
        StudyError: The study's pictures have no known size.
    """
    specification = study.specification
    assert specification is not None
    shape = study.backbone.input_shape
    taken = picture_size(specification.dataset) or (shape[1:] if len(shape) == 3 else None)
    if taken is None:
        raise StudyError(f'The pictures of "{study.name}" have no known size, so its levels can\'t be measured here.')
    return VirtualTimingRun(
        backbone=specification.backbone,
        units=division.n_units,
        base=division.base,
        size=(taken[0], taken[1]),
        asked=int(time.time()),
    )
