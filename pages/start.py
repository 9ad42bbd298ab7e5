"""What is this, and which of its doors do I take?"""

from app.start.doors import show_doors, show_studies
from app.start.figure import show_figure
from app.tour.guide import start_tour
from app.ui.page_frame import how_computed, page_head, show_errors

NOTE = r"""
Every pair of tasks was trained together at every branch point. From these two-task networks the gain of every layout is
predicted, against a network of its own for each task; its cost adds up what each block costs once for each group of
tasks that shares it. The best layout for a budget is found exactly. The Budget page shows the same figure with all that
is known of it, and how well its predictions agree with layouts that were trained. Source: Zhang et al., *A
Tree-Structured Multi-Task Model Recommender* (TreeMTL), §3; exact search, intervals and confidence are additions of
Branchwise. The findings below are sentences that a test of this project checks against the measured studies.
"""

page_head(
    "Which layers should your tasks share?",
    "Tasks in one network help or harm each other. Branchwise measures which do, searches every way to share its "
    "layers, and answers: which is best for your budget?",
)
with show_errors():
    show_figure()
show_doors(start_tour)
show_studies()
how_computed(NOTE)
