"""What a study may request of multi-path networks, and the runs that follow."""

import pytest

from core.errors import StudyError
from core.families.layouts.request import TableRequest
from core.families.layouts.runs import expand as layout_runs
from core.families.multipath.request import MultiPathRequest, warnings_of
from core.families.multipath.runs import MultiPathRun, PathMatrixRun, expand, matrix_run, network_runs
from core.families.single.runs import single_run
from core.jobs.submission import kept_weights, with_parents
from core.runs.result import Environment, RunResult, RunState
from core.studies.expand import expand as all_runs
from core.studies.specification import parse_study
from core.studies.study_file import write_study
from tests.core.families.multipath.study import TEXT, study_of

FOUR = TEXT.replace('"task A", "task B"', '"task A", "task B", "task C", "task D"').replace(
    "0,1 | 0,1 | 0,1 | 0;1 | 0;1", "0,1,2,3 | 0;1;2;3"
)


def test_a_study_of_paths_has_no_table_unless_it_says_so():
    study = study_of()
    assert study.requested(TableRequest) is None
    assert layout_runs(study) == []
    again = parse_study(write_study(study))
    assert again == study
    with_table = parse_study("[table]\nseeds = [4]\n".join(TEXT.split("[multipath]\n")) + "[multipath]\n")
    assert with_table.requested(TableRequest) == TableRequest(seeds=(4,))
    assert parse_study(write_study(with_table)) == with_table
    assert study.with_request(MultiPathRequest(seeds=(5,))).requested(TableRequest) is None


def test_runs_are_teachers_networks_and_a_matrix_of_every_seed():
    study = study_of(
        'seeds = [3, 4]\n[[multipath.networks]]\n[[multipath.networks]]\nname = "shared"\nassign = "shared"'
    )
    runs = expand(study)
    assert [run.kind for run in runs] == 2 * ["layout", "layout", "multipath", "multipath", "path-matrix"]
    assert len({run.key for run in runs}) == len(runs)
    assert [run for run in all_runs(study) if run.kind != "similarity"] == runs
    assert [run.assign for run in runs if isinstance(run, MultiPathRun)] == 2 * [(2, 4), (4, 4)]
    # The teachers are the single-task networks that every other family compares with.
    own = {single_run(study, task, seed).key for task in range(2) for seed in (3, 4)}
    assert {run.key for run in runs if run.kind == "layout"} == own
    assert {parent.key for run in runs for parent in run.parents} == own
    assert kept_weights(runs) == {run.key for run in runs}
    assert with_parents(runs[2:3])[-1].key == runs[2].key


def test_only_what_is_taught_needs_the_weights_of_single_task_networks():
    text = '[[multipath.networks]]\nname = "{mix}"\nmix = "{mix}"\n'
    for mix, needed in (("additive", 2), ("literal", 2), ("none", 0), ("doubled", 0)):
        runs = expand(study_of(text.format(mix=mix)))
        singles = {run.key for run in runs if run.kind == "layout"}
        assert len(kept_weights(runs) & singles) == needed


def test_what_is_not_trained_with_is_no_part_of_the_key():
    def key(line):
        return network_runs(study_of(f"[[multipath.networks]]\n{line}"), 0)[0].key

    plain = key('mix = "none"')
    assert key('mix = "none"\nalpha = 0.2\ntemperature = 5.0') == plain
    assert key('mix = "literal"\nalpha = 1.0') == plain
    assert key('name = "other"\nmix = "none"') == plain
    assert key('assign = [2, 4]\nmix = "none"') == plain
    changed = [
        'mix = "doubled"',
        'mix = "literal"',
        'mix = "additive"',
        "temperature = 3.0",
        'direction = "teacher"',
        "squared = true",
        'mix = "none"\nassign = "reversed"',
        'mix = "none"\nweighting = "labels"',
    ]
    assert len({plain, *map(key, changed)}) == len(changed) + 1


def test_block_numbers_are_names_of_exits():
    assert network_runs(study_of("exits = [1, 4]"), 0)[0] == network_runs(study_of('exits = ["1", "4"]'), 0)[0]
    assert matrix_run(study_of('exits = [0, "2.conv1", 4]'), 0).exits == ("0", "2.conv1", "4")


def test_usage_adds_up_to_one():
    request = study_of('usage = { "task A" = 3.0, "task B" = 1.0 }').requested(MultiPathRequest)
    assert request.shares(("task A", "task B")) == (0.75, 0.25)
    assert MultiPathRequest().shares(("a", "b", "c", "d")) == (0.25,) * 4


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("exits = [4]", "has 1 exit"),
        ("exits = [0, 7]", '"7" lies outside the backbone'),
        ('exits = [0, "9.conv1", 4]', '"9.conv1" lies outside the backbone'),
        ("exits = [0, 0, 4]", "twice"),
        ("exits = [2, 1, 4]", "comes before"),
        ('exits = ["01", 2, 4]', '"01" begins with no number of a block. Write 1'),
        ('exits = ["02.conv1", 4]', "Write 2.conv1"),
        ("exits = [0, 2]", "should be the end of the backbone"),
        ("exits = [0, true]", "number of a block, or the path"),
        ("exits = [[0], 4]", "number of a block, or the path"),
        ("exits = [0.5, 4]", "number of a block, or the path"),
        ("exits = 4", "should be a list"),
        ("exits = [0, -1, 4]", '"-1" lies outside the backbone'),
        ('exits = ["", "4"]', "number of a block, or the path"),
        ('exits = ["<b>x</b>", "4"]', "number of a block, or the path"),
        ("[[multipath.networks]]\nassign = [4]", 'so "task B" has no exit'),
        ("[[multipath.networks]]\nassign = [0, 1, 2]", "more than there are tasks"),
        ("[[multipath.networks]]\nassign = [0, 5]", "assigns the exit 5"),
        ('[[multipath.networks]]\nassign = "later"', "should be 'spread', 'reversed' or 'shared'"),
        ("[[multipath.networks]]\nalpha = 1.5", "1.0|should be 1 or less"),
        ("[[multipath.networks]]\nalpha = -0.5", "0 or more"),
        ("[[multipath.networks]]\ntemperature = 0.0", "0.01 or more"),
        ("[[multipath.networks]]\ntemperature = nan", "finite"),
        ('[[multipath.networks]]\nmix = "all"', "mix"),
        ("[[multipath.networks]]\n[[multipath.networks]]", 'are called "paths"'),
        ('[[multipath.networks]]\nname = "a|b"', "without"),
        ("networks = []", "at least 1 entry"),
        ('usage = { "task C" = 1.0 }', "no task of the study"),
        ('usage = { "task A" = 0.0 }', "no task a share above 0"),
        ("seeds = [0, 0]", "twice"),
        ('order = "size"', "order"),
        ("teacher = 2", "is not a key"),
    ],
)
def test_what_makes_no_multi_path_network_is_one_sentence(more, words):
    with pytest.raises(StudyError, match=words) as fault:
        study_of(more)
    assert len(str(fault.value)) < 400
    assert "\n" not in str(fault.value)


def test_odd_mixes_are_warned_of():
    study = study_of('[[multipath.networks]]\nalpha = 1.0\n[[multipath.networks]]\nname = "fine"')
    (warning,) = warnings_of(study.requested(MultiPathRequest))
    assert warning.startswith("paths: With α = 1")


def test_random_orders_of_tasks_permute_what_is_assigned():
    plain, turned = study_of("", FOUR), study_of("", FOUR.replace('"task A", "task B"', '"task B", "task A"'))
    places = [dict(zip(run.tasks, run.assign, strict=True)) for run in (network_runs(s, 0)[0] for s in (plain, turned))]
    swapped = {"task A": "task B", "task B": "task A"}
    assert places[1] == {name: places[0][swapped.get(name, name)] for name in places[0]}


@pytest.mark.parametrize("run", [network_runs(study_of(), 0)[0], matrix_run(study_of(), 0)], ids=lambda run: run.kind)
def test_results_of_other_exits_or_tasks_are_refused(run):
    exit_ = {
        "name": "0", "params": 1, "macs": 1, "published_params": 1, "published_macs": 1, "output_shape": [2, 8, 8],
    }  # fmt: skip
    good = {"exits": [exit_] * 5, "head_params": [3, 3]}
    if isinstance(run, PathMatrixRun):
        metrics = {task: [{"accuracy": 0.5}] * 5 for task in run.tasks}
        good |= {"head_params": [[3] * 5] * 2, "metrics": {"validation": metrics, "test": metrics}}
    environment = Environment(device="cpu", machine="m", threads=1, versions={})

    def check(**changes):
        run.check(RunResult(state=RunState.DONE, environment=environment, payload={**good, **changes}))

    check()
    bad = [{"exits": [exit_] * 4}, {"head_params": []}, {"exits": [{**exit_, "params": -1}] * 5}, {"strange": 1}]
    if isinstance(run, PathMatrixRun):
        bad += [{"metrics": {"test": metrics}}, {"metrics": {"validation": metrics, "test": {}}}]
        point = {"wanted": 0.5, "thresholds": [0.5], "shares": [0.5, 0.5], "accuracy": 1.0, "macs": 1.0}
        bad += [{"leaving": {"task A": [point]}}, {"leaving": {"strange": []}}]
    else:
        bad += [{"teachers": {"strange": "0" * 64}}, {"teachers": {"task A": "x"}}]
    for changes in bad:
        with pytest.raises(StudyError, match="Train it again"):
            check(**changes)
