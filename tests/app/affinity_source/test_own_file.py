import io

import numpy as np
import pytest

from app.affinity_source.own_file import MAX_MB, SAMPLE, _sample_losses, evidence_of_file
from core.affinity.evidence import Origin
from core.errors import AffinityError

TASKS = ("a", "b")


def test_the_samples_that_are_offered_can_be_brought_back():
    csv = evidence_of_file(SAMPLE.encode(), "sample.csv", "affinity", TASKS)
    assert (csv.origin, csv.tasks, csv.n_depths) == (Origin.FILE, ("near", "far"), 2)
    assert csv.is_complete
    losses = evidence_of_file(_sample_losses(), "sample.npz", "affinity", TASKS)
    assert losses.tasks == ("near", "far", "wide")
    assert losses.losses is not None
    # The made-up task "wide" stands apart, and more so with depth.
    normalised = losses.normalised()
    assert normalised[-1, 0, 1] > normalised[-1, 0, 2]
    assert normalised[-1, 0, 2] < normalised[0, 0, 2]


def test_distances_are_shown_as_one_minus_and_kept_as_they_are():
    file = io.BytesIO()
    np.savez(file, distance=np.array([[[0.0, 0.3], [0.3, 0.0]]]))
    # What the file says of itself counts more than what was chosen.
    found = evidence_of_file(file.getvalue(), "d.npz", "affinity", TASKS)
    assert found.tasks == TASKS
    assert found.normalised()[0, 0, 1] == pytest.approx(0.7)
    assert found.distances()[0, 0, 1] == 0.3


def test_a_large_file_is_refused():
    with pytest.raises(AffinityError, match="at most 20 MB"):
        evidence_of_file(bytes(MAX_MB * 10**6 + 1), "large.npz", "affinity", TASKS)
