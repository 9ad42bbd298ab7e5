"""What should be trained, how long will it take, and what are the results?"""

import streamlit as st

from app.jobs.trainable_study import trainable_study
from app.train.auto import show_auto, show_start
from app.train.jobs import show_jobs
from app.train.label_warnings import show_label_warnings
from app.train.submission import show_submission
from app.train.train_form import train_form
from app.ui.computed_elsewhere import show_computed_elsewhere
from app.ui.formatting import escape
from app.ui.opening import follow_request
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.sidebar import current_study

NOTE = r"""
A request becomes runs: one training of one connected network from one seed. A layout takes one run per separate
network, and every run of several tasks also the single-task networks of its seed, since
$\Delta=\frac{100}{|M|}\sum_m s_m\,(m-m_{single})/|m_{single}|$ compares with them. A run is identified by
a hash of everything that determines its result, so a finished run is never trained again. The time is the median of
seconds per multiply-accumulate over this machine's last runs, times the work of the new ones (blocks, heads, images
and epochs), divided by the number of workers. *Worth* of a training is the expected increase in Δ of the layout
recommended after it over the one before (preposterior analysis with the posterior of *bayes*; where one seed alone
would change nothing, of two, four or eight together); trainings are ordered by worth per second. A sample of layouts
is drawn one by one: always the layout farthest from those drawn before in the plane of cost and Δ, half of them from
the Pareto front.
"""

follow_request()
page_head("Train", "What should be trained, how long will it take, and what are the results?")
study = None
with show_errors():
    study = current_study()
    if study.specification is None:
        st.info(
            f"{escape(study.title)} is an imported table, so there is nothing to train here: Branchwise trains no "
            "networks on imported backbones. Download the PyTorch module of a layout on the Budget page and train it "
            "yourself, or open a measured study in the sidebar, or create one on the Studies page.",
            icon=":material/table:",
        )
    else:
        show_label_warnings(study.name)
        show_computed_elsewhere(study)
        left, right = st.columns([5, 3])
        with left, st.container(border=True, height="stretch"):
            choice = train_form(study, study.specification)
        with right, st.container(border=True, height="stretch"):
            if choice.auto is not None:
                show_start(study, choice.auto)
            else:
                show_submission(trainable_study(study.name), choice)
if study is not None:
    show_auto(study)
show_jobs(None if study is None else study.name)
how_computed(NOTE)
