"""All that was asked for, as it stands now."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from app.train.actions import CHOSEN, show_actions
from app.train.details import show_details
from app.train.eta import several_sessions
from app.train.host_status import show_host_status
from app.train.model import counts_sentence, line_seconds, step_words, words_and_seed
from app.train.session import session_id
from app.ui.flash_messages import show_flash_messages
from app.ui.formatting import count, seconds
from app.ui.glossary import explain
from app.ui.page_frame import sentences
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.queue import Queue
from core.jobs.states import ACTIVE, JobState
from core.studies.database import Database

ROWS = 15
EVERY_SECOND = 1.0
_TABLE, _KEYS, _TICKED = "runs_table", "runs_table_keys", "runs_table_ticked"
FILTERS: dict[str, tuple[JobState, ...]] = {
    "All": (),
    "In hand": ACTIVE,
    "Done": (JobState.DONE,),
    "Not done": (JobState.FAILED, JobState.SKIPPED, JobState.CANCELLED),
}
_MARKS = {
    JobState.RUNNING: "▶",
    JobState.DONE: "✓",
    JobState.FAILED: "✗",
    JobState.CANCELLED: "◼",
    JobState.CANCELLING: "◼",
    JobState.INTERRUPTED: "⏸",
    JobState.SKIPPED: "↷",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """Which runs are listed.

    Args:
        states: Only these; all that were asked for where empty.
        study: Only of this study, or None.
        session: Only of this session, or None.
        counts: State → number of runs of that study and session.
        page: From 1.
    """

    states: Sequence[JobState]
    study: str | None
    session: str | None
    counts: Mapping[JobState, int]
    page: int


def show_jobs(study: str | None) -> None:
    """Show what was asked for; while anything is in hand it is drawn anew every second.

    Args:
        study: Name of the study that is open, or None where it can't be read.
    """
    with sentences():
        lively = Queue(Database.at_home()).n_active() > 0
        st.fragment(partial(_live, study, lively), run_every=EVERY_SECOND if lively else None, key="jobs")()


def _live(study: str | None, lively: bool) -> None:
    with sentences():
        database = Database.at_home()
        n_active = Queue(database).n_active()
        if lively != (n_active > 0):
            # The last run has ended, or the first was asked for: the page is drawn once more, and how often to look.
            st.rerun()
        # Places of their own: a bar that comes or goes above should not draw the buttons below twice.
        said, now, filters, runs = (st.container() for _ in range(4))
        with said:
            show_flash_messages()
        with now:
            show_host_status(database, n_active)
        with filters:
            listing = _filters(database, study)
        with runs:
            _list(database, listing)


def _filters(database: Database, study: str | None) -> Listing:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        state = st.segmented_control(
            "Runs", list(FILTERS), default="All", required=True, key="runs_state", help=explain("run", "in hand")
        )
        only = None
        if study is not None:
            where = st.segmented_control(
                "Of", ["This study", "All studies"], default="All studies", required=True, key="runs_study"
            )
            only = study if where == "This study" else None
        mine = None
        if several_sessions(database):
            whose = st.segmented_control(
                "Whose", ["Mine", "Everybody's"], default="Everybody's", required=True, key="runs_whose",
                help=explain("mine"),
            )  # fmt: skip
            mine = session_id() if whose == "Mine" else None
        counts = JobsReader(database).counts(study=only, session=mine)
        shown = FILTERS[str(state)] or [each for each in JobState if each is not JobState.PLANNED]
        last = max(-(-sum(counts[each] for each in shown) // ROWS), 1)
        page = 1
        if last > 1:
            page = int(st.number_input(f"Page, of {count(last)}", 1, last, 1, key="runs_page", width=130))
    return Listing(FILTERS[str(state)], only, mine, counts, page)


def _list(database: Database, listing: Listing) -> None:
    lines = JobsReader(database).lines(
        states=listing.states,
        study=listing.study,
        session=listing.session,
        limit=ROWS,
        offset=(listing.page - 1) * ROWS,
    )
    if not lines:
        asked = any(n for state, n in listing.counts.items() if state is not JobState.PLANNED)
        st.caption("No such runs." if asked else "Nothing was asked for yet.")
        return
    _table(database, lines)
    st.caption(f"{counts_sentence(listing.counts)}. Tick rows, or choose runs below, to see, stop or repeat them.")
    chosen = show_actions(database, lines, listing.counts, study=listing.study, session=listing.session)
    if chosen:
        show_details(database, chosen[-1])


def _table(database: Database, lines: Sequence[JobLine]) -> None:
    keys = [line.key for line in lines]
    chosen = st.session_state.get(CHOSEN) or []
    # Rows move while runs begin and end; what is ticked are runs, not rows.
    rows = [row for row, key in enumerate(keys) if key in chosen]
    name = _with_ticks(rows)
    st.session_state[_KEYS] = keys
    now = time.time()
    titles = [words_and_seed(line.title) for line in lines]
    frame = pd.DataFrame(
        {
            "state": [f"{_MARKS.get(line.state, '·')} {line.state.value}" for line in lines],
            # A column of its own: at the end of a long layout it would be cut off.
            "run": [words for words, _ in titles],
            "seed": [seed for _, seed in titles],
            "progress": [100 * line.fraction for line in lines],
            "loss": ["" if (loss := _loss(database, line)) is None else f"{loss:.3g}" for line in lines],
            "time": ["" if (s := line_seconds(line, now)) is None else seconds(s) for line in lines],
            "study": [line.study for line in lines],
            "what it means": [step_words(line) or line.sentence for line in lines],
        }
    )
    st.dataframe(
        frame,
        key=name,
        on_select=partial(_ticked, name),
        selection_default={"selection": {"rows": rows}},
        selection_mode="multi-row",
        hide_index=True,
        height=38 + 35 * len(lines),
        column_config={
            "state": st.column_config.TextColumn(width=100),
            "run": st.column_config.TextColumn(width=300),
            "seed": st.column_config.TextColumn(width=50, alignment="right"),
            "study": st.column_config.TextColumn(width=80),
            "progress": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=120),
            "loss": st.column_config.TextColumn(width=65, help=explain("loss"), alignment="right"),
            "time": st.column_config.TextColumn(width=60),
            "what it means": st.column_config.TextColumn(width=280),
        },
        alt="Runs with state, progress, loss and time",
    )


def _with_ticks(rows: list[int]) -> str:
    """Give the key of a table that has these rows ticked, or begins with them ticked.

    Ticks that are set from here leave the browser with others in its memory, which it sends with the next
    rerun: they come and go by themselves then. So where ticks should move, another table takes the place.
    """
    n, ticked = st.session_state.get(_TICKED, (0, []))
    if sorted(_rows(f"{_TABLE}-{n}", ticked)) != rows:
        n += 1
        st.session_state[_TICKED] = n, rows
    return f"{_TABLE}-{n}"


def _ticked(name: str) -> None:
    keys: list[str] = st.session_state.get(_KEYS, [])
    chosen = st.session_state.get(CHOSEN) or []
    ticked = [keys[row] for row in _rows(name, []) if 0 <= row < len(keys)]
    # Those chosen on other pages of the table stay; the last one ticked comes last, and is the one shown below.
    kept = [key for key in chosen if key in ticked or key not in keys]
    st.session_state[CHOSEN] = [*kept, *(key for key in ticked if key not in kept)]


def _rows(name: str, otherwise: list[int]) -> list[int]:
    found = st.session_state.get(name)
    return otherwise if found is None else [int(row) for row in found["selection"]["rows"]]


def _loss(database: Database, line: JobLine) -> float | None:
    if line.state in (JobState.RUNNING, JobState.CANCELLING):
        return _mean_loss(JobsReader(database), line.key)
    return _last_loss(line.key, line.finished or 0.0, str(database.path)) if line.state is JobState.DONE else None


@st.cache_resource(max_entries=2000, show_spinner=False)
def _last_loss(key: str, finished: float, place: str) -> float | None:  # noqa: ARG001  # part of the key
    return _mean_loss(JobsReader(Database.at_home()), key)


def _mean_loss(reader: JobsReader, key: str) -> float | None:
    curve = reader.curve(key)
    losses = list(curve[-1].losses.values()) if curve else []
    return sum(losses) / len(losses) if losses else None
