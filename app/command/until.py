"""``branchwise run --until``: train what tells most, until the recommendation is sure enough."""

from typing import Any

from app.jobs.auto_words import recommended_words
from app.ui.formatting import plural
from core.errors import JobError
from core.jobs.auto_line import AutoLine
from core.jobs.estimate import about
from core.layouts import Layout
from core.studies.advice import MOST_MINUTES, Goal


def goal_of(until: float | None, minutes: float | None, *, others: dict[str, bool]) -> Goal | None:
    """Return until when to train; None for all runs of the study file.

    Args:
        until: Percentage points that the recommendation may be expected to lack.
        minutes: Most minutes of training.
        others: Option → whether it was given, of those that are about all runs of a study.

    Raises:
        JobError: They don't fit together, or are out of range.
    """
    if until is None:
        if minutes is not None:
            raise JobError("--minutes says how long --until may take. Add --until POINTS, for example --until 0.2.")
        return None
    if strange := [option for option, given in others.items() if given]:
        raise JobError(
            f"{strange[0]} is about all runs of the study file, and --until chooses some of them one after the other. "
            f"Leave out {strange[0]} or --until."
        )
    if not 0 < until <= 100:
        raise JobError(f"--until is {until:g}. Write percentage points of gain, above 0 and up to 100.")
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise JobError(f"--minutes is {minutes:g}. Write a number above 0 and up to {MOST_MINUTES}.")
    return Goal(tolerance=until, minutes=minutes)


def outcome_lines(found: AutoLine, tasks: tuple[str, ...]) -> str:
    """Return how Auto ended, as text."""
    first = (
        f'Study "{found.study}": {plural(found.n_trained, "training")} chosen and made in {about(found.seconds)}. '
        f"{found.sentence or 'Stopped before it was sure; the same command goes on.'}"
    )
    return "\n".join(filter(None, (first, recommended_words(found, tasks))))


def outcome_document(found: AutoLine) -> dict[str, Any]:
    """Return how Auto ended, as the values of its JSON."""
    standing = found.standing
    return {
        "study": found.study,
        "until": found.goal.tolerance,
        "minutes": found.goal.minutes,
        "state": str(found.state),
        "sentence": found.sentence,
        "trained": found.n_trained,
        "seconds": round(found.seconds, 3),
        "layout": None if standing is None else Layout.parse(standing.layout).partitions,
        "gain": None if standing is None else standing.gain,
        "loss": None if standing is None else standing.loss,
        "probability": None if standing is None else standing.probability,
    }
