"""What is on disk, and how do I make, move and clean up studies?"""

from app.studies import CLEANING, CREATE, ENGINE, SECTION, SECTIONS
from app.studies.cleaning import show_cleaning
from app.studies.create import show_create
from app.studies.draft import copy_asked
from app.studies.engine import show_engine
from app.studies.study_list import show_study_list
from app.ui.opening import go_on
from app.ui.page_frame import how_computed, page_head
from app.ui.url_state import choice

NOTE = r"""
A study is a data set, its tasks, a backbone, and every training asked of them. A training is known by the hash of its
whole specification, so asking again for one that is done costs nothing, and two studies that ask for the same share
it. Everything lies in one folder, `BRANCHWISE_HOME`: the database, and beside it the data cache, checkpoints, example
pictures and kept weights. *Time of a new study*: the size of a training is its multiply-accumulates over all training
pictures, $\text{epochs}\cdot n_\text{train}\cdot\big(\sum_b(\text{groups at }b)\cdot c_b+\tfrac14\,T\sum_b c_b\big)$
with a quarter of one path for every head; one unit of it takes as long as in the median of this machine's last 400
trainings. *Busy*: seconds of training in the last five minutes, over five minutes of every worker.
"""

go_on()
copy_asked()
page_head("Studies", "What is on disk, and how do I make, move and clean up studies?")
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
