"""What to measure first in a study without measurements, and how long that takes."""

import streamlit as st

from app.families.overview import has_family_overview
from app.jobs.train_link import choose_table_to_train
from app.jobs.trainable_study import trainable_study
from app.ui.formatting import count, plural
from app.ui.glossary import explain
from app.ui.paths import PAGES
from core.families.layouts.request import TableRequest
from core.families.layouts.runs import TableSubmission
from core.families.layouts.seeds import table_seeds
from core.jobs.estimate import about, workers_here
from core.jobs.submit import plan
from core.studies.database import Database
from core.studies.seeds import own_seeds
from core.studies.specification import StudySpecification
from core.studies.study import Study

_DEFAULT_SEEDS = 2  # as on the Train page
# Counting the runs of many tasks takes longer than a rerun should.
_FRESH_SECONDS = 15


def show_not_measured(study: Study) -> None:
    """Show that nothing is recommended yet, which runs come first, and how long they take."""
    with st.container(border=True):
        others = has_family_overview(study)
        why = "only networks of other kinds are measured" if others else "this study has no measurements"
        st.markdown(f"**No recommendation yet: {why}**", help=explain("two-task table"))
        if study.specification is None:
            st.markdown("The two-task table is empty. Upload a table with values under Overview, “Your own case”.")
            return
        n_seeds = len(own_seeds(study.specification, TableRequest)) or _DEFAULT_SEEDS
        st.markdown(
            f"All predictions are based on the two-task table, so measure it first: "
            f"{_first_runs(study.name, study.specification, n_seeds)}. The layout that it recommends is trained "
            "afterwards, in a second training."
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Train the two-task table", icon=":material/play_arrow:", on_click=choose_table_to_train):
                st.switch_page(PAGES / "train.py", query_params={})
            if others:
                st.page_link(
                    PAGES / "overview.py", label="What is measured", icon=":material/dashboard:", query_params={}
                )


@st.cache_data(ttl=_FRESH_SECONDS, max_entries=8, show_spinner=False)
def _first_runs(name: str, _specification: StudySpecification, n_seeds: int) -> str:
    """Return the number of runs that the table still takes, and their estimated time."""
    found, database = trainable_study(name), Database.at_home()
    wanted = (TableSubmission(table_seeds(_specification, n_seeds)),)
    taken = plan(database, found.record, wanted, results=found.results, workers=workers_here(database))
    time = f"about {about(taken.seconds)}"
    waiting = f"; {count(taken.n_waiting)} more are in the queue" if taken.n_waiting else ""
    return f"{plural(taken.n_new, 'run')} with {plural(n_seeds, 'seed')}, {time}{waiting}"
