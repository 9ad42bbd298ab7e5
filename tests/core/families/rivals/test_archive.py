"""What trained rivals add up to: gains, costs, points, archives; forged results are one sentence."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.costs import CostQuestion, Unit
from core.errors import BackboneError, FamilyError, StudyError
from core.families.rivals.payload import RivalPayload
from core.families.rivals.points import rival_cost, rival_points
from core.families.rivals.results import RivalResults
from core.families.rivals.runs import RivalRun
from core.runs.result import RunResult
from core.studies.archive import import_archive, write_archive
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.result_check import ResultCheck
from core.tasks import relative_performance
from core.training.execute import execute
from core.training.prepare_study import prepare_study
from core.training.workplace import Workplace
from tests.core.families.rivals.study import TEXT, study_of

STUDY = study_of(
    "seeds = [0, 1]\n"
    'methods = ["packnet", "nestednet", "mtan", {name = "adashare", sparsity = 2.0}, '
    '{name = "packnet", retrain = 0.6}, {name = "packnet", units = 2}, {name = "nestednet", units = 2}, '
    '"feature-extraction", "lwf"]\n'
)
TITLES = ["PackNet 1", "NestedNet", "MTAN", "AdaShare", "PackNet 2", "PackNet⁺", "NestedNet with channels"]
TITLES += ["Feature extraction", "LwF"]
TIMELESS = {"MTAN", *TITLES[5:7]}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the study's record and run key → result of everything it requests."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRANCHWISE_HOME", str(home))
        record, _ = prepare_study(STUDY)
        found = {run.key: execute(run.kind, run.model_dump_json(), Workplace(home))[0] for run in expand(STUDY)}
    assert all(result.is_done for result in found.values()), [result.sentence for result in found.values()]
    return record, found


def _rivals(seed=0):
    return [run for run in expand(STUDY) if isinstance(run, RivalRun) and run.seed == seed]


def payload_of(found, title):
    run = _rivals()[TITLES.index(title)]
    return run.payload_of(found[run.key], RivalPayload)


def test_gains_are_against_single_task_networks_of_the_same_seed(trained):
    record, found = trained
    results = record.study(found).result(RivalResults)
    assert [scores.title for scores in results.methods] == TITLES
    for s, seed in enumerate(results.seeds):
        for scores, run in zip(results.methods, _rivals(seed), strict=True):
            for t, (task, single) in enumerate(zip(results.tasks, run.singles, strict=True)):
                measured, alone = (found[key].metrics["test"][task.name] for key in (run.key, single.key))
                assert scores.gains["test"][s, t] == relative_performance(measured, alone, task.metrics)
                assert scores.values["test"][s, t] == measured["accuracy"]
                assert results.singles["test"][s, t] == alone["accuracy"]


def test_what_is_missing_is_no_number_and_no_point(trained):
    record, found = trained
    gone = _rivals(1)[0].key
    study = record.study({key: result for key, result in found.items() if key != gone})
    results = study.result(RivalResults)
    assert np.isnan(results.methods[0].gains["test"][1]).all()
    points = {point.label: point for point in rival_points(study, CostQuestion.STORED, Unit.BYTES)}
    assert points["PackNet 1"].n_seeds == 1
    assert points["PackNet 1"].interval is None
    assert points["MTAN"].n_seeds == 2
    assert rival_points(record.study({}), CostQuestion.STORED, Unit.BYTES) == []


def test_every_question_has_its_cost(trained):
    record, found = trained
    study = record.study(found)
    blocks = study.backbone
    cost = {
        (question, unit): {p.label: p.cost(question, unit) for p in rival_points(study, question, unit)}
        for question in CostQuestion
        for unit in Unit
    }
    for (question, unit), costs in cost.items():
        known = unit in question.units and (unit is not Unit.LATENCY or blocks.latency is not None)
        assert [*costs] == ([t for t in TITLES if unit is not Unit.LATENCY or t not in TIMELESS] if known else [])
    # A masked pass costs as much as the backbone, and every task is one.
    one, every = cost[CostQuestion.ONE_TASK, Unit.MACS], cost[CostQuestion.ALL_TASKS, Unit.MACS]
    for name in ("PackNet 1", "NestedNet"):
        assert (one[name], every[name]) == (blocks.macs, 2 * blocks.macs)
    assert blocks.macs < one["MTAN"] < every["MTAN"] < 2 * one["MTAN"]
    assert one["AdaShare"] <= every["AdaShare"] <= 2 * blocks.macs
    # Weights once, norms for each task, a bit for each weight of two tasks.
    stored, size = cost[CostQuestion.STORED, Unit.PARAMETERS], cost[CostQuestion.STORED, Unit.BYTES]
    payload = _rivals()[0].payload_of(found[_rivals()[0].key], RivalPayload)
    assert payload.shared_params + payload.own_params[0] == blocks.params
    assert stored["PackNet 1"] == stored["NestedNet"] == blocks.params + payload.own_params[1]
    assert size["PackNet 1"] == 4 * stored["PackNet 1"] + payload.shared_params / 8
    assert stored["AdaShare"] <= blocks.params < stored["MTAN"]
    assert size["MTAN"] == 4 * stored["MTAN"]
    # Whole channels: a pass of the first of two units costs a quarter, but for the layer that reads the picture.
    for name in TITLES[5:7]:
        first, both = payload_of(found, name).macs
        assert (one[name], every[name]) == ((first + both) / 2, first + both)
        assert both == blocks.macs
        assert blocks.macs / 4 < first < blocks.macs / 2
        # Every weight once, norms of each task, and a bit for each unit.
        assert size[name] == 4 * stored[name] + 2 / 8
    # One pass gives all answers, and nothing but heads is a task's own.
    for name in TITLES[7:]:
        assert one[name] == every[name] == blocks.macs
        assert stored[name] == blocks.params
        assert size[name] == 4 * blocks.params
    resident = cost[CostQuestion.RESIDENT, Unit.PARAMETERS]
    assert resident["PackNet 1"] == blocks.params
    assert all(resident[title] <= stored[title] for title in TITLES)


def test_seconds_are_those_of_the_blocks_that_run(trained):
    record, found = trained
    seconds = (0.1, 0.2, 0.4, 0.8, 1.6)
    known = record.study(found).backbone
    blocks = [replace(block, latency=s) for block, s in zip(known.blocks, seconds, strict=True)]
    timed = replace(known, blocks=tuple(blocks))
    run = _rivals()[3]
    payload = run.payload_of(found[run.key], RivalPayload)
    rows = [sum(s for s, runs in zip(seconds, row, strict=True) if runs) for row in payload.runs]
    assert rival_cost(payload, timed, CostQuestion.ONE_TASK, Unit.LATENCY) == pytest.approx(np.mean(rows))
    together = rival_cost(payload, timed, CostQuestion.ALL_TASKS, Unit.LATENCY)
    assert max(rows) <= together + 1e-12
    assert together <= sum(rows) + 1e-12


def test_an_archive_gives_the_same_results_on_another_machine(trained, tmp_path):
    record, found = trained
    path = tmp_path / "small.zip"
    path.write_bytes(write_archive(record, found))
    database = Database(tmp_path / "other" / "studies.sqlite")
    name = import_archive(path, database)
    one, other = (each.result(RivalResults) for each in (record.study(found), database.study(name)))
    for scores, again in zip(one.methods, other.methods, strict=True):
        assert scores.payloads == again.payloads
        assert (scores.gains["test"] == again.gains["test"]).all()


def _checked(trained, place, change):
    record, found = trained
    run = _rivals()[place]
    document = json.loads(found[run.key].model_dump_json())
    change(document)
    result = RunResult.model_validate(document)
    ResultCheck(record.tasks, record.backbone).check(run, result)
    run.check(result)


@pytest.mark.parametrize("place", range(9))
def test_what_was_trained_is_accepted(trained, place):
    _checked(trained, place, lambda _document: None)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 5, 6, 7, 8])
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("steps",), 10_000),
        (("params",), 1_000_000),
        (("curve", 0, "losses"), {"task C": 0.5}),
        (("metrics", "test", "task A", "accuracy"), 0.123),
        (("payload", "shared_params"), 5),
        (("payload", "own_params"), [1, 2, 3]),
        (("payload", "used_params"), [10**9, 1]),
        (("payload", "head_params"), [1, 1]),
        (("payload", "mask_bits"), 3),
        (("payload", "mask_bits"), -1),
        (("payload", "macs_for_all"), 1),
        (("payload", "nonzero_macs"), [10**12, 1]),
        (("payload", "runs"), [[True] * 5]),
        (("payload", "runs"), [[False] * 5, [True] * 5]),
        (("payload", "runs_for_all"), [7] * 5),
        (("payload", "stages"), {"test": [{"task A": {"accuracy": 0.5}}]}),
        (("payload", "stages"), {"validation": [], "test": []}),
        (("payload",), None),
    ],
)
def test_a_forged_result_is_one_sentence(trained, place, path, value):
    def change(document):
        *way, last = path
        for key in way:
            document = document[key]
        document[last] = value

    with pytest.raises(StudyError):
        _checked(trained, place, change)


@pytest.mark.parametrize("place", range(9))
def test_units_and_single_weights_are_not_confused(trained, place):
    def change(document):
        document["payload"]["is_narrow"] = not document["payload"]["is_narrow"]

    with pytest.raises(StudyError, match="counts what no network"):
        _checked(trained, place, change)


@pytest.mark.parametrize("place", [7, 8])
@pytest.mark.parametrize("split", ["validation", "test"])
def test_stages_end_with_what_the_network_reached(trained, place, split):
    def other_end(document):
        stages = document["payload"]["stages"][split]
        stages[-1]["task A"]["accuracy"] = 1 - stages[-1]["task A"]["accuracy"]

    def too_soon(document):
        document["payload"]["stages"][split][0]["task B"] = {"accuracy": 0.5}

    def impossible(document):
        document["payload"]["stages"][split][0]["task A"]["accuracy"] = 1.5

    for change in (other_end, too_soon, impossible):
        with pytest.raises(StudyError):
            _checked(trained, place, change)


def test_what_holds_answers_is_a_loss_of_lwf_alone(trained):
    def change(document):
        document["curve"][-1]["losses"] = {"task A, held": 0.5}

    _checked(trained, 8, change)
    with pytest.raises(StudyError, match="does not train"):
        _checked(trained, 7, change)


def test_stages_are_values_after_each_task(trained):
    record, found = trained
    results = record.study(found).result(RivalResults)
    for scores in results.methods:
        stages = scores.stages["test"]
        if scores.title not in TITLES[7:]:
            assert stages.shape == (2, 0, 2)
            continue
        assert stages.shape == (2, 2, 2)
        assert (stages[:, 1] == scores.values["test"]).all()
        assert np.isfinite(stages[:, 0, 0]).all()
        assert np.isnan(stages[:, 0, 1]).all()
        if scores.title == "Feature extraction":
            assert (stages[:, 0, 0] == stages[:, 1, 0]).all()


def test_a_task_with_no_more_units_than_the_one_before_is_refused(trained):
    def change(document):
        document["payload"]["used_params"][0] = document["payload"]["used_params"][1]

    with pytest.raises(StudyError, match="counts what no network"):
        _checked(trained, TITLES.index("PackNet⁺"), change)


def test_a_backbone_that_units_do_not_divide_is_refused_before_training(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    study = study_of('methods = [{name = "packnet", units = 3}]\n')
    with pytest.raises(FamilyError, match="PackNet⁺ can't have this backbone") as fault:
        prepare_study(study)
    assert "\n" not in str(fault.value)
    assert not [*tmp_path.rglob("*.sqlite")]


@pytest.mark.slow
def test_a_backbone_that_a_method_can_t_use_is_refused_before_training(tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    text = TEXT.replace("width = 2", 'name = "torchvision:swin_t"\nblocks = 3').replace("size = 16", "size = 64")
    study = study_of('methods = ["mtan"]\n', text)
    with pytest.raises(BackboneError, match="leave mtan out"):
        prepare_study(study)
    assert not [*tmp_path.rglob("*.sqlite")]
