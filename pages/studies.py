"""Which studies are on disk, and how do I create, exchange and delete them?"""

from app.studies import CLEANING, CREATE, ENGINE, SECTION, SECTIONS
from app.studies.cleaning import show_cleaning
from app.studies.create import show_create
from app.studies.draft import copy_requested
from app.studies.engine import show_engine
from app.studies.study_list import show_study_list
from app.ui.opening import follow_request
from app.ui.page_frame import how_computed, page_head
from app.ui.url_state import choice

NOTE = r"""
A study is a data set, its tasks, a backbone, and the runs requested for them. A run is identified by a hash of its
whole specification: requesting a finished run again costs nothing, and two studies that request the same run share it.
Everything is in one folder, `BRANCHWISE_HOME`: the database, the data cache, checkpoints, example images and saved
weights. *Time of a new study*: the size of a run is its number of multiply-accumulates over all training images,
$\text{epochs}\cdot n_\text{train}\cdot\big(\sum_b(\text{groups at }b)\cdot c_b+\tfrac14\,T\sum_b c_b\big)$
with a quarter of one path for every head; time per unit is the median over this machine's last 400 runs. *Busy*:
seconds of training in the last five minutes, divided by five minutes times the number of workers.
"""

follow_request()
copy_requested()
page_head("Studies", "Which studies are on disk, and how do I create, exchange and delete them?")
section = choice("Section", list(SECTIONS), SECTION, name="section", labels=SECTIONS, labelled=False)
if section == CREATE:
    show_create()
elif section == ENGINE:
    show_engine()
elif section == CLEANING:
    show_cleaning()
else:
    show_study_list()
how_computed(NOTE)
