"""Milliseconds of paths that were measured on this machine, and the button that measures them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from app.jobs.measurement import Measurement, show_measurement
from app.paths.controls import OF_STUDY
from app.paths.model import PRESET_TITLES, Ladder
from app.ui import cached
from app.ui.formatting import escape
from core.errors import StudyError
from core.families.multipath.exits import PRESETS
from core.families.multipath.timing_run import PathTimingPayload, PathTimingRun
from core.studies.database import Database
from core.studies.latencies import Latencies
from core.studies.split_size import picture_size
from core.studies.study import Study

_ELSEWHERE = "The times of this network come with its profile. Paths of a study and of the paper can be measured here."
_MOST_EXITS = 40


@dataclass(frozen=True, slots=True)
class Timing:
    """Paths of one network as they were measured on this machine.

    Args:
        seconds: Name of the end of a path → its median for one picture.
        words: Where, when and how it was measured.
    """

    seconds: Mapping[str, float]
    words: str


def timed(ladder: Ladder, timing: Timing | None) -> Ladder:
    """Return a ladder with measured times in place of those of its profile, where every path was measured.

    Args:
        ladder: The backbone with its exits.
        timing: Of the same network, or None.
    """
    if timing is None or any(rung.code not in timing.seconds for rung in ladder.rungs):
        return ladder
    return replace(ladder, rungs=tuple(replace(rung, seconds=timing.seconds[rung.code]) for rung in ladder.rungs))


def own_timing(study: Study, network: str) -> Timing | None:
    """Return the last measurement of a network for a study on this machine; None where there is none.

    Args:
        study: The measurement is one of its runs.
        network: Code of the network on the page.
    """
    found = _own_timings(study.name, cached.version_of(study.name))
    return found.get(network if network in PRESETS else OF_STUDY)


@st.cache_resource(max_entries=16, show_spinner=False)
def _own_timings(name: str, version: str) -> dict[str, Timing]:
    if not version:
        return {}
    found: dict[str, Timing] = {}
    for result in Database.at_home().results(name, PathTimingRun.kind, whole=False).values():
        if not result.is_done:
            continue
        try:
            payload = PathTimingPayload.model_validate(result.payload or {})
        except ValueError:
            continue  # a damaged one hides no other
        where = result.environment
        words = (
            f"Times: medians of {payload.repeats} runs of each path on one picture, {where.threads} thread"
            f"{'' if where.threads == 1 else 's'}, on {where.machine}, {payload.measured}."
        )
        code = payload.network if payload.network in PRESETS else OF_STUDY
        found[code] = Timing(dict(zip(payload.exits, payload.seconds, strict=True)), words)
    return found


def show_timing(ladder: Ladder, network: str, study: Study, timing: Timing | None) -> None:
    """Show where the times of the paths are from, and the button that measures them here.

    Args:
        ladder: What to measure.
        network: Code of the network on the page.
        study: The measurement is one of its runs.
        timing: What was measured before, or None.
    """
    known = network in PRESETS or (network == OF_STUDY and study.specification is not None)
    if not known:
        st.caption(_ELSEWHERE if ladder.is_timed else "Paths of a study and of the paper can be measured here.")
        return
    show_measurement(
        Measurement(
            study.name,
            PathTimingRun.kind,
            lambda: timing_run(ladder, network, study),
            "Runs every path to each of the places with random weights, one after another, and takes the median time",
            done=escape(_words(ladder, timing, study if network == OF_STUDY else None)),
        )
    )


def _words(ladder: Ladder, timing: Timing | None, study: Study | None) -> str:
    if timing is not None and ladder == timed(ladder, timing):
        return timing.words
    known = None if study is None else study.result(Latencies)
    if known is not None:
        return known.words
    if ladder.is_timed:
        return "Times are sums over the blocks of the profile, measured where that was made."
    return "Milliseconds of every path, in seconds. They are kept on this machine."


def timing_run(ladder: Ladder, network: str, study: Study) -> PathTimingRun:
    """Return the run that measures every path of a ladder.

    Args:
        ladder: What to measure.
        network: Code of the network on the page.
        study: Whose backbone it is, unless it is one of the paper.

    Raises:
        StudyError: The study has no data set of one picture size, or there are too many places.
    """
    exits, asked = tuple(rung.code for rung in ladder.rungs), int(time.time())
    if len(exits) > _MOST_EXITS:
        raise StudyError(f"{len(exits)} paths can't be measured at once, {_MOST_EXITS} can. Merge blocks first.")
    if network in PRESET_TITLES:
        size = PRESETS[network].size
        return PathTimingRun(preset=network, exits=exits, size=(size, size), asked=asked)  # type: ignore[arg-type]
    specification = study.specification
    assert specification is not None
    shape = study.backbone.input_shape
    taken = picture_size(specification.dataset) or (shape[1:] if len(shape) == 3 else None)
    if taken is None:
        raise StudyError(f'The pictures of "{study.name}" have no known size, so its paths can\'t be measured here.')
    return PathTimingRun(backbone=specification.backbone, exits=exits, size=(taken[0], taken[1]), asked=asked)


def rising(seconds: list[float]) -> list[float]:
    """Return times of nested paths as they are drawn: a longer path that was measured faster is drawn as slow."""
    found: list[float] = np.maximum.accumulate(seconds).tolist()
    return found
