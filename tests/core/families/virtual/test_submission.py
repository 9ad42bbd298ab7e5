"""What Train adds to a study of deep virtual networks."""

import pytest

from core.errors import FamilyError, StudyError
from core.families.layouts.request import TableRequest
from core.families.virtual.orders import nearest_orders
from core.families.virtual.request import VirtualNetworkRequest, VirtualRequest
from core.families.virtual.submission import VirtualNetworkSubmission, VirtualSubmission, ordered_network
from core.jobs.submission import extended, requested_runs
from core.studies.specification import StudySpecification, parse_study
from tests.core.families.virtual.study import TEXT, study_of

HAND = ((1, 0, 2), (2, 1, 0))


def test_seeds_are_added_and_only_theirs_are_trained():
    submission = VirtualSubmission((1, 5))
    study = extended(study_of("seeds = [1]\nunits = 2"), [submission])
    assert study.requested(VirtualRequest).seeds == (1, 5)
    found = requested_runs(study, [submission])
    assert [run.kind for run in found] == 2 * [*["layout"] * 2, *["narrow-network"] * 2, "virtual"]
    assert {run.label.seed for run in found} == {1, 5}


def test_a_study_of_layouts_gets_what_was_chosen_and_keeps_its_table():
    plain = parse_study(TEXT.replace("[virtual]\n", "[table]\n"))
    usual = VirtualRequest(seeds=(9,), units=2, networks=(VirtualNetworkRequest(name="cyclic", order="cyclic"),))
    study = extended(plain, [VirtualSubmission((2,), usual)])
    assert study.requested(VirtualRequest) == usual.model_copy(update={"seeds": (2,)})
    assert study.requested(TableRequest) == TableRequest()


def test_one_more_network_is_trained_from_all_seeds():
    before = study_of("seeds = [1, 2]\nunits = 3")
    submission = VirtualNetworkSubmission(ordered_network(before, HAND))
    study = extended(before, [submission])
    runs = requested_runs(study, [submission])
    assert [(run.orders, run.seed) for run in runs] == [(HAND, 1), (HAND, 2)]
    assert extended(study, [submission]) == study
    assert submission.network.name == "orders 213 321"
    # The same orders once more are the same network.
    assert ordered_network(study, HAND) == submission.network


def test_orders_that_a_rule_of_the_study_has_are_no_new_network():
    study = study_of("units = 4")
    assert ordered_network(study, nearest_orders(2, 4)) == study.requested(VirtualRequest).networks[0]
    other = VirtualNetworkRequest(levels="sampled")
    assert ordered_network(study, nearest_orders(2, 4), other).levels == "sampled"
    assert ordered_network(study, nearest_orders(2, 4), other).name == "orders 1234 4321"


def test_names_stay_short_and_their_own():
    study = study_of("units = 16")
    orders = (tuple(range(16)), (*range(1, 16), 0))
    first = ordered_network(study, orders)
    assert len(first.name) <= 40
    more = VirtualNetworkSubmission(first).extend(study)
    second = ordered_network(more, (orders[0], (*range(1, 14), 0, 14, 15)))
    assert second.name != first.name
    assert VirtualNetworkSubmission(second).extend(more).requested(VirtualRequest).networks[-1] == second


def test_what_does_not_fit_is_one_sentence():
    plain = StudySpecification(name="x", tasks=("depth", "edges"))
    with pytest.raises(StudyError, match="requests no deep virtual networks"):
        VirtualNetworkSubmission(VirtualNetworkRequest()).extend(plain)
    with pytest.raises(FamilyError, match="order of task 1"):
        ordered_network(study_of("units = 3"), ((0, 1, 2), (0, 1, 1)))
    with pytest.raises(StudyError, match='are called "nearest"'):
        VirtualNetworkSubmission(VirtualNetworkRequest(order="cyclic")).extend(study_of())
