"""What should be trained, how long will it take, and what came of it?"""

import streamlit as st

from app.jobs.trainable_study import trainable_study
from app.train.jobs import show_jobs
from app.train.submission import show_submission
from app.train.train_form import train_form
from app.ui.formatting import escape
from app.ui.opening import go_on
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.sidebar import current_study

NOTE = r"""
A request becomes runs: one training of one connected network from one seed. A layout takes one run per separate
network, and every run of several tasks also the single-task networks of its seed, since
$\Delta=\frac{100}{|M|}\sum_m s_m\,(m-m_{single})/|m_{single}|$ compares with them. A run is known by the hash of all
that decides its result, so what is done is never trained twice, whoever asks. The time is the median of seconds per
multiply-accumulate over this machine's last runs, times the work of the new ones (blocks, heads, pictures and
epochs), divided among the workers. *Worth* of a two-task run is the Δ that the layout chosen after it is expected to
gain over today's choice (preposterior analysis, as on the Budget page). Layouts for a sample are taken one by one,
always the one farthest on the plane of cost against Δ from those taken before, half of them from the front.
"""

go_on()
page_head("Train", "What should be trained, how long will it take, and what came of it?")
study = None
with show_errors():
    study = current_study()
    if study.specification is None:
        st.info(
            f"{escape(study.title)} is a table that was brought in, so there is nothing to train. Open a measured "
            "study in the sidebar, or create one on the Studies page.",
            icon=":material/table:",
        )
    else:
        left, right = st.columns([5, 3])
        with left, st.container(border=True):
            choice = train_form(study, study.specification)
        with right, st.container(border=True, height="stretch"):
            show_submission(trainable_study(study.name), choice)
show_jobs(None if study is None else study.name)
how_computed(NOTE)
