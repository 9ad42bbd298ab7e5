"""Which exit for which task at which budget?"""

import streamlit as st

from app.paths.controls import exits_input, network_input
from app.paths.figure import show_figure
from app.paths.paper_figure import paper_menu
from app.paths.sections import has_results, section_input, show_section
from app.paths.table import show_table
from app.paths.timing import own_timing, show_timing, timed
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.sidebar import current_study
from core.families.multipath.results import MultiPathResults

NOTE = r"""
**Paths.** A multi-path network is one backbone with exits; the head of a task follows its exit. Paths are nested: path
$i$ holds the parameters of path $i-1$ and more, and nothing behind exit $i$ is computed. Counts are those of the path
without its head. **As published**: the paper also counts what runs beside a path in the residual block that it leaves,
such as a shortcut that this exit does not need. **Milliseconds** that are measured here are medians of whole paths, run
in turn; a longer path that was measured faster is drawn as long as the one before. Otherwise they are sums of measured
blocks; of a path that ends within a block, the share of that block's time follows its multiply-accumulates.

**Loss** of task $i$: $L^{(i)}=\alpha L_\text{multi}^{(i)}+(1-\alpha)L_\text{aux}^{(i)}$ (Eq. 5), with the cross-entropy
$L_\text{multi}$ (Eq. 3) and $L_\text{aux}=\mathrm{KL}$ of the softmax of scores divided by $T$ (Eq. 4).

**Budget.** $\Delta_{t,e}$ is the gain of task $t$ at exit $e$ over its single-task network, in percent. The assignment
$e(t)$ with the largest mean $\frac1T\sum_t\Delta_{t,e(t)}$ is found exactly among those whose cost is within the
budget: $\sum_t p_t\,c_{e(t)}$ for one active task with shares of use $p_t$, $\sum_t c_{e(t)}$ for each task on its own
input, $\max_t c_{e(t)}$ for all tasks on one input, since shorter paths are parts of the longest. Source:
*Resource-Efficient Multi-Task Deep Learning Using a Multi-Path Network* (Multi-path), §III. The exact assignment and
early leaving by confidence are additions of Branchwise.
"""

page_head("Paths", "Which exit for which task at which budget?")
with show_errors():
    study = current_study()
    # Where the question has an answer, that stands above the backbone: on a small screen both do not fit.
    answer = st.container() if has_results(study.result(MultiPathResults)) else None
    if answer is not None:
        st.header("The backbone and its exits", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width=300):
            network, plain = network_input(study)
        timing = own_timing(study, network)
        with st.popover("Exits by name", icon=":material/checklist:"):
            ladder = exits_input(timed(plain, timing))
    show_figure(ladder)
    show_timing(ladder, network, study, timing)
    show_table(ladder)
    paper_menu(ladder, study)
    with answer or st.container():
        section = section_input(study)
        with show_errors():
            show_section(section, study, ladder)
how_computed(NOTE)
