import numpy as np
import pytest

from core.families.layouts.storage import first_tasks
from core.layouts import Layout
from core.plane.interval import t_interval


def test_a_tree_of_the_first_tasks_was_measured_where_a_layout_has_it_apart(study_of):
    study = study_of("trained")
    n_blocks, oracle = study.n_blocks, study.oracle
    shared = Layout.all_shared(3, n_blocks)
    found = first_tasks(study, shared)
    assert sorted(found) == [1, 2, 3]
    assert (found[1].gain, found[1].n_seeds) == (0.0, 0)
    apart = oracle.layouts.index(Layout.of([[[0, 1], [2]]] * n_blocks))
    gains = oracle.test[:, apart, :2]
    assert found[2].gain == pytest.approx(np.mean(gains))
    assert found[2].interval == pytest.approx(t_interval(gains.mean(axis=1).tolist()))
    assert found[3].gain == pytest.approx(np.mean(oracle.test[:, oracle.layouts.index(shared)]))
    # The third task joins the others nowhere, so the first two are as before.
    assert first_tasks(study, oracle.layouts[apart])[2] == found[2]
