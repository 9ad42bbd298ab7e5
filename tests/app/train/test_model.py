"""What the Train page says, without Streamlit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st

from app.jobs.eta import progress_sentence
from app.train.model import (
    can_cancel,
    can_retry,
    counts_sentence,
    detail_words,
    host_sentence,
    line_seconds,
    metric_rows,
    plan_sentences,
    retry_words,
    step_words,
    submitted_sentence,
    training_sentence,
)
from core.families.layouts.request import OracleRequest, TableRequest
from core.families.recombined.payloads import SampleLosses
from core.jobs.estimate import Speed, about
from core.jobs.jobs_reader import JobLine
from core.jobs.lease import HostLine
from core.jobs.queue_progress import QueueProgress
from core.jobs.states import ACTIVE, FINISHED, JobState
from core.jobs.submit import Plan
from core.runs.label import RunLabel
from core.runs.result import Environment, RunResult, RunState
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
        "key": "k", "study": "s", "label": RunLabel("layout", ("a",), 0), "sentence": state.sentence, "attempt": 1,
        "session": "", "asked": 1.0, "started": 10.0, "finished": None, "step": 0, "steps": 0, "work": 1.0,
        "has_weights": False,
    }  # fmt: skip
    return JobLine(**{**fields, "state": state, **more})


def test_the_price_is_told_in_words():
    def taken(n_done, n_waiting, n_new, seconds, speed, n_measurements=0):
        return plan_sentences(Plan(study(), (), n_done, n_waiting, n_new, 0, 0, n_measurements, seconds, speed), 2)

    assert taken(3, 1, 0, 0.0, Speed(0.1, 5)) == [
        "3 runs already done; finished runs are not trained again.",
        "1 run already in the queue.",
    ]
    assert taken(0, 0, 2, 9.0, Speed(0.1, 1)) == [
        "Estimated from 1 run of this backbone on this machine, 2 in parallel."
    ]
    # Every new run is one or the other, so that the number on the screen is the number in the queue.
    assert taken(0, 0, 19, 9.0, Speed(0.1, 4), 1)[0] == "18 trainings and 1 measurement."


def test_training_settings_in_words():
    said = training_sentence(study(training=TrainingSettings(epochs=1, patience=3, average=0)))
    assert said == (
        "1 epoch of 4 000 images in batches of 32; AdamW with a one-cycle schedule up to a learning rate of 0.01; "
        "stopped after 3 epochs without improvement."
    )


def test_a_rate_that_follows_the_loss_in_words():
    said = training_sentence(study(training=TrainingSettings(schedule="plateau", optimizer="nesterov")))
    assert "SGD (Nesterov) with a learning rate that is divided by ten when the training loss stalls, from 0.01" in said


def test_counts_leave_out_what_is_not_there():
    counts = dict.fromkeys(JobState, 0) | {JobState.DONE: 3, JobState.RUNNING: 1, JobState.PLANNED: 9}
    assert counts_sentence(counts, counts) == "1 running · 3 done"
    assert counts_sentence(*[dict.fromkeys(JobState, 0)] * 2) == ""


def test_measurements_are_named_among_the_runs():
    counts = dict.fromkeys(JobState, 0) | {JobState.DONE: 20}
    trainings = counts | {JobState.DONE: 19}
    assert counts_sentence(counts, trainings) == "20 done (19 trainings and 1 measurement)"
    planned = Plan(study(), (), 0, 0, 20, 0, 0, 1, 9.0, Speed(0.1, 1))
    assert submitted_sentence(20, planned) == "20 runs submitted: 19 trainings and 1 measurement."
    assert submitted_sentence(4, planned) == "4 runs submitted."
    assert submitted_sentence(0, planned).startswith("Nothing to submit")


def test_queue_progress_says_what_is_left_where_that_is_known():
    assert progress_sentence(QueueProgress(7, 2, 0.5, 600.0)) == "2 of 7 finished · 10 min left"
    # As roughly as the estimate beside the button.
    assert progress_sentence(QueueProgress(7, 2, 0.5, 147.0)).endswith(f"{about(147.0)} left")
    assert progress_sentence(QueueProgress(7, 2, 0.5, 0.0)).endswith("1 s left")
    assert "left" not in progress_sentence(QueueProgress(7, 2, 0.5, None))


@pytest.mark.parametrize(
    ("alive", "report", "n", "words", "stuck"),
    [
        (None, {}, 0, "Idle", False),
        (None, {}, 2, "2 runs are left, but no jobs host is running", True),
        (False, {}, 1, "1 run is left, but the jobs host has stopped", True),
        (True, {}, 1, "Starting", False),
        (True, {"workers": [1, 2], "at_work": 0}, 1, "Starting", False),
        # No number of runs: it is counted in one place, above the table.
        (True, {"workers": [1, 2], "at_work": 4}, 5, "Training on 2 workers.", False),
        (True, {"workers": [1], "at_work": 1}, 5, "Training on 1 worker.", False),
        (True, {"workers": [1, 2], "at_work": 0}, 0, "Idle", False),
    ],
)
def test_the_host_in_a_sentence(alive, report, n, words, stuck):
    host = None if alive is None else HostLine("m/1/x", 0.0, 0.0, report, alive)
    said, needs_somebody = host_sentence(host, n)
    assert words in said
    assert needs_somebody is stuck


@pytest.mark.parametrize("gone", [None, HostLine("m/1/x", 0.0, 0.0, {}, False)])
def test_nobody_has_to_start_a_host_that_is_starting(gone):
    assert host_sentence(gone, 3, starting=True) == ("Starting the jobs host …", False)


def test_the_table_says_in_a_few_words_what_a_state_means_and_a_reason_in_full():
    for state in JobState:
        assert len(detail_words(line(state))) < 40 or state in (JobState.PLANNED, JobState.FAILED)
    assert (
        detail_words(replace(line(JobState.FAILED), sentence="The loss is not a number."))
        == "The loss is not a number."
    )
    assert detail_words(replace(line(JobState.RUNNING), step=3, steps=12)) == "step 3 of 12"


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


def test_retry_says_what_failed_was_damaged_and_what_was_skipped():
    assert retry_words({JobState.FAILED: 1, JobState.DONE: 4}) == "Retry 1 failed"
    assert retry_words({JobState.SKIPPED: 2}) == "Retry 2 skipped"
    assert retry_words({JobState.FAILED: 1200, JobState.DAMAGED: 1, JobState.SKIPPED: 3}).endswith(
        " failed, 1 damaged and 3 skipped"
    )
    assert retry_words({JobState.CANCELLED: 1}) == "Retry failed"


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
        state=RunState.DONE,
        environment=Environment(device="cpu", machine="m", threads=1, versions={}),
        payload={"losses": losses.model_dump()},
    )
    rows = metric_rows(result, ())
    assert [(row["task"], row["metric"], row["validation"], row["test"]) for row in rows] == [
        ("far", "loss ↓", 1.5, None),
        ("near", "loss ↓", 0.5, None),
    ]


@pytest.mark.parametrize("losses", [5, {}, {"targets": ["a"], "data": "!!"}, {"targets": [], "data": ""}])
def test_damaged_losses_of_recombined_networks_are_not_shown(losses):
    environment = Environment(device="cpu", machine="m", threads=1, versions={})
    result = RunResult(state=RunState.DONE, environment=environment, payload={"losses": losses})
    assert metric_rows(result, ()) == []


def test_losses_without_any_label_have_no_mean():
    losses = SampleLosses.of({"far": np.array([np.nan, np.nan])})
    environment = Environment(device="cpu", machine="m", threads=1, versions={})
    result = RunResult(state=RunState.DONE, environment=environment, payload={"losses": losses.model_dump()})
    assert metric_rows(result, ())[0]["validation"] is None


def test_settings_that_few_studies_have_are_said_where_they_are_set():
    plain = training_sentence(study())
    settings = TrainingSettings(clip=1, precision="bfloat16", augment=["flip"], loss_weights={"a": 2.0})
    said = training_sentence(study(training=settings))
    for words in ("clipped at 1", "bfloat16", "changed by flip", "weighted by task"):
        assert words in said
        assert words not in plain
