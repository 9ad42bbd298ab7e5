"""What Train adds to a study of multi-path networks."""

import pytest

from core.errors import StudyError
from core.families.layouts.request import TableRequest
from core.families.multipath.request import MultiPathRequest, PathNetworkRequest
from core.families.multipath.submission import MultiPathSubmission, PathNetworkSubmission, assigned_network
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


def test_exits_that_the_study_has_with_the_same_loss_are_no_new_network():
    study = study_of('exits = [0, 2, 4]\n[[multipath.networks]]\nname = "own"\nmix = "none"\nalpha = 0.3\n')
    own = study.requested(MultiPathRequest).networks[0]
    assert assigned_network(study, (1, 2)) == own  # "spread" over three exits
    assert assigned_network(study, (1, 2), PathNetworkRequest(mix="none", alpha=0.7)) == own  # α of no use
    found = assigned_network(study, (0, 2), own)
    assert (found.name, found.assign, found.mix) == ("exits 1-3", (0, 2), "none")
    study = PathNetworkSubmission(found).extend(study)
    assert assigned_network(study, [0, 2], own) == found


def test_other_losses_and_many_tasks_get_names_of_their_own():
    study = study_of('[[multipath.networks]]\nname = "exits 1-5"\nassign = [0, 4]\nmix = "none"\n')
    found = assigned_network(study, (0, 4), PathNetworkRequest(mix="additive"))
    assert found.name == "exits 1-5 2"
    weighted = assigned_network(study, (0, 4), PathNetworkRequest(mix="none", weighting="labels"))
    assert (weighted.name, weighted.weighting) == ("exits 1-5 2", "labels")
    text = TEXT.replace('"task A", "task B"', ", ".join(f'"task {letter}"' for letter in "ABCDEFGHIJKL"))
    text = text.replace("0,1 | 0,1 | 0,1 | 0;1 | 0;1", " | ".join([",".join(map(str, range(12)))] * 12))
    found = assigned_network(study_of(text=text.replace("width = 2", "width = 2\nblocks = 12")), (11,) * 12)
    assert PathNetworkRequest.model_validate(found.model_dump()) == found


def test_exits_of_a_study_without_paths_are_one_sentence():
    with pytest.raises(StudyError, match="requests no multi-path networks"):
        assigned_network(StudySpecification(name="x", tasks=("depth", "edges")), (0, 0))
