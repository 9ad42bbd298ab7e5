"""All submitted runs and their current state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from app.jobs.eta import several_sessions
from app.train.actions import show_actions
from app.train.chosen_runs import chosen_runs, drop_unknown
from app.train.damaged import jobs_reader
from app.train.details import show_details
from app.train.host_status import show_host_status
from app.train.model import counts_sentence
from app.train.runs_list import show_runs
from app.ui.flash_messages import show_flash_messages
from app.ui.formatting import count
from app.ui.glossary import explain
from app.ui.identity import session_id
from app.ui.page_frame import show_errors
from core.jobs.jobs_reader import JobLine, JobsReader
from core.jobs.queue import Queue
from core.jobs.states import ACTIVE, JobState
from core.studies.database import Database
from core.studies.family import training_kinds

ROWS = 10
EVERY_SECOND = 1.0
FILTERS: dict[str, tuple[JobState, ...]] = {
    "All": (),
    "Active": ACTIVE,
    "Done": (JobState.DONE,),
    "Failed or cancelled": (JobState.FAILED, JobState.DAMAGED, JobState.SKIPPED, JobState.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """Which runs are listed.

    Args:
        states: Only these; all that were submitted where empty.
        study: Only of this study, or None.
        session: Only of this session, or None.
        counts: State → number of runs of that study and session.
        trainings: State → number of those that train a network.
        page: From 1.
    """

    states: Sequence[JobState]
    study: str | None
    session: str | None
    counts: Mapping[JobState, int]
    trainings: Mapping[JobState, int]
    page: int

    @property
    def view(self) -> str:
        """Which list and page it is."""
        return "|".join((*self.states, self.study or "", self.session or "", str(self.page)))


def show_jobs(study: str | None) -> None:
    """Show the submitted runs; refreshed every second while any is active.

    Args:
        study: Name of the study that is open, or None where it can't be read.
    """
    with show_errors():
        any_active = Queue(Database.at_home()).n_active() > 0
        st.fragment(partial(_live, study, any_active), run_every=EVERY_SECOND if any_active else None, key="jobs")()


def _live(study: str | None, any_active: bool) -> None:
    with show_errors():
        database = Database.at_home()
        n_active = Queue(database).n_active()
        if any_active != (n_active > 0):
            # The last run has finished, or the first was submitted: the page sets the refresh interval again.
            st.rerun()
        # Separate containers: a bar that appears or disappears above must not duplicate the buttons below.
        messages, host, filters, runs = (st.container() for _ in range(4))
        with messages:
            show_flash_messages()
        with host:
            show_host_status(database, n_active)
        with filters:
            listing = _filters(database, study)
        with runs:
            _list(database, listing)


def _filters(database: Database, study: str | None) -> Listing:
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        state = st.segmented_control(
            "Runs", list(FILTERS), default="All", required=True, key="runs_state", help=explain("run", "active")
        )
        only = None
        if study is not None:
            where = st.segmented_control(
                "Study", ["This study", "All studies"], default="All studies", required=True, key="runs_study"
            )
            only = study if where == "This study" else None
        mine = None
        if several_sessions(database):
            whose = st.segmented_control(
                "Submitted by", ["Me", "Everybody"], default="Everybody", required=True, key="runs_whose",
                help=explain("mine"),
            )  # fmt: skip
            mine = session_id() if whose == "Me" else None
        reader = jobs_reader(database, only)
        counts = reader.counts(study=only, session=mine, submitted=True)
        trainings = reader.counts(study=only, session=mine, submitted=True, kinds=training_kinds())
        shown = FILTERS[str(state)] or [each for each in JobState if each is not JobState.PLANNED]
        last = max(-(-sum(counts[each] for each in shown) // ROWS), 1)
        page = 1
        if last > 1:
            page = int(st.number_input(f"Page (1 to {count(last)})", 1, last, 1, key="runs_page", width=130))
    return Listing(FILTERS[str(state)], only, mine, counts, trainings, page)


def _list(database: Database, listing: Listing) -> None:
    reader = jobs_reader(database, listing.study)
    lines = reader.lines(
        states=listing.states,
        study=listing.study,
        session=listing.session,
        submitted=True,
        limit=ROWS,
        offset=(listing.page - 1) * ROWS,
    )
    # A selected run may be of another study than those that are listed.
    chosen = _chosen_lines(jobs_reader(database))
    if not lines:
        any_submitted = any(n for state, n in listing.counts.items() if state is not JobState.PLANNED)
        st.caption("No runs match this filter." if any_submitted else "No runs submitted yet.")
    if lines or chosen:
        # Above the table: below it they would be off the screen where a run is selected.
        st.caption(
            f"{counts_sentence(listing.counts, listing.trainings)}. Select runs in the table to see details, cancel or "
            "retry them."
        )
        show_actions(chosen, listing.counts, study=listing.study, session=listing.session)
        show_runs(database, lines, chosen, listing.view)
    if chosen:
        show_details(database, chosen[-1])


def _chosen_lines(reader: JobsReader) -> list[JobLine]:
    """Return the selected runs in the order of selection, whichever page of the list they are on."""
    keys = chosen_runs().keys
    if not keys:
        return []
    found = {line.key: line for line in reader.lines(keys=keys, states=tuple(JobState), limit=len(keys))}
    drop_unknown(list(found))
    return [found[key] for key in keys if key in found]
