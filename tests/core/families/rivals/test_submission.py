"""What Train adds to a study of published methods."""

import pytest

from core.errors import StudyError
from core.families.rivals.method import (
    USUAL_METHODS,
    AdaShareMethod,
    MtanMethod,
    NestedNetMethod,
    PackNetMethod,
    offered_methods,
)
from core.families.rivals.request import RivalRequest
from core.families.rivals.submission import RivalSubmission, fitting_methods
from core.jobs.submission import extended, requested_runs
from core.studies.specification import parse_study
from tests.core.families.rivals.study import TEXT, study_of

PLAIN = parse_study(TEXT.replace("[rivals]\n", ""))


def test_a_study_without_rivals_gets_those_that_are_chosen():
    submission = RivalSubmission((PackNetMethod(), MtanMethod()), (3, 5))
    study = extended(PLAIN, [submission])
    request = study.requested(RivalRequest)
    assert [method.name for method in request.methods] == ["packnet", "mtan"]
    assert request.seeds == (3, 5)
    runs = requested_runs(study, [submission])
    assert [run.kind for run in runs] == 2 * ["layout", "layout", "rival", "rival"]


def test_methods_keep_their_options_and_only_chosen_seeds_are_trained():
    study = study_of('seeds = [0]\nmethods = [{name = "packnet", retrain = 0.5}, "mtan"]\n')
    submission = RivalSubmission((PackNetMethod(), NestedNetMethod()), (0, 1))
    more = extended(study, [submission])
    request = more.requested(RivalRequest)
    assert request.methods == (PackNetMethod(retrain=0.5), USUAL_METHODS[2], USUAL_METHODS[1])
    assert request.seeds == (0, 1)
    rivals = [run for run in requested_runs(more, [submission]) if run.kind == "rival"]
    assert [(run.method.name, run.seed) for run in rivals] == [
        ("packnet", 0), ("nestednet", 0), ("packnet", 1), ("nestednet", 1),
    ]  # fmt: skip
    # Requested again, nothing changes.
    assert extended(more, [submission]) == more


def test_each_method_is_offered_once_the_study_s_own_first():
    study = study_of('methods = ["mtan", {name = "packnet", retrain = 0.5}, {name = "packnet", retrain = 0.4}]\n')
    fitting = fitting_methods(study)
    assert [*fitting][:4] == ["mtan", "packnet", "nestednet", "adashare"]
    assert fitting["packnet"].retrain == 0.5
    assert tuple(fitting_methods(PLAIN).values()) == offered_methods()
    assert fitting_methods(PLAIN, 4)["packnetunits"] == PackNetMethod(units=4)


def test_single_weights_and_units_are_two_methods():
    submission = RivalSubmission((PackNetMethod(units=4),), (0,))
    study = study_of('methods = ["packnet"]\n')
    more = extended(study, [submission])
    assert more.requested(RivalRequest).methods == (PackNetMethod(), PackNetMethod(units=4))
    rivals = [run for run in requested_runs(more, [submission]) if run.kind == "rival"]
    assert [run.method for run in rivals] == [PackNetMethod(units=4)]


def test_a_method_that_does_not_fit_is_one_sentence():
    short = parse_study(TEXT.replace("epochs = 3", "epochs = 1").replace("[rivals]\n", ""))
    with pytest.raises(StudyError, match="AdaShare need"):
        RivalSubmission((AdaShareMethod(),), (0,)).extend(short)
