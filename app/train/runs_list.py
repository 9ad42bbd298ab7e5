"""The list of runs as rows of the table."""

import time
from collections.abc import Sequence

import streamlit as st

from app.components.runs_table import Column, RunRow, runs_table
from app.families.labels import run_words, words_and_seed
from app.train.chosen_runs import TABLE, chosen_runs, keep_choice
from app.train.damaged import jobs_reader
from app.train.model import detail_words, line_seconds
from app.ui.formatting import seconds
from app.ui.glossary import explain
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.lease import current_host, last_known
from core.jobs.states import OWNED, JobState
from core.studies.database import Database

_EARLIER = "runs_table_earlier"
# Rows stay in place while the pointer is over the table: this many that have left the page are kept up to date.
_MOST_EARLIER = 30
_MARKS = {
    JobState.RUNNING: "▶",
    JobState.DONE: "✓",
    JobState.FAILED: "✗",
    JobState.DAMAGED: "✗",
    JobState.CANCELLED: "◼",
    JobState.CANCELLING: "◼",
    JobState.INTERRUPTED: "‖",
    JobState.SKIPPED: "↷",
}


def show_runs(database: Database, lines: Sequence[JobLine], chosen: Sequence[JobLine], view: str) -> None:
    """Show runs in the table.

    Args:
        database: Where they are.
        lines: Runs on this page.
        chosen: Selected runs, on this page or elsewhere.
        view: Identifies list and page.
    """
    more = [*_earlier(database, lines, view), *chosen]
    losses = _losses(database, [*lines, *more])
    # Of a host that has died elsewhere nothing is known since its last heartbeat.
    now = last_known(current_host(database), time.time())
    rows = {line.key: _row(line, losses.get(line.key), now) for line in [*lines, *more]}
    keys = [line.key for line in lines]
    runs_table(
        key=TABLE,
        view=view,
        rows=[rows[key] for key in keys],
        more=[row for key, row in rows.items() if key not in keys],
        columns=_columns(),
        choice=chosen_runs(),
        on_choice=keep_choice,
    )


def _columns() -> list[Column]:
    return [
        Column("state", "State"),
        Column("run", "Run"),
        Column("seed", "Seed"),
        Column("progress", "Progress"),
        Column("loss", "Loss", explain("loss")),
        Column("time", "Time"),
        Column("study", "Study"),
        Column("meaning", "Details"),
    ]


def _earlier(database: Database, lines: Sequence[JobLine], view: str) -> tuple[JobLine, ...]:
    """Return the runs that were on this page at the last refresh and have left it."""
    seen_view, seen = st.session_state.get(_EARLIER, ("", []))
    now = [line.key for line in lines]
    before = [key for key in (seen if seen_view == view else []) if key not in now][:_MOST_EARLIER]
    st.session_state[_EARLIER] = view, [*now, *before]
    return jobs_reader(database).lines(keys=before, limit=_MOST_EARLIER) if before else ()


def _row(line: JobLine, loss: float | None, now: float) -> RunRow:
    words, seed = words_and_seed(line.label)
    duration = line_seconds(line, now)
    return RunRow(
        key=line.key,
        label=run_words(line.label),
        state=f"{_MARKS.get(line.state, '·')} {line.state.value}",
        run=words,
        seed=seed,
        progress=100 * line.fraction,
        loss="" if loss is None else f"{loss:.3g}",
        time="" if duration is None else seconds(duration),
        study=line.study,
        meaning=detail_words(line),
    )


def _losses(database: Database, lines: Sequence[JobLine]) -> dict[str, float]:
    running = tuple(line.key for line in lines if line.state in OWNED)
    done = tuple(sorted((line.key, line.finished or 0.0) for line in lines if line.state is JobState.DONE))
    found = JobsReader(database).last_losses(running) if running else {}
    return found | (_final_losses(done, str(database.path)) if done else {})


@st.cache_data(max_entries=64, show_spinner=False)
def _final_losses(done: tuple[tuple[str, float], ...], place: str) -> dict[str, float]:  # noqa: ARG001  # part of the key
    return JobsReader(Database.at_home()).last_losses([key for key, _ in done])
