"""The tensor that the page shows and its confidence; computed once per server."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from app.affinity.model import AffinityView, Sureness, affinity_view, is_quick, ranks_kept, sureness
from app.affinity_source.own_file import own_stamp
from app.components.packed import packed_numbers
from app.ui import cached
from core.affinity.evidence import Evidence, Origin, with_eigenvector
from core.affinity.tournament import Eigenvector
from core.errors import BranchwiseError
from core.studies.study import Study

Array = NDArray[np.float64]

_SEED = 0
EVERY_SECONDS = 1.0
RETRY_SECONDS = 30.0
_LOG = logging.getLogger(__name__)


class Resampling:
    """Draws bootstrap samples in the background.

    Args:
        draw: Returns the confidence of a view.
        clock: Seconds; after a failure, the next visit ``RETRY_SECONDS`` later tries again.
    """

    def __init__(
        self, draw: Callable[[AffinityView], Sureness | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.found: Sureness | None = None
        self.fault = ""
        self.is_done = False
        self._draw, self._clock = draw, clock
        self._failed_at = 0.0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, view: AffinityView, *, wait: bool) -> None:
        """Start unless it has begun.

        Args:
            view: What to resample.
            wait: Resample before returning.
        """
        with self._lock:
            if self.fault and self._clock() - self._failed_at >= RETRY_SECONDS:
                self._thread, self.is_done, self.fault = None, False, ""
            if self._thread is not None or self.is_done:
                return
            if wait:
                self._run(view)
                return
            self._thread = threading.Thread(target=self._run, args=(view,), name="resampling", daemon=True)
            self._thread.start()

    def _run(self, view: AffinityView) -> None:
        # Report every failure: otherwise the page would wait forever for a thread that is gone.
        try:
            self.found = self._draw(view)
        except BranchwiseError as fault:
            self._fail(str(fault))
        except Exception as fault:
            _LOG.exception("Resampling failed.")
            self._fail(f"{type(fault).__name__}; the server's output has the details.")
        finally:
            self.is_done = True

    def _fail(self, reason: str) -> None:
        self._failed_at = self._clock()
        self.fault = (
            f"The intervals could not be computed: {reason} Everything else on this page is valid. Open the page again "
            f"after {RETRY_SECONDS:.0f} s to retry."
        )


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One tensor as the page shows it.

    Args:
        study: The study that is open.
        view: The numbers.
        resampling: How sure they are, once that is drawn.
        stamp: Tells this tensor from all others on this server.
    """

    study: Study
    view: AffinityView
    resampling: Resampling = field(repr=False)
    stamp: str

    @property
    def sure(self) -> Sureness | None:
        """How sure the numbers are; None where it is not known, or not yet."""
        return self.resampling.found

    @property
    def is_drawing(self) -> bool:
        """Whether samples are being drawn at this moment."""
        return not self.resampling.is_done

    @property
    def is_own(self) -> bool:
        """Whether it is an uploaded file."""
        return self.view.evidence.origin is Origin.FILE

    def fields(self) -> tuple[str, list[tuple[str, float]]]:
        """Return all numbers for the browser."""
        return _fields(self.stamp, self.sure is not None, self)

    def shares(self) -> Array:
        """Return the tournaments of all depths and targets, ``[n_depths, target, n_tasks, n_tasks]``."""
        return _shares(self.stamp, self.view)


def subject_of(study: Study, evidence: Evidence, eigenvector: Eigenvector) -> Subject:
    """Return what the page shows of a study's tensor."""
    source = own_stamp() if evidence.origin is Origin.FILE else f"{study.name}/{cached.version_of(study.name)}"
    stamp = f"{source}/{evidence.origin}/{eigenvector if evidence.losses is not None else ''}"
    view = _view(stamp, evidence, eigenvector)
    resampling = _resampling(stamp)
    losses = view.evidence.losses
    resampling.begin(view, wait=losses is None or is_quick(losses))
    return Subject(study, view, resampling, stamp)


@st.cache_resource(max_entries=8, show_spinner="Computing tournaments …", show_time=True)
def _view(stamp: str, _evidence: Evidence, eigenvector: Eigenvector) -> AffinityView:  # noqa: ARG001  # part of the key
    return affinity_view(with_eigenvector(_evidence, eigenvector))


@st.cache_resource(max_entries=8, show_spinner=False)
def _resampling(stamp: str) -> Resampling:  # noqa: ARG001
    return Resampling(lambda view: sureness(view, np.random.default_rng(_SEED)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _shares(stamp: str, _view: AffinityView) -> Array:  # noqa: ARG001
    assert _view.evidence.losses is not None
    return _view.evidence.losses.shares()


@st.cache_resource(max_entries=16, show_spinner=False)
def _fields(stamp: str, sure: bool, _subject: Subject) -> tuple[str, list[tuple[str, float]]]:  # noqa: ARG001
    view, certain = _subject.view, _subject.sure
    evidence = view.evidence
    found = {"normalised": view.normalised}
    if evidence.given_distance is not None:
        found["raw"] = evidence.given_distance
    elif evidence.origin not in (Origin.FEATURES, Origin.GRADIENTS):
        found["raw"] = evidence.affinity
    if certain is not None:
        low, high = certain.certainty.low, certain.certainty.high
        found |= {"low": low, "high": high, "order": ranks_kept(certain)}
    if view.wins is not None and view.loss is not None:
        found |= {"wins": view.wins, "loss": view.loss}
    return packed_numbers(found)
