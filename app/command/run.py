"""``branchwise run``: train what a study file asks for."""

import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.command.output import duration, json_option, write_json
from app.command.place import database, home_option
from core.studies.specification import read_study

if TYPE_CHECKING:
    from core.training.study_runs import Progress

PLAIN_SECONDS = 15.0


class _Part(click.ParamType[tuple[int, int]]):
    name = "K/N"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Give K and N of ``K/N``."""
        if isinstance(value, tuple):
            return value
        k, slash, n = str(value).partition("/")
        if not (slash and k.isascii() and n.isascii() and k.isdigit() and n.isdigit() and 1 <= int(k) <= int(n)):
            self.fail(f"{str(value)[:40]!r} is no part. Write K/N with K from 1 to N, as in 1/2.", param, ctx)
        return int(k), int(n)


@click.command()
@click.argument("study", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--part", type=_Part(), default="1/1", help="Only the K-th of every N runs, to share the work.")
@click.option("--retry-failed", is_flag=True, help="Train failed runs once more.")
@home_option
@json_option
def run(study: Path, part: tuple[int, int], retry_failed: bool, home: Path | None, as_json: bool) -> None:
    """Train what STUDY.toml asks for and is not done yet.

    Stop it with Ctrl-C at any moment: finished runs are kept, and the same command goes on from there.
    After the last run, part 1 trains the single-task networks once more to see how alike the tasks are.
    """
    specification = read_study(study)
    stored = database(home)
    from core.training.study_runs import run_study

    with _terminating(), _line(as_json) as show:
        summary = run_study(
            specification,
            stored,
            part=part,
            retry_failed=retry_failed,
            command=shlex.join(["branchwise", "run", study.name]),
            progress=show,
        )
    for title, sentence in summary.faults.items():
        click.echo(f"Failed: {title}: {sentence}", err=True)
    if as_json:
        write_json(
            {
                "study": specification.name,
                "runs": summary.n_runs,
                "done": summary.n_done,
                "failed": summary.n_failed,
                "trained": summary.n_trained,
                "elsewhere": summary.n_elsewhere,
                "similarity": summary.similarity,
                "seconds": round(summary.seconds, 3),
                "database": str(stored.path),
            }
        )
        return
    click.echo(
        f'Study "{specification.name}": {summary.n_done} of {summary.n_runs} runs are done, '
        f"{summary.n_trained} of them trained now in {duration(summary.seconds)}."
    )
    if summary.similarity:
        click.echo("How alike the tasks are at every depth is measured, too.")
    if summary.n_elsewhere:
        click.echo(f"{summary.n_elsewhere} more are being trained by another process.")


class _Line:
    """One line that says how far a study is; rewritten on a terminal, now and then elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.live = quiet, sys.stderr.isatty()
        self.shown, self.width = 0.0, 0

    def __call__(self, progress: "Progress") -> None:
        now = time.monotonic()
        if self.quiet or now - self.shown < (0.1 if self.live else PLAIN_SECONDS):
            return
        self.shown = now
        text = _sentence(progress)
        if self.live:
            click.echo("\r" + text.ljust(self.width)[: max(self.width, len(text))], nl=False, err=True)
            self.width = len(text)
        else:
            click.echo(text, err=True)

    def close(self) -> None:
        if self.live and self.width:
            click.echo(err=True)


@contextmanager
def _line(quiet: bool) -> Iterator[_Line]:
    line = _Line(quiet)
    try:
        yield line
    finally:
        line.close()


def _sentence(progress: "Progress") -> str:
    ended = progress.n_done + progress.n_failed
    share = (ended + progress.fraction) / max(progress.n_runs, 1)
    bar = "█" * int(20 * share) + "░" * (20 - int(20 * share))
    left = "" if progress.seconds_left is None else f" · {duration(progress.seconds_left)} left"
    title = progress.title if len(progress.title) <= 60 else f"{progress.title[:59]}…"
    return f"{bar} {ended}/{progress.n_runs}{left} · {title}"


@contextmanager
def _terminating() -> Iterator[None]:
    """Let a polite request to end give back the run at hand, as Ctrl-C does."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
