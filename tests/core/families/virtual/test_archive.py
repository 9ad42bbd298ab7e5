"""Results of deep virtual networks in an archive: they come back as they were, and forged ones are one sentence."""

import json

import numpy as np
import pytest

from core.errors import StudyError
from core.families.virtual.results import VirtualResults
from core.runs.result import RunResult
from core.studies.archive import import_archive, write_archive
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.result_check import ResultCheck
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace
from tests.core.families.virtual.study import study_of

STUDY = study_of("""\
units = 2
[[virtual.networks]]
[[virtual.networks]]
name = "sampled"
levels = "sampled"
[[virtual.networks]]
name = "sequence"
training = "sequence"
""")


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
    study, again = record.study(found), database.study(import_archive(path, database))
    one, other = (each.result(VirtualResults) for each in (study, again))
    for mine, theirs in zip(one.networks, other.networks, strict=True):
        assert np.isfinite(mine.values["test"]).all()
        assert (mine.values["test"] == theirs.values["test"]).all()
        assert np.array_equal(mine.stages["test"], theirs.stages["test"], equal_nan=True)
        assert mine.payloads == theirs.payloads
    assert one.alone.records == other.alone.records
    assert (one.alone.gains["test"] == other.alone.gains["test"]).all()
    assert (one.alone.gains["test"][..., -1] == 0).all()
    stages = one.networks[2].stages["test"]
    assert np.isnan(stages[0, 0, 1]).all()
    assert (stages[:, -1] == one.networks[2].values["test"]).all()


def test_gains_are_those_of_the_metrics(trained):
    record, found = trained
    results = record.study(found).result(VirtualResults)
    values, singles = results.networks[0].values["test"], results.singles["test"]
    gains = 100 * (values / singles[:, :, None] - 1)
    assert results.networks[0].gains["test"] == pytest.approx(gains)
    assert results.networks[0].mean_gains("test") == pytest.approx(gains.mean(axis=0))


def _forged(trained, kind, change):
    record, found = trained
    run = next(run for run in expand(STUDY) if run.kind == kind)
    document = json.loads(found[run.key].model_dump_json())
    change(document)
    result = RunResult.model_validate(document)
    ResultCheck(record.tasks, record.backbone).check(run, result)
    run.check(result)


@pytest.mark.parametrize("kind", ["virtual", "virtual-sequence", "narrow-network"])
def test_what_was_trained_is_accepted(trained, kind):
    _forged(trained, kind, lambda _document: None)


def _set(document, path, value):
    *way, last = path
    for key in way:
        document = document[key]
    document[last] = value


LEVEL = ("payload", "metrics", "test", "task A", 0)


@pytest.mark.parametrize(
    ("kind", "path", "value", "words"),
    [
        ("virtual", ("steps",), 10_000, "steps"),
        ("virtual", ("steps",), 8 * 10**6, "steps"),
        ("virtual", ("params",), 10_000_000, "parameters in blocks"),
        ("virtual", ("params",), 10_000, "two ways"),
        ("virtual", ("curve", 0, "losses"), {"task A, held": 0.5}, "does not train"),
        ("virtual", LEVEL, {"accuracy": 1.5}, "lies between 0 and 1"),
        ("virtual", LEVEL, {}, "lacks the level 0 test accuracy"),
        ("virtual", LEVEL, {"accuracy": 0.5, "luck": 0.5}, "luck"),
        ("virtual", ("payload", "metrics", "test"), {"strange": [{"accuracy": 0.5}]}, "does not measure"),
        ("virtual", ("payload", "metrics", "test", "task A"), [], "other tasks, levels or units"),
        ("virtual", ("payload", "metrics", "test", "task A", 1), {"accuracy": 0.123}, "two metrics"),
        ("virtual", ("payload", "stages"), {"test": []}, "other tasks, levels or units"),
        ("virtual", ("payload", "records", 0, 0, "shared_params"), 1, "two ways"),
        ("virtual", ("payload", "records", 1), [], "other tasks, levels or units"),
        ("virtual", ("payload", "pieces", 0, 1), 1, "two ways"),
        ("virtual", ("payload", "pieces"), [[1]], "other tasks, levels or units"),
        ("virtual", ("payload", "picture_params"), [1, 2], "other tasks, levels or units"),
        ("virtual", ("payload", "steps", 0, 0), 7, "other steps"),
        ("virtual", ("payload", "steps", 0, 0), -1, "damaged"),
        ("virtual", ("payload", "steps"), [[8, 8]], "other tasks, levels or units"),
        ("virtual", ("payload",), {}, "damaged"),
        ("virtual", ("payload",), None, "damaged"),
        ("virtual-sequence", ("payload", "stages", "test"), [], "other tasks, levels or units"),
        ("virtual-sequence", ("payload", "stages"), {}, "other tasks, levels or units"),
        ("virtual-sequence", ("payload", "stages", "test", 0), {"task B": []}, "other tasks, levels or units"),
        ("virtual-sequence", ("payload", "stages", "test", 0, "task A", 0), {"accuracy": 2.0}, "between 0 and 1"),
        ("virtual-sequence", ("payload", "stages", "test", 1, "task A", 0), {"accuracy": 0.123}, "other tasks, levels"),
        ("virtual-sequence", ("payload", "steps", 0, 0), 7, "other steps"),
        ("virtual-sequence", ("steps",), 10_000, "steps"),
        ("narrow-network", ("payload", "record", "own_params"), 1, "two ways"),
        ("narrow-network", ("payload", "record", "shared_params"), -1, "damaged"),
        ("narrow-network", ("payload",), None, "damaged"),
        ("narrow-network", ("params",), 1_000_000, "parameters in blocks"),
        ("narrow-network", ("metrics", "test", "task A", "accuracy"), 0.123, "accuracy"),
    ],
)
def test_a_forged_result_is_one_sentence(trained, kind, path, value, words):
    with pytest.raises(StudyError, match=words) as fault:
        _forged(trained, kind, lambda document: _set(document, path, value))
    assert len(str(fault.value)) < 400
