"""Multi-path results in an archive: they come back as they were, and forged ones are one sentence."""

import json

import pytest

from core.errors import StudyError
from core.families.multipath.payload import MatrixPayload
from core.families.multipath.results import MultiPathResults
from core.runs.result import RunResult
from core.studies.archive import import_archive, write_archive
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.result_check import ResultCheck
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace
from tests.core.families.multipath.study import study_of

STUDY = study_of('exits = ["0", "2.conv1", "4"]\n[[multipath.networks]]\nmix = "additive"\n')


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the study's record and run key → result of everything it requests."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRANCHWISE_HOME", str(home))
        record, _ = prepare_study(STUDY)
        found = {run.key: execute(run.kind, run.model_dump_json(), Workplace(home))[0] for run in expand(STUDY)}
    return record, found


def test_an_archive_gives_the_same_results_on_another_machine(trained, tmp_path):
    record, found = trained
    path = tmp_path / "small.zip"
    path.write_bytes(write_archive(record, found))
    database = Database(tmp_path / "other" / "studies.sqlite")
    name = import_archive(path, database)
    study, again = record.study(found), database.study(name)
    one, other = (each.result(MultiPathResults) for each in (study, again))
    assert one.exits == other.exits
    assert (one.matrix.gains["test"] == other.matrix.gains["test"]).all()
    assert (one.networks[0].values["test"] == other.networks[0].values["test"]).all()
    assert one.matrix.leaving == other.matrix.leaving


def _forged(trained, kind, change):
    record, found = trained
    run = next(run for run in expand(STUDY) if run.kind == kind)
    document = json.loads(found[run.key].model_dump_json())
    change(document)
    check = ResultCheck(record.tasks, record.backbone)
    result = RunResult.model_validate(document)
    check.check(run, result)
    run.check(result)


@pytest.mark.parametrize("kind", ["multipath", "path-matrix"])
def test_what_was_trained_is_accepted(trained, kind):
    _forged(trained, kind, lambda _document: None)


def _set(document, path, value):
    *way, last = path
    for key in way:
        document = document[key]
    document[last] = value


AT_EXIT = ("payload", "metrics", "test", "task A", 1)


@pytest.mark.parametrize(
    ("kind", "path", "value", "words"),
    [
        ("multipath", ("steps",), 10_000, "steps"),
        ("multipath", ("params",), 1_000_000, "parameters in blocks"),
        ("multipath", ("curve", 0, "losses"), {"task A, tutor": 0.5}, "does not train"),
        ("multipath", ("metrics", "test", "task A", "accuracy"), 0.123, "accuracy"),
        ("multipath", ("payload", "head_params"), [1], "other exits or tasks"),
        ("path-matrix", ("params",), 1_000_000, "parameters in blocks"),
        ("path-matrix", (*AT_EXIT, "accuracy"), 1.5, "lies between 0 and 1"),
        ("path-matrix", AT_EXIT, {}, "lacks the exit 2.conv1 test accuracy"),
        ("path-matrix", AT_EXIT, {"accuracy": 0.5, "luck": 0.5}, "luck"),
        ("path-matrix", ("payload", "metrics", "test"), {"strange": []}, "other exits or tasks"),
        ("path-matrix", ("payload", "metrics", "test"), {"strange": [{"accuracy": 0.5}]}, "does not measure"),
        ("path-matrix", ("payload", "leaving", "task A", 0, "accuracy"), 2.0, "damaged"),
    ],
)
def test_a_forged_result_is_one_sentence(trained, kind, path, value, words):
    with pytest.raises(StudyError, match=words):
        _forged(trained, kind, lambda document: _set(document, path, value))


def test_the_matrix_payload_is_the_whole_of_it(trained):
    _, found = trained
    run = next(run for run in expand(STUDY) if run.kind == "path-matrix")
    payload = run.payload_of(found[run.key], MatrixPayload)
    assert [len(rows) for rows in payload.metrics["validation"].values()] == [3, 3]
