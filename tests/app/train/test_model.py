"""What the Train page says, without Streamlit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.eta import progress_sentence
from app.jobs.train_link import What
from app.train.model import (
    can_cancel,
    can_retry,
    counts_sentence,
    host_sentence,
    line_seconds,
    metric_rows,
    next_submission,
    oracle_seeds,
    plan_sentences,
    retry_words,
    sample,
    seeds_sentence,
    step_words,
    table_seeds,
    training_sentence,
    worth_measuring,
)
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.layouts.runs import expand as layout_trainings
from core.families.recombined.payloads import SampleLosses
from core.jobs.jobs_reader import JobLine
from core.jobs.lease import HostLine
from core.jobs.queue_progress import QueueProgress
from core.jobs.states import ACTIVE, FINISHED, JobState
from core.jobs.submit import Plan
from core.layouts.enumeration import enumerate_layouts
from core.runs.label import RunLabel
from core.runs.result import Environment, RunResult, RunState
from core.selection.measure_next import NextRun
from core.studies.specification import StudySpecification, TrainingSettings
from core.tasks import Kind, Metric, Task

SEEDS = st.lists(st.integers(0, 130), min_size=1, max_size=6, unique=True).map(tuple)


def study(table=(0, 1), oracle=(100, 101), **more) -> StudySpecification:
    return StudySpecification(
        name="small",
        tasks=("a", "b", "c"),
        **({"table": TableRequest(seeds=table)} if table else {}),
        **({"oracle": OracleRequest(seeds=oracle)} if oracle else {}),
        **more,
    )


def line(state: JobState, **more) -> JobLine:
    fields = {
        "key": "k", "study": "s", "label": RunLabel("layout", ("a",), 0), "sentence": state.sentence, "attempt": 1, "session": "",
        "asked": 1.0, "started": 10.0, "finished": None, "step": 0, "steps": 0, "work": 1.0, "has_weights": False,
    }  # fmt: skip
    return JobLine(**{**fields, "state": state, **more})


@given(SEEDS, SEEDS, st.integers(1, 12))
def test_seeds_of_table_and_oracle_never_meet_and_the_own_come_first(table, oracle, n):
    oracle = tuple(seed + 200 for seed in oracle) if set(table) & set(oracle) else oracle
    asked = study(table, oracle)
    for found, own, other in (
        (table_seeds(asked, n), table, oracle),
        (oracle_seeds(asked, n), oracle, table),
    ):
        assert len(found) == len(set(found)) == n
        assert not set(found) & set(other)
        assert found[: len(own)] == own[:n]
        assert (n < len(own)) or set(own) <= set(found)


def test_a_study_that_asked_for_nothing_starts_at_the_usual_seeds():
    assert table_seeds(study(None, None), 3) == (0, 1, 2)
    assert oracle_seeds(study(None, None), 2) == (100, 101)


def test_the_seeds_are_named():
    assert "Seeds 100 and 101;" in seeds_sentence(What.LAYOUTS, (100, 101))
    assert seeds_sentence(What.TABLE, (4,)).startswith("Seed 4;")


@pytest.mark.parametrize("n", [1, 2, 5, 12, 51, 200])
def test_a_sample_has_no_layout_twice_and_half_of_it_is_the_front(scene_of, n):
    view = scene_of("scenes").view
    found = sample(view, n)
    assert len(found) == len(set(found)) == min(n, view.n_layouts)
    front = [choice.layout for choice in view.front]
    assert sum(layout in front for layout in found) >= min((len(found) + 1) // 2, len(front))
    assert found[0] == front[-1]
    assert sample(view, n) == found


def test_a_sample_passes_over_what_is_trained_while_others_remain(scene_of):
    view = scene_of("scenes").view
    every = list(enumerate_layouts(3, 5))
    first = sample(view, 10)
    assert not set(first) & set(sample(view, 10, first))
    assert set(sample(view, 51, first)) == set(every)


def test_a_sample_spreads_over_the_costs(scene_of):
    view = scene_of("scenes").view
    costs = sorted(view.fraction(view.cost(layout)) for layout in sample(view, 12))
    assert costs[0] < 0.45
    assert costs[-1] > 0.9
    assert max(np.diff(costs)) < 0.25


def test_only_runs_that_may_change_something_are_offered():
    runs = [NextRun((0, 1), b, gain, 0.5, False) for b, gain in ((1, 0.2), (2, 0.1), (3, 0.001), (4, 0.0))]
    assert [run.branch_point for run in worth_measuring(runs, 10)] == [1, 2]
    assert len(worth_measuring(runs, 1)) == 1


def test_the_next_runs_take_the_seeds_of_the_study_or_one_more():
    hole, known = NextRun((0, 2), 3, 1.0, 0.5, False), NextRun((0, 1), 1, 1.0, 0.5, True)
    assert next_submission(study(), [hole], one_more=False).seeds == (0, 1)
    both = next_submission(study(), [hole, known], one_more=True)
    assert (both.seeds, both.pairs) == ((0, 1, 2), ((0, 2, 3), (0, 1, 1)))


def test_the_price_is_told_in_words():
    def taken(n_done, n_waiting, n_new, seconds, n_timed):
        return plan_sentences(Plan(study(), (), n_done, n_waiting, n_new, 0, seconds, n_timed), 2)

    assert taken(3, 1, 0, 0.0, 5) == ["3 runs done already; nothing is trained twice.", "1 run in the queue already."]
    assert taken(0, 0, 2, None, 0) == ["How long they take is not known yet: no run was made on this machine so far."]
    assert taken(0, 0, 2, 9.0, 1) == ["Estimated from 1 run made on this machine, with 2 at a time."]


def test_training_settings_in_words():
    said = training_sentence(study(training=TrainingSettings(epochs=1, patience=3, average=0)))
    assert said == (
        "1 epoch of 4 000 pictures in batches of 32; AdamW with a one-cycle schedule up to a learning rate of 0.01; "
        "stopped after 3 epochs without improvement."
    )


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("a · seed 0", "a alone · seed 0"),
        ("a,b | a,b | a,b · seed 1", "a and b sharing 3 of 3 blocks · seed 1"),
        ("a,b | a;b · seed 1", "a and b sharing 1 of 2 blocks · seed 1"),
        ("a,b,c | a,b,c · seed 1", "a, b and c sharing all blocks · seed 1"),
        ("a,b,c | a,b;c · seed 1", "All share block 1; c leaves after block 2"[:18]),
        ("how alike the tasks are · seed 4", "How alike the tasks are · seed 4"),
        ("anything else", "anything else"),
        ("x,,| · seed 1", "x,,| · seed 1"),
    ],
)
def test_titles_as_people_say_them(title, words):
    assert run_words(title).startswith(words)


def test_every_title_of_a_study_can_be_said():
    asked = study()
    for run in layout_trainings(asked):
        said = run_words(run.title)
        assert "|" not in said
        assert said.endswith(f" · seed {run.seed}")


def test_counts_leave_out_what_is_not_there():
    counts = dict.fromkeys(JobState, 0) | {JobState.DONE: 3, JobState.RUNNING: 1, JobState.PLANNED: 9}
    assert counts_sentence(counts) == "1 running · 3 done"
    assert counts_sentence(dict.fromkeys(JobState, 0)) == ""


def test_queue_progress_says_what_is_left_where_that_is_known():
    assert progress_sentence(QueueProgress(7, 2, 0.5, 600.0)) == "2 of 7 finished · 10 min left"
    assert progress_sentence(QueueProgress(7, 2, 0.5, 0.0)).endswith("1 s left")
    assert "left" not in progress_sentence(QueueProgress(7, 2, 0.5, None))


@pytest.mark.parametrize(
    ("alive", "report", "n", "words", "stuck"),
    [
        (None, {}, 0, "Nothing to do", False),
        (None, {}, 2, "2 runs are left, but nothing is training them", True),
        (False, {}, 1, "1 run is left, but the process that trained them has ended", True),
        (True, {}, 1, "Starting", False),
        (True, {"workers": [1, 2], "at_work": 0}, 1, "Starting", False),
        (True, {"workers": [1, 2], "at_work": 2}, 5, "Training 2 runs on 2 workers", False),
        (True, {"workers": [1, 2], "at_work": 0}, 0, "Ready and waiting", False),
    ],
)
def test_the_host_in_a_sentence(alive, report, n, words, stuck):
    host = None if alive is None else HostLine("m/1/x", 0.0, 0.0, report, alive)
    said, needs_somebody = host_sentence(host, n)
    assert words in said
    assert needs_somebody is stuck


@pytest.mark.parametrize("gone", [None, HostLine("m/1/x", 0.0, 0.0, {}, False)])
def test_nobody_has_to_start_a_host_that_is_starting(gone):
    assert host_sentence(gone, 3, starting=True) == ("Starting a process that trains …", False)


@pytest.mark.parametrize("state", JobState)
def test_a_run_can_be_stopped_or_repeated_or_neither(state):
    run = line(state)
    assert not (can_cancel(run) and can_retry(run))
    assert can_cancel(run) == (state in ACTIVE and state is not JobState.CANCELLING)
    assert can_retry(run) == (state in FINISHED and state is not JobState.DONE)


def test_times_of_runs():
    assert line_seconds(line(JobState.RUNNING), 25.0) == 15.0
    assert line_seconds(line(JobState.DONE, finished=14.0), 99.0) == 4.0
    assert line_seconds(line(JobState.QUEUED), 99.0) is None
    assert line_seconds(line(JobState.DONE, started=None, finished=14.0), 99.0) is None
    # Trained again: the ending is that of the time before.
    assert line_seconds(line(JobState.FAILED, finished=4.0), 99.0) is None


def test_retry_says_what_failed_and_what_was_skipped():
    assert retry_words(1, 0) == "Retry 1 failed"
    assert retry_words(1, 3) == "Retry 1 failed and 3 skipped"
    assert retry_words(0, 3) == "Retry 3 skipped"
    assert retry_words(0, 0) == "Retry failed"


def test_steps_of_a_run_at_work():
    assert step_words(line(JobState.RUNNING)) == "preparing"
    assert step_words(line(JobState.RUNNING, step=1200, steps=2400)) == "step 1 200 of 2 400"
    assert step_words(line(JobState.RUNNING, step=2400, steps=2400)) == "measuring"
    assert step_words(line(JobState.DONE, step=3, steps=3)) == ""


def test_metrics_with_direction_and_unit():
    result = RunResult(
        state=RunState.DONE,
        metrics={"validation": {"far": {"error": 0.5}, "gone": {"x": 1.0}}, "test": {"far": {"error": 0.25}}},
        environment=Environment(device="cpu", machine="m", threads=1, versions={}),
    )
    rows = metric_rows(result, [Task("far", Kind.DEPTH, (Metric("error", False, "m"),), 1)])
    assert rows == [
        {"task": "far", "metric": "error (m) ↓", "validation": 0.5, "test": 0.25},
        {"task": "gone", "metric": "x", "validation": 1.0, "test": None},
    ]


def test_recombined_networks_show_the_losses_that_are_compared():
    losses = SampleLosses.of({"far": np.array([1.0, 2.0, np.nan]), "near": np.array([0.5, 0.5, 0.5])})
    result = RunResult(
        state=RunState.DONE, environment=Environment(device="cpu", machine="m", threads=1, versions={}), losses=losses
    )
    rows = metric_rows(result, ())
    assert [(row["task"], row["metric"], row["validation"], row["test"]) for row in rows] == [
        ("far", "loss ↓", 1.5, None),
        ("near", "loss ↓", 0.5, None),
    ]
