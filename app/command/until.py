"""``branchwise run --until``: train what tells most, until the recommendation is sure enough."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click

from app.jobs.auto_words import recommended_words
from app.ui.formatting import plural
from core.costs import Unit
from core.errors import JobError, StudyError
from core.families.layouts.runs import with_requests_of
from core.jobs.auto import Auto
from core.jobs.auto_line import AutoLine
from core.jobs.estimate import about
from core.jobs.submission import with_parents
from core.layouts import Layout
from core.plain_text import printable
from core.selection.budget import USUAL_PERCENT, Budget
from core.studies.advice import MOST_MINUTES, SMALLEST_GAIN, Goal
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.record import StudyRecord

Command = TypeVar("Command", bound=Callable[..., Any])
WEIGHTS = ("svde", "uniform", "paper")
_NUMBER = r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})"
_POINTS = re.compile(rf"\s*(?:±|\+/?-)?\s*{_NUMBER}\s*", re.ASCII)
_MINUTES = re.compile(rf"\s*{_NUMBER}\s*(m|min|minutes?|h|hours?)\s*", re.ASCII)


def until_options(command: Command) -> Command:
    """Add the options of Auto to a command; they come as keyword arguments of ``goal_of``."""
    options = (
        click.option(
            "--until",
            multiple=True,
            metavar="±POINTS|MINUTES",
            help="Train what tells most, until the best layout is expected to gain no more than POINTS beyond the "
            "recommended one (0.2 or ±0.2), or for at most so long (30min); give it twice for both.",
        ),
        click.option("--minutes", type=float, help="With --until: train at most so long, with the start of workers."),
        click.option(
            "--budget",
            metavar="60%",
            help=f"With --until: what the layout may cost, in percent of single-task networks; "
            f"{USUAL_PERCENT}% by default.",
        ),
        click.option(
            "--weights", type=click.Choice(WEIGHTS), help="With --until: how tasks are weighted; svde by default."
        ),
        click.option(
            "--unit",
            type=click.Choice([unit.value for unit in Unit]),
            help="With --until: unit of cost; macs by default.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def goal_of(
    until: Sequence[str],
    minutes: float | None,
    budget: str | None,
    weights: str | None,
    unit: str | None,
    *,
    others: dict[str, bool],
) -> Goal | None:
    """Return until when to train; None for all runs of the study file.

    Args:
        until: As written: percentage points that the recommendation may be expected to lack, and most minutes.
        minutes: Most minutes of training, as another option has them.
        budget: What the layout may cost, as written.
        weights: Name of the rule.
        unit: Of cost.
        others: Option → whether it was given, of those that are about all runs of a study.

    Raises:
        JobError: They don't fit together, or are out of range.
    """
    if not until:
        own = {"--minutes": minutes, "--budget": budget, "--weights": weights, "--unit": unit}
        if given := [option for option, value in own.items() if value is not None]:
            raise JobError(f"{given[0]} is about --until. Add --until POINTS, for example --until 0.2.")
        return None
    if strange := [option for option, given in others.items() if given]:
        raise JobError(
            f"{strange[0]} is about all runs of the study file, and --until chooses some of them one after the other. "
            f"Leave out {strange[0]} or --until."
        )
    points, limits = _parsed(until)
    if minutes is not None:
        limits.append(minutes)
    if len(points) > 1 or len(limits) > 1:
        what = "points" if len(points) > 1 else "minutes"
        raise JobError(f"Two numbers of {what} are given. Write --until with one number of points and one of minutes.")
    if points and not 0 < points[0] <= 100:
        raise JobError(f"--until is {points[0]:g}. Write percentage points of gain, above 0 and up to 100.")
    if limits and not 0 < limits[0] <= MOST_MINUTES:
        raise JobError(f"--minutes is {limits[0]:g}. Write a number above 0 and up to {MOST_MINUTES}.")
    return Goal(
        # With minutes alone it goes on as long as any training is expected to help.
        tolerance=points[0] if points else SMALLEST_GAIN,
        minutes=limits[0] if limits else None,
        budget=_share(budget),
        weights=weights or "svde",
        unit=Unit(unit) if unit else Unit.MACS,
    )


def with_chosen(database: Database, record: StudyRecord) -> StudyRecord:
    """Return a study with what was trained of it beyond its study file, where Auto was ever used on it.

    Of several times that Auto was started only the last is stored, so all that the stored study requests is kept: the
    trainings that an earlier one chose are among it.

    Args:
        database: Where Auto may have trained a study of the name.
        record: As the study file has it.
    """
    line, found = Auto(database).line(record.name), record.specification
    before = database.record(record.name).specification if line is not None else None
    if before is None or found is None or before.has_several or found.has_several:
        return record
    try:
        kept = with_requests_of(found, before)
    except StudyError:
        # The file has made a seed of Auto's table one of its layouts, or the other way round: the file decides.
        return record
    own = {run.key for run in with_parents(expand(found))}
    return record if {run.key for run in with_parents(expand(kept))} <= own else replace(record, specification=kept)


def _parsed(until: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the points and the minutes that are written."""
    points: list[float] = []
    limits: list[float] = []
    for written in until:
        if found := _POINTS.fullmatch(written):
            points.append(float(found[1]))
        elif found := _MINUTES.fullmatch(written):
            limits.append(float(found[1]) * (60 if found[2].startswith("h") else 1))
        else:
            raise JobError(
                f"--until is {printable(written[:40])!r}. Write percentage points above 0, as in 0.2 or ±0.2, or "
                "minutes, as in 30min."
            )
    return points, limits


def _share(budget: str | None) -> float:
    """Return a budget as a fraction of single-task networks."""
    found = Budget(USUAL_PERCENT, "independent") if budget is None else Budget.parse(budget)
    if found.kind != "independent" or not 1 <= found.amount <= 100:
        raise JobError(
            f"--budget is {printable(str(budget)[:40])!r}. With --until write a percentage of "
            "single-task networks from 1% to 100%."
        )
    return found.amount / 100


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
        "budget": found.goal.budget,
        "weights": found.goal.weights,
        "unit": found.goal.unit.value,
        "state": str(found.state),
        "sentence": found.sentence,
        "trained": found.n_trained,
        "seconds": round(found.seconds, 3),
        "layout": None if standing is None else Layout.parse(standing.layout).partitions,
        "gain": None if standing is None else standing.gain,
        "loss": None if standing is None else standing.loss,
        "probability": None if standing is None else standing.probability,
    }
