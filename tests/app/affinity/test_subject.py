import threading

import numpy as np
import pytest

from app.affinity.model import affinity_view
from app.affinity.subject import RETRY_SECONDS, Resampling
from core.affinity.evidence import Evidence, Origin
from core.errors import AffinityError

FAULTS = {AffinityError("Cells are missing."): "Cells are missing.", ZeroDivisionError("1/0"): "ZeroDivisionError"}


@pytest.fixture
def view():
    return affinity_view(Evidence(Origin.FILE, ("a", "b"), np.ones((1, 2, 2))))


class Draw:
    """Fails as often as it is told to, then finds something."""

    def __init__(self, *faults):
        self.faults = list(faults)
        self.n_calls = 0

    def __call__(self, view):
        self.n_calls += 1
        if self.faults:
            raise self.faults.pop(0)
        return view


def finished(resampling):
    """Wait for the thread that draws."""
    for thread in threading.enumerate():
        if thread.name == "resampling":
            thread.join()
    return resampling.is_done


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("fault", FAULTS, ids=FAULTS.values())
def test_a_drawing_that_fails_ends_with_a_sentence_and_is_tried_again_by_who_comes_later(view, fault, wait):
    now = [0.0]
    draw = Draw(fault)
    resampling = Resampling(draw, clock=lambda: now[0])
    resampling.begin(view, wait=wait)
    assert finished(resampling)
    assert resampling.found is None
    assert FAULTS[fault] in resampling.fault
    resampling.begin(view, wait=wait)
    assert finished(resampling)
    assert draw.n_calls == 1
    now[0] = RETRY_SECONDS
    resampling.begin(view, wait=wait)
    assert finished(resampling)
    assert (resampling.found, resampling.fault) == (view, "")


def test_what_was_found_is_drawn_once(view):
    draw = Draw()
    resampling = Resampling(draw)
    for _ in range(3):
        resampling.begin(view, wait=True)
    assert draw.n_calls == 1
