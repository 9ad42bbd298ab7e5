"""What the Train page shows, as values without Streamlit."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from app.jobs.estimate import basis_sentence
from app.ui.formatting import count, listed, plural, runs_words
from core.errors import StudyError
from core.families.recombined.payloads import LossesPayload
from core.families.treednn.request import TreeRequest
from core.jobs.jobs_reader import JobLine
from core.jobs.lease import HostLine
from core.jobs.states import ACTIVE, JobState
from core.jobs.submit import Plan
from core.runs.result import RunResult, Split
from core.studies.specification import StudySpecification, TrainingSettings
from core.studies.task_quality import class_scores
from core.tasks import Task

_FINISHING = 0.999
SPLITS: tuple[Split, ...] = ("validation", "test")


def plan_sentences(plan: Plan, workers: int, *, measuring: bool = False) -> list[str]:
    """Return in words what a request takes beside the number of its new runs.

    Args:
        plan: The request.
        workers: How many runs are trained at once.
        measuring: Whether the speed of this machine is being measured.
    """
    notes = []
    if plan.n_done:
        notes.append(f"{_runs(plan.n_done)} already done; finished runs are not trained again.")
    if plan.n_waiting:
        notes.append(f"{_runs(plan.n_waiting)} already in the queue.")
    if not plan.n_new:
        return notes
    if plan.n_measurements:
        notes.insert(0, f"{runs_words(plan.n_new - plan.n_measurements, plan.n_measurements)}.")
    return [*notes, basis_sentence(plan.speed, workers, measuring=measuring)]


def _runs(n: int) -> str:
    return f"{count(n)} run{'' if n == 1 else 's'}"


def training_sentence(specification: StudySpecification) -> str:
    """Return in words how every network of a study is trained."""
    settings = specification.training
    pictures = getattr(specification.dataset, "n_train", None)
    optimiser = {"adamw": "AdamW", "sgd": "SGD", "nesterov": "SGD (Nesterov)"}[settings.optimizer]
    schedule = {
        "one-cycle": "a one-cycle schedule up to a learning rate of",
        "step": "a step schedule up to a learning rate of",
        "cosine": "a cosine schedule up to a learning rate of",
        "plateau": "a learning rate that is divided by ten when the training loss stalls, from",
    }[settings.schedule]
    parts = [
        _epochs(settings.epochs)
        + (f" of {count(pictures)} images" if pictures else "")
        + f" in batches of {settings.batch_size}",
        f"{optimiser} with {schedule} {settings.learning_rate:g}",
    ]
    if settings.average:
        parts.append(f"weights averaged with decay {settings.average:g}")
    if settings.patience:
        parts.append(f"stopped after {plural(settings.patience, 'epoch')} without improvement")
    parts += _further(settings)
    if (weights := specification.backbone.weights) is not None:
        frozen = f", the first {plural(weights.freeze, 'block')} frozen" if weights.freeze > 1 else ""
        frozen = ", the first block frozen" if weights.freeze == 1 else frozen
        slower = f", blocks at {weights.rate:g} of the learning rate" if weights.rate != 1 else ""
        parts.append(f"from pretrained weights{frozen}{slower}")
    if specification.requested(TreeRequest) is not None:
        parts[0] += " in the first phase"
    return f"{'; '.join(parts)}."


def _further(settings: TrainingSettings) -> list[str]:
    """Return in words what few studies ask for."""
    said = {
        f"warm-up over {settings.warm_up:.0%} of the steps": settings.warm_up,
        f"gradients clipped at {settings.clip:g}": settings.clip,
        f"steps in {settings.precision}": settings.precision != "float32",
        "images changed by " + ", ".join(change.name for change in settings.augment): settings.augment,
        "classes weighted": settings.class_weights != "equal",
        f"labels smoothed by {settings.label_smoothing:g}": settings.label_smoothing,
        "losses weighted by task": settings.loss_weights,
    }
    return [words for words, is_so in said.items() if is_so]


def _epochs(n: int) -> str:
    return f"{n} epoch{'' if n == 1 else 's'}"


def counts_sentence(counts: Mapping[JobState, int], trainings: Mapping[JobState, int]) -> str:
    """Return how many runs are in each state, active ones first; empty if there are none.

    Args:
        counts: State → number of runs.
        trainings: State → number of those that train a network; the others measure, and are named beside them.
    """
    return " · ".join(_counted(counts[state], trainings[state], state) for state in SHOWN_STATES if counts[state])


def _counted(n: int, n_trainings: int, state: JobState) -> str:
    found = f"{count(n)} {state.value}"
    return found if n_trainings == n else f"{found} ({runs_words(n_trainings, n - n_trainings)})"


def submitted_sentence(n_new: int, planned: Plan) -> str:
    """Return what was put into the queue.

    Args:
        n_new: Runs that are in the queue now and were not before.
        planned: What was requested.
    """
    if not n_new:
        return "Nothing to submit: all of these runs are done or in the queue."
    # Another submission may have come between; then their number is all that is known.
    named = planned.n_measurements and planned.n_new == n_new
    words = f": {runs_words(n_new - planned.n_measurements, planned.n_measurements)}" if named else ""
    return f"{_runs(n_new)} submitted{words}."


SHOWN_STATES = (
    JobState.RUNNING,
    JobState.CANCELLING,
    JobState.QUEUED,
    JobState.WAITING,
    JobState.INTERRUPTED,
    JobState.DONE,
    JobState.DAMAGED,
    JobState.FAILED,
    JobState.SKIPPED,
    JobState.CANCELLED,
)


def host_sentence(host: HostLine | None, n_active: int, *, starting: bool = False) -> tuple[str, bool]:
    """Return what the host is doing as a sentence, and whether somebody has to start one.

    Args:
        host: The host that holds the lease, or None.
        n_active: Runs that are queued, waiting or running.
        starting: Whether a host was started that does not hold the lease yet.
    """
    if host is None or not host.alive:
        if not n_active:
            return "Idle. Training starts automatically when you submit runs.", False
        if starting:
            return "Starting the jobs host …", False
        what = f"{_runs(n_active)} {'is' if n_active == 1 else 'are'} left"
        gone = "the jobs host has stopped" if host is not None else "no jobs host is running"
        return f"{what}, but {gone}. Finished runs are kept; Resume continues from the last checkpoint.", True
    n_workers = len(host.report.get("workers", []))
    if not n_active:
        return "Idle; the jobs host stops after two minutes without work.", False
    if not n_workers or not host.report.get("at_work"):
        return "Starting: workers take a few seconds to load PyTorch.", False
    # How many runs stands above the table; the host's report is older, and would contradict it.
    return f"Training on {plural(n_workers, 'worker')}.", False


def line_seconds(line: JobLine, now: float) -> float | None:
    """Return the duration of a run so far in seconds; None if it has not started."""
    if line.started is None or line.state in (JobState.QUEUED, JobState.WAITING):
        return None
    if line.state in (JobState.RUNNING, JobState.CANCELLING):
        return max(now - line.started, 0.0)
    if line.finished is not None and line.finished >= line.started:
        return line.finished - line.started
    return None


def can_cancel(line: JobLine) -> bool:
    """Return whether there is something to stop."""
    return line.state in ACTIVE and line.state is not JobState.CANCELLING


def can_retry(line: JobLine) -> bool:
    """Return whether a run finished without a result."""
    return line.state in (*LOST, JobState.CANCELLED)


# Runs without a result that nobody stopped.
LOST = (JobState.FAILED, JobState.DAMAGED, JobState.SKIPPED)


def retry_words(counts: Mapping[JobState, int]) -> str:
    """Return the label of the button that submits failed, damaged and skipped runs again.

    >>> retry_words({JobState.FAILED: 1, JobState.SKIPPED: 3}), retry_words({JobState.DAMAGED: 2}), retry_words({})
    ('Retry 1 failed and 3 skipped', 'Retry 2 damaged', 'Retry failed')
    """
    parts = [f"{count(n)} {state}" for state in LOST if (n := counts.get(state, 0))]
    return f"Retry {listed(parts)}" if parts else "Retry failed"


def step_words(line: JobLine) -> str:
    """Return the progress of a running run in words."""
    if line.state not in (JobState.RUNNING, JobState.CANCELLING):
        return ""
    if not line.steps:
        return "preparing"
    return "measuring" if line.fraction > _FINISHING else f"step {count(line.step)} of {count(line.steps)}"


# A state's own sentence takes two lines of the table; it stands with the run when that is selected.
_SHORT = {
    JobState.QUEUED: "Starts when a worker is free",
    JobState.WAITING: "Starts after other runs",
    JobState.CANCELLING: "Stops within a few steps",
    JobState.INTERRUPTED: "Continues when a host runs",
    JobState.SKIPPED: "A run it needs has no result",
    JobState.DAMAGED: "Its stored result is damaged",
    JobState.DONE: "Measured",
    JobState.CANCELLED: "Stopped on request",
}


def detail_words(line: JobLine) -> str:
    """Return what the table says of a run beside its state: its progress, or the reason of its state."""
    if line.sentence == line.state.sentence and line.state in _SHORT:
        return step_words(line) or _SHORT[line.state]
    return step_words(line) or line.sentence


def metric_rows(result: RunResult, tasks: Sequence[Task]) -> list[dict[str, str | float | None]]:
    """Return one row per task and metric with its values on validation and test.

    Recombined networks have no metrics; the mean of the losses compared in their tournaments is shown instead.

    Args:
        result: Of one run.
        tasks: Of its study; names that are not among them are shown without a direction.
    """
    units = {(task.name, m.name): (m.unit, "↑" if m.higher_is_better else "↓") for task in tasks for m in task.metrics}
    validation, test = result.metrics.get("validation", {}), result.metrics.get("test", {})
    rows: list[dict[str, str | float | None]] = []
    for task, values in validation.items():
        for metric, value in values.items():
            unit, arrow = units.get((task, metric), ("", ""))
            rows.append(
                {
                    "task": task,
                    "metric": " ".join(filter(None, (metric, f"({unit})" if unit else "", arrow))),
                    "validation": value,
                    "test": test.get(task, {}).get(metric),
                }
            )
        rows += _quality_rows(result, task)
    for task, losses in _sample_losses(result).items():
        # No sample has a label of the task: there is no mean.
        mean = None if np.isnan(losses).all() else float(np.nanmean(losses))
        rows.append({"task": task, "metric": "loss ↓", "validation": mean, "test": None})
    return rows


def _quality_rows(result: RunResult, task: str) -> list[dict[str, str | float | None]]:
    """Return rows that say whether a metric is any good: those of a constant answer, and of all classes alike."""
    rows: dict[str, dict[str, float]] = {}
    for split in SPLITS:
        for metric, value in result.constant.get(split, {}).get(task, {}).items():
            rows.setdefault(f"{metric} of the best constant answer", {})[split] = value
        if scores := class_scores(result, split, task):
            rows.setdefault("balanced accuracy ↑", {})[split] = scores.balanced_accuracy
            rows.setdefault("macro-F1 ↑", {})[split] = scores.macro_f1
            rows.setdefault("classes never answered ↓", {})[split] = len(scores.never_answered)
    return [
        {"task": task, "metric": name, "validation": values.get("validation"), "test": values.get("test")}
        for name, values in rows.items()
    ]


def _sample_losses(result: RunResult) -> Mapping[str, NDArray[np.float32]]:
    """Return target → losses of recombined networks; nothing of other runs, and of damaged ones."""
    if result.payload is None or "losses" not in result.payload:
        return {}
    try:
        return LossesPayload.model_validate(result.payload).losses.arrays()
    except (ValidationError, StudyError):
        return {}
