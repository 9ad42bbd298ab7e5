"""What ``branchwise run`` is going to train and how long that takes, before it begins."""

from collections.abc import Collection, Mapping
from typing import Any

from app.command.output import say
from app.jobs.estimate import ROUGH, basis_sentence
from app.ui.formatting import count, plural, runs_words
from core.errors import StudyError
from core.jobs.estimate import about, calibration_of, study_speed
from core.jobs.submission import WholeStudy
from core.jobs.submit import Plan, plan
from core.runs.result import RunResult
from core.studies.calibration import Calibration, store_calibration
from core.studies.database import Database
from core.studies.record import StudyRecord


def training_plan(
    database: Database,
    record: StudyRecord,
    *,
    workers: int,
    keep_weights: bool,
    retry: bool,
    quiet: bool,
    anew: Collection[str] = (),
    damaged: Collection[str] = (),
    results: Mapping[str, RunResult] | None = None,
) -> Plan:
    """Return what a study still takes; where nothing tells how fast this machine is, it is measured first.

    Args:
        database: Where runs may be done already.
        record: The study.
        workers: How many runs are trained at once.
        keep_weights: Whether runs that are done without weights are trained again for them.
        retry: Whether failed runs are trained again.
        quiet: Whether to say nothing while the speed is measured.
        anew: Keys of finished runs whose results are to be replaced.
        damaged: Keys of finished runs whose results are damaged; they are replaced, too.
        results: Run key → result of a bundled study that is not stored yet.
    """

    def planned() -> Plan:
        return plan(
            database,
            record,
            [WholeStudy()],
            results=results,
            keep_weights=keep_weights,
            again=True,
            retry=retry,
            anew=anew,
            damaged=damaged,
            workers=workers,
        )

    assert record.specification is not None
    request = calibration_of(record.specification, record)
    found = planned()
    if not found.n_new or study_speed(database, request).basis not in ROUGH:
        return found
    if not quiet:
        say("Measuring the speed of this machine with this backbone …", err=True)
    from core.training.calibrate import measure

    measured = Calibration(measure(request).seconds, record.backbone)
    try:
        store_calibration(database.path.parent, request, measured)
    except StudyError:
        return found  # read-only: the guess stays
    return planned()


def plan_lines(name: str, found: Plan, workers: int) -> str:
    """Return a plan as text."""
    if not found.n_new:
        return f'Study "{name}": nothing to train; {_kept(found) or "it requests no run"}.'
    lines = [
        f'Study "{name}": {plural(found.n_new, "run")} to train '
        f"({runs_words(found.n_new - found.n_measurements, found.n_measurements)}), "
        f"about {about(found.seconds)}. {basis_sentence(found.speed, workers)}"
    ]
    if found.n_again:
        lines.append(f"{count(found.n_again)} of them have results and are trained again only to save their weights.")
    if found.n_anew:
        lines.append(
            f"{count(found.n_anew)} of them have results of another environment, or of one that was not recorded; "
            "each is replaced when its new result is there."
        )
    if found.n_damaged:
        lines.append(f"{count(found.n_damaged)} of them have damaged results, which count as missing.")
    if kept := _kept(found):
        lines.append(f"{kept[0].upper()}{kept[1:]}.")
    return "\n".join(lines)


def _kept(found: Plan) -> str:
    left = len(found.runs) - found.n_new - found.n_done - found.n_waiting
    parts = [
        f"{count(n)} {what}"
        for n, what in (
            (found.n_done, "done already"),
            (found.n_waiting, "in the queue already"),
            (left, "failed or skipped earlier (train them with --retry-failed)"),
        )
        if n
    ]
    return ", ".join(parts)


def plan_document(name: str, found: Plan, workers: int) -> dict[str, Any]:
    """Return a plan as the values of its JSON."""
    return {
        "study": name,
        "runs": len(found.runs),
        "new": found.n_new,
        "trainings": found.n_new - found.n_measurements,
        "measurements": found.n_measurements,
        "again": found.n_again,
        "anew": found.n_anew,
        "damaged": found.n_damaged,
        "done": found.n_done,
        "waiting": found.n_waiting,
        "workers": workers,
        "seconds": round(found.seconds, 3),
        "estimated_from": str(found.speed.basis),
    }
