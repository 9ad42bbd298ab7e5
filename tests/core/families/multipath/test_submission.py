"""What Train adds to a study of multi-path networks."""

import pytest

from core.errors import StudyError
from core.families.layouts.request import TableRequest
from core.families.multipath.request import MultiPathRequest, PathNetworkRequest
from core.families.multipath.submission import MultiPathSubmission, PathNetworkSubmission
from core.jobs.submission import extended, requested_runs
from core.studies.specification import StudySpecification, parse_study
from tests.core.families.multipath.study import TEXT, study_of

BEST = PathNetworkRequest(name="best", assign=(3, 1), mix="none")


def test_seeds_are_added_and_only_theirs_are_trained():
    submission = MultiPathSubmission((1, 5))
    study = extended(study_of("seeds = [1]"), [submission])
    assert study.requested(MultiPathRequest).seeds == (1, 5)
    found = requested_runs(study, [submission])
    assert {run.label.seed for run in found} == {1, 5}
    assert [run.kind for run in found] == 2 * ["layout", "layout", "multipath", "path-matrix"]


def test_a_study_of_layouts_gets_the_usual_networks_and_keeps_its_table():
    plain = parse_study(TEXT.replace("[multipath]\n", "[table]\n"))
    study = extended(plain, [MultiPathSubmission((2,))])
    assert study.requested(MultiPathRequest) == MultiPathRequest(seeds=(2,))
    assert study.requested(TableRequest) == TableRequest()


def test_one_more_network_is_trained_from_all_seeds():
    submission = PathNetworkSubmission(BEST)
    study = extended(study_of("seeds = [1, 2]"), [submission])
    runs = requested_runs(study, [submission])
    assert [(run.assign, run.seed) for run in runs] == [((3, 1), 1), ((3, 1), 2)]
    assert extended(study, [submission]) == study


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (PathNetworkRequest(assign=(0, 0)), 'are called "paths"'),
        (BEST.model_copy(update={"assign": (0, 9)}), "assigns the exit 9"),
        (BEST.model_copy(update={"assign": (0,)}), "has no exit"),
    ],
)
def test_a_network_that_does_not_fit_is_one_sentence(network, words):
    with pytest.raises(StudyError, match=words):
        PathNetworkSubmission(network).extend(study_of())


def test_a_study_without_paths_is_one_sentence():
    plain = StudySpecification(name="x", tasks=("depth", "edges"))
    with pytest.raises(StudyError, match="requests no multi-path networks"):
        PathNetworkSubmission(BEST).extend(plain)
