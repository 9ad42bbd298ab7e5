"""``branchwise run``: train what a study file requests."""

import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.command.engine import engine_options, settings_of
from app.command.output import duration, json_option, say, write_json
from app.command.place import database, home_option
from app.command.reading import ReadingLine
from app.command.stopping import stopping
from app.command.training_plan import plan_document, plan_lines, training_plan
from app.command.until import goal_of, outcome_document, outcome_lines, until_options, with_chosen
from app.families.labels import run_words
from app.jobs.auto_words import progress_words
from core.errors import JobError, StudyError
from core.jobs.auto_line import AutoState
from core.jobs.engine import EngineSettings
from core.jobs.headless import Progress, run_study
from core.jobs.retraining import runs_computed_elsewhere
from core.jobs.submission import with_parents
from core.jobs.until import run_until
from core.own_code.permission import permitted
from core.plain_text import printable
from core.runs.result import RunResult
from core.studies.advice import Goal
from core.studies.bundled import bundled_studies, open_bundled
from core.studies.code_permission import changed_code, roots_of
from core.studies.damaged_results import damaged_results
from core.studies.database import Database
from core.studies.expand import expand
from core.studies.record import StudyRecord
from core.studies.specification import StudySpecification, read_study
from core.studies.study_rows import other_networks

PLAIN_SECONDS = 15.0
FAILED = 1


@click.command()
@click.argument("study", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--retry-failed", is_flag=True, help="Train failed runs again.")
@click.option("--replace", is_flag=True, help="Replace a stored study of the same name that trains other networks.")
@click.option("--keep-weights", is_flag=True, help="Save trained weights as safetensors, also of runs that are done.")
@click.option("--again", is_flag=True, help="Train anew what another environment computed, and replace its results.")
@until_options
@click.option("--dry-run", is_flag=True, help="Say what would be trained and how long it takes, and store nothing.")
@engine_options
@home_option
@json_option
def run(
    study: Path,
    dry_run: bool,
    retry_failed: bool,
    keep_weights: bool,
    replace: bool,
    again: bool,
    until: tuple[str, ...],
    minutes: float | None,
    budget: str | None,
    weights: str | None,
    unit: str | None,
    home: Path | None,
    as_json: bool,
    **engine: Any,  # noqa: ANN401
) -> None:
    """Train the runs of STUDY.toml that are not done yet.

    Stop it with Ctrl-C at any time: finished runs are kept, and the same command continues from there.
    Runs are trained in parallel, one per worker. If another host serves the same folder, this command
    only shows its progress.

    With --until 0.2 only the pairs and layouts are trained that tell most about the recommendation, one batch after
    the other, until it is expected to lack no more than .2 percentage points of gain; with --until 30min for at most
    so long. What it chose stays in the study when STUDY.toml is run without --until.

    Results of other environments (CPU instructions, version of torch, kind of device) differ as much as those of
    other seeds. --again trains these runs anew; each result is replaced when the new one is finished.
    """
    goal = goal_of(
        until,
        minutes,
        budget,
        weights,
        unit,
        others={"--dry-run": dry_run, "--again": again, "--retry-failed": retry_failed, "--keep-weights": keep_weights},
    )
    specification = read_study(study)
    stored, settings = database(home), settings_of(**engine)
    if again and settings.scheduler:
        raise JobError(
            "--again compares results with what this machine computes, and a scheduler's workers may compute "
            "otherwise. Leave out --again or --scheduler."
        )
    from core.training.prepare_study import prepare_study

    _check_not_bundled(specification)
    warnings: list[str] = []
    # Who runs a study file on the command line owns it, and the code that it names.
    roots = (study.parent.resolve(), Path.cwd())
    with permitted(roots):
        record, _ = prepare_study(
            specification,
            command=shlex.join(["branchwise", "run", study.name]),
            base=study.parent,
            progress=ReadingLine(quiet=as_json),
            warn=warnings.append,
        )
    assert record.specification is not None
    if stored.has_study(record.name):
        warnings += changed_code(stored.record(record.name).specification, record.specification)
    for sentence in warnings:
        say(f"Warning: {sentence}", err=True)
    if not replace:
        stored.check_same_networks(record)
    if goal is not None:
        # With what was chosen before; the file names only what it began with.
        begun = stored.record(record.name) if stored.has_study(record.name) and not replace else record
        stored.put(begun, replace=replace, code=roots_of(record.specification, roots))
        _until(begun, stored, settings, goal, as_json=as_json)
        return
    workers = settings.workers
    bundled = _bundled_results(stored, record.name) if again else {}
    runs = with_parents(expand(record.specification))
    with permitted(roots):
        planned = training_plan(
            stored,
            record,
            workers=workers,
            keep_weights=keep_weights,
            retry=retry_failed,
            quiet=as_json,
            anew=runs_computed_elsewhere(stored, record.name, runs, bundled) if again else (),
            damaged=damaged_results(stored, record),
            results=bundled,
        )
    if dry_run:
        if as_json:
            write_json(plan_document(specification.name, planned, workers))
        else:
            say(plan_lines(specification.name, planned, workers))
        return
    if not as_json:
        say(plan_lines(specification.name, planned, workers), err=True)
    kept = record if replace else with_chosen(stored, record)
    if kept is not record:
        say(
            "The stored study has pairs or layouts beyond the study file; they stay, since Auto may have chosen them. "
            "Add --replace for the study file alone.",
            err=True,
        )
    stored.put(kept, bundled, replace=replace, code=roots_of(record.specification, roots))
    with stopping() as should_stop, _line(as_json) as show:
        summary = run_study(
            specification.name,
            stored,
            settings,
            retry_failed=retry_failed,
            keep_weights=keep_weights,
            again=again,
            progress=show,
            should_stop=should_stop,
            requested=record.specification,
        )
        stopped = should_stop()
    quality = stored.study(specification.name).warnings
    for run_name, sentence in summary.faults.items():
        say(f"Failed: {run_name}: {sentence}", err=True)
    for run_name, sentence in summary.kept.items():
        say(f"Not replaced: {run_name}: {sentence}", err=True)
    if as_json:
        write_json(
            {
                "study": specification.name,
                "runs": summary.n_runs,
                "done": summary.n_done,
                "failed": summary.n_failed,
                "trained": summary.n_trained,
                "not_replaced": len(summary.kept),
                "similarity": summary.similarity,
                "warnings": warnings,
                "quality": list(quality),
                "seconds": round(summary.seconds, 3),
                "database": str(stored.path),
            }
        )
    else:
        say(
            f'Study "{specification.name}": {summary.n_done} of {summary.n_runs} trainings done, '
            f"{summary.n_trained} trained now in {duration(summary.seconds)}."
        )
        for sentence in quality:
            say(f"Warning: {sentence}", err=True)
        if summary.similarity:
            say("The similarity of the tasks at every depth is measured, too.")
        if summary.n_done:
            say(f"What it recommends: branchwise show {shlex.quote(specification.name)}")
    if stopped:
        raise KeyboardInterrupt
    if summary.n_failed:
        say(
            f"{summary.n_failed} of {summary.n_runs} runs did not succeed. "
            "Mend what the sentences above say, then add --retry-failed.",
            err=True,
        )
    if summary.n_failed or summary.kept:
        sys.exit(FAILED)


def _until(record: StudyRecord, stored: Database, settings: EngineSettings, goal: Goal, *, as_json: bool) -> None:
    """Train what tells most of a stored study, and say how it ended."""
    with stopping() as should_stop, _line(as_json) as line:
        found = run_until(
            record.name,
            stored,
            settings,
            goal,
            progress=lambda each: line.show(progress_words(each, record.task_names)),
            should_stop=should_stop,
        )
        stopped = should_stop()
    if as_json:
        write_json(outcome_document(found))
    else:
        say(outcome_lines(found, record.task_names))
    if stopped:
        raise KeyboardInterrupt
    if found.state is AutoState.FAILED:
        sys.exit(FAILED)


def _check_not_bundled(specification: StudySpecification) -> None:
    """Check that a study of the name of a bundled one is that study, which pages would no longer show otherwise.

    Raises:
        StudyError: It is another one.
    """
    if specification.name not in bundled_studies():
        return
    bundled = open_bundled(specification.name).record.specification
    if bundled is None or other_networks(bundled, specification):
        raise StudyError(
            f'"{specification.name}" is the name of a bundled study, which trains other networks. '
            "Give the study file another name."
        )


def _bundled_results(stored: Database, name: str) -> Mapping[str, RunResult]:
    """Return the results of a bundled study that has no copy here yet, so that each is shown until it is replaced."""
    return open_bundled(name).results if name in bundled_studies() and not stored.has_study(name) else {}


class _Line:
    """One progress line; rewritten on a terminal, printed every 15 seconds elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.live = quiet, sys.stderr.isatty()
        self.shown, self.width = 0.0, 0

    def __call__(self, progress: Progress) -> None:
        self.show(_sentence(progress))

    def show(self, text: str) -> None:
        now = time.monotonic()
        if self.quiet or now - self.shown < (0.1 if self.live else PLAIN_SECONDS):
            return
        self.shown = now
        if self.live:
            click.echo("\r" + printable(text).ljust(self.width)[: max(self.width, len(text))], nl=False, err=True)
            self.width = len(text)
        else:
            say(text, err=True)

    def close(self) -> None:
        if self.live and self.width:
            say(err=True)


@contextmanager
def _line(quiet: bool) -> Iterator[_Line]:
    line = _Line(quiet)
    try:
        yield line
    finally:
        line.close()


def _sentence(progress: Progress) -> str:
    finished = progress.n_done + progress.n_failed
    share = min(max(progress.fraction, 0.0), 1.0)
    bar = "█" * int(20 * share) + "░" * (20 - int(20 * share))
    left = "" if progress.seconds_left is None else f" · {duration(progress.seconds_left)} left"
    title = run_words(progress.labels[0]) if progress.labels else "starting the workers"
    more = f" and {len(progress.labels) - 1} more" if len(progress.labels) > 1 else ""
    who = "another host: " if progress.elsewhere else ""
    title = title if len(title) <= 60 else f"{title[:59]}…"
    return f"{bar} {finished}/{progress.n_runs}{left} · {who}{title}{more}"
