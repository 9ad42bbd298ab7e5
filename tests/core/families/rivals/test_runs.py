"""Requests and runs of rivals: what is asked for, what changes a key, and faults as one sentence each."""

import pytest

from app.families.labels import run_words
from core.backbones import Backbone, Block
from core.errors import StudyError
from core.families.layouts.request import TableRequest
from core.families.rivals.method import (
    LEAST_EPOCHS,
    TITLES,
    USUAL_METHODS,
    AdaShareMethod,
    LwfMethod,
    NestedNetMethod,
    PackNetMethod,
    counts_of,
    method_code,
    offered_methods,
    shares_of,
    unit_counts,
    units_of,
)
from core.families.rivals.request import RivalRequest
from core.families.rivals.runs import RivalRun, expand, method_runs
from core.studies.specification import parse_study
from core.studies.study_file import write_study
from tests.core.families.rivals.study import TEXT, study_of


def test_all_methods_are_requested_by_default():
    study = study_of()
    assert [run.method for run in method_runs(study, 0)] == [*USUAL_METHODS]
    assert study.requested(TableRequest) is None


def test_names_and_tables_of_options_may_be_mixed():
    study = study_of('methods = ["mtan", {name = "packnet", shares = [0.25, 1]}, {name = "packnet"}]\n')
    assert [run.method.name for run in method_runs(study, 0)] == ["mtan", "packnet", "packnet"]
    assert method_runs(study, 0)[1].shares == (0.25, 1.0)
    assert parse_study(TEXT).requested(RivalRequest) == RivalRequest()


def test_runs_come_after_the_networks_they_are_compared_with():
    study = study_of("seeds = [3, 5]\n")
    runs = expand(study)
    assert len(runs) == 2 * (2 + 4)
    for place, run in enumerate(runs):
        assert {parent.key for parent in run.parents} <= {each.key for each in runs[:place]}
    assert {run.seed for run in runs} == {3, 5}


def test_a_key_depends_on_what_is_trained_and_on_nothing_else():
    (usual, *_), (said, *_) = (
        method_runs(study_of(f"methods = [{method}]\n"), 0)
        for method in ('"packnet"', '{name = "packnet", shares = [0.5, 1.0]}')
    )
    # The usual shares of two tasks, said or not.
    assert usual.key == said.key
    others = {run.key for method in USUAL_METHODS for run in [usual.model_copy(update={"method": method})]}
    others.add(usual.model_copy(update={"method": PackNetMethod(retrain=0.4)}).key)
    others.add(usual.model_copy(update={"seed": 1}).key)
    assert len(others) == 6
    assert usual.on("cuda").key == usual.key


def test_keys_of_earlier_versions_are_found():
    """Results of every user are found by them."""
    text = 'methods = ["packnet", {name = "packnet", retrain = 0.4}, "nestednet", "mtan", "adashare"]\n'
    assert [run.key for run in method_runs(study_of(text), 0)] == [
        "c0e83897cc9698442be753b5eee5d2e0",
        "6cb15c0f77bcd3f081a487633e9f74d6",
        "6bb2a5e547c8f8f458cb56196b9846b6",
        "bf6f434e57a7ec16a89a5da81eb5fccb",
        "98de81ea29bffd82221601d8984639b3",
    ]


def test_units_are_part_of_a_key_as_numbers_of_units():
    text = 'methods = ["packnet", {name = "packnet", units = 4}, {name = "packnet", units = 4, shares = [0.45, 1.0]}]\n'
    single, usual, said = method_runs(study_of(text), 0)
    assert single.unit_counts == ()
    # Both are 2 and 4 of 4 units.
    assert (usual.unit_counts, usual.shares) == (said.unit_counts, said.shares) == ((2, 4), (0.5, 1.0))
    assert usual.key == said.key
    others = (
        single.method,
        PackNetMethod(units=8),
        PackNetMethod(units=4, shares=(0.25, 1.0)),
        NestedNetMethod(units=4),
    )
    assert len({usual.key, *(usual.model_copy(update={"method": other}).key for other in others)}) == 5


@pytest.mark.parametrize("n_tasks", range(2, 41))
def test_equal_steps_give_every_task_a_unit_of_its_own(n_tasks):
    for units in range(n_tasks, 65):
        counts = unit_counts((), n_tasks, units)
        assert counts[0] > 0
        assert [*counts] == sorted({*counts})
        assert counts[-1] == units


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('methods = ["packnat"]', "choose from"),
        ("methods = []", "at least 1"),
        ('methods = ["mtan", "mtan"]', "MTAN twice"),
        ('methods = ["packnet", {name = "packnet", retrain = 0.3}]', "PackNet twice"),
        ('methods = [{name = "packnet", shares = [0.2, 0.5, 1.0]}]', "3 shares and the study 2 tasks"),
        ('methods = [{name = "nestednet", shares = [1.0]}]', "1 shares and the study 2 tasks"),
        ('methods = [{name = "packnet", shares = [1.0, 0.5]}]', "shares rise"),
        ('methods = [{name = "packnet", shares = [0.5, 0.5]}]', "shares rise"),
        ('methods = [{name = "nestednet", shares = [0.2, 0.9]}]', "last share is 1"),
        ('methods = [{name = "packnet", shares = [0.0, 1.0]}]', "above 0"),
        ('methods = [{name = "packnet", shares = [0.5, nan]}]', "finite"),
        ('methods = [{name = "packnet", retrain = 1.0}]', "below 1"),
        ('methods = [{name = "packnet", units = 1}]', "one unit is the whole network"),
        ('methods = [{name = "packnet", units = 65}]', "64"),
        ('methods = [{name = "nestednet", units = -2}]', "0"),
        ('methods = [{name = "packnet", units = 4, shares = [0.1, 1.0]}]', "0, 4 of 4 units"),
        ('methods = [{name = "nestednet", units = 4, shares = [0.9, 1.0]}]', "4, 4 of 4 units"),
        ('methods = [{name = "packnet", units = 4}, {name = "packnet", units = 4}]', "PackNet⁺ twice"),
        ('methods = [{name = "mtan", units = 4}]', "not a key"),
        ('methods = [{name = "lwf", weight = -1.0}]', "0"),
        ('methods = [{name = "lwf", temperature = 0.0}]', "0.01 or more"),
        ('methods = [{name = "lwf", weight = 0.0, temperature = 3.0}]', "nothing has one"),
        ('methods = [{name = "feature-extraction", weight = 1.0}]', "not a key"),
        ('methods = [{name = "mtan", shares = [0.5, 1.0]}]', "not a key"),
        ('methods = [{name = "adashare", temperature = 0.0}]', "0.01 or more"),
        ('methods = [{name = "adashare", sparsity = -1.0}]', "0"),
        ('methods = [{name = "adashare", warm_up = 0.6, retrain = 0.5}]', "leave nothing for the search"),
        ('methods = [{name = "adashare", temperature = 1.0, end_temperature = 2.0}]', "falls"),
        ("seeds = [1, 1]", "twice"),
        ("method = 3", "not a key"),
    ],
)
def test_a_bad_request_is_one_sentence(more, words):
    with pytest.raises(StudyError, match=words) as fault:
        study_of(more + "\n")
    assert "\n" not in str(fault.value)


def test_a_fault_is_named_by_the_keys_of_the_file():
    with pytest.raises(StudyError, match=r'"rivals\.methods\.1\.sparsity" is'):
        study_of('methods = ["mtan", {name = "adashare", sparsity = "much"}]\n')
    with pytest.raises(StudyError, match=r'"rivals\.methods\.0\.shares\.1" is'):
        study_of('methods = [{name = "packnet", shares = [0.5, 2]}]\n')
    with pytest.raises(StudyError, match=r'"dataset\.n_train" is'):
        parse_study(TEXT.replace("n_train = 64", "n_train = 1"))


@pytest.mark.parametrize("method", LEAST_EPOCHS)
def test_methods_in_parts_need_an_epoch_for_each(method):
    least = LEAST_EPOCHS[method]
    for epochs in range(1, 4):
        text = TEXT.replace("epochs = 3", f"epochs = {epochs}") + f'methods = ["{method}"]\n'
        if epochs >= least:
            parse_study(text)
        else:
            with pytest.raises(StudyError, match=TITLES[method]):
                parse_study(text)


@pytest.mark.parametrize("epochs", range(3, 40))
def test_parts_add_up_to_the_epochs_of_the_study(epochs):
    for share in (0.01, 0.3, 0.99):
        assert sum(PackNetMethod(retrain=share).epochs(epochs)) == epochs
        assert min(PackNetMethod(retrain=share).epochs(epochs)) >= 1
    for first, last in ((0.1, 0.5), (0.01, 0.01), (0.49, 0.5), (0.9, 0.05)):
        parts = AdaShareMethod(warm_up=first, retrain=last).epochs(epochs)
        assert sum(parts) == epochs
        assert min(parts) >= 1


@pytest.mark.parametrize("n_tasks", range(2, 41))
def test_usual_shares_rise_to_all_weights(n_tasks):
    shares = shares_of((), n_tasks)
    assert len(shares) == n_tasks
    assert [*shares] == sorted({*shares})
    assert shares[-1] == 1.0
    assert counts_of(shares, 1000)[-1] == 1000


def test_a_study_of_several_data_sets_has_no_rivals():
    text = """\
name = "several"
[dataset]
name = "several"
size = 16
[[dataset.sets]]
name = "one"
task = "task A"
[dataset.sets.dataset]
name = "planted"
[[dataset.sets]]
name = "two"
task = "task B"
[dataset.sets.dataset]
name = "planted"
[treednn]
cut = 1
[rivals]
"""
    with pytest.raises(StudyError, match="rivals"):
        parse_study(text)


def test_words_name_the_method_and_what_is_unusual():
    text = '"packnet", "mtan", {name = "adashare", sparsity = 0.5}, {name = "packnet", units = 4}, '
    text += '"feature-extraction", {name = "lwf", weight = 2.0, temperature = 4.0}'
    words = [run_words(run.label) for run in method_runs(study_of(f"methods = [{text}]\n"), 2)]
    assert words == [
        "PackNet: task A and task B; 50 and 100 % of the weights · seed 2",
        "MTAN: task A and task B · seed 2",
        "AdaShare: task A and task B; sparsity 0.5 · seed 2",
        "PackNet⁺: task A and task B; 2 and 4 of 4 units · seed 2",
        "Feature extraction: task A and task B · seed 2",
        "LwF: task A and task B; temperature 4, earlier answers held with weight 2 · seed 2",
    ]


def test_work_counts_a_pass_for_each_task_where_there_is_one():
    backbone = Backbone("small", tuple(Block(f"block {b}", 10, 10**6, (2, 8, 8)) for b in range(5)))
    work = {run.method.name: run.work(backbone) for run in method_runs(study_of(), 0)}
    alone = method_runs(study_of(), 0)[0].singles[0].work(backbone)
    assert work["packnet"] == pytest.approx(2 * alone)
    assert work["nestednet"] == work["packnet"]
    assert alone < work["adashare"] <= work["packnet"]


def test_nothing_is_held_at_any_temperature():
    run, held = method_runs(study_of('methods = [{name = "lwf", weight = 0}, "lwf"]\n'), 0)
    keys = [
        run.model_copy(update={"method": LwfMethod(weight=weight, temperature=temperature)}).key
        for weight in (0.0, 1.0)
        for temperature in (2.0, 5.0)
    ]
    assert keys[0] == keys[1] == run.key
    assert keys[2] == held.key
    assert len({*keys}) == 3


def test_more_tasks_than_units_are_one_sentence():
    text = TEXT.replace('["task A", "task B"]', '["task A", "task B", "task C"]').replace(
        "0,1 | 0,1 | 0,1 | 0;1 | 0;1", "0,1,2 | 0,1,2 | 0,1,2 | 0;1;2 | 0;1;2"
    )
    with pytest.raises(StudyError, match="2 units don't suffice for 3 tasks"):
        parse_study(text + 'methods = [{name = "packnet", units = 2}]\n')


def test_each_method_is_trained_and_no_other():
    offered = offered_methods(4)
    assert {method.name for method in offered} == LEAST_EPOCHS.keys()
    assert [*map(method_code, offered)] == [*TITLES]
    assert offered_methods() == tuple(method for method in offered if not units_of(method))
    assert RivalRun.kind == "rival"


@pytest.mark.parametrize(
    "method",
    [
        '{ name = "packnet", units = 4 }',
        '{ name = "nestednet", units = 4 }',
        '{ name = "adashare", sparsity = 0.5 }',
        '{ name = "lwf", weight = 0.0 }',
        '"mtan"',
        '"feature-extraction"',
    ],
)
def test_a_method_with_options_is_written_with_its_name(method):
    study = study_of(f"methods = [{method}]\n")
    assert parse_study(write_study(study)) == study
