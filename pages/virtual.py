"""Which level can each task afford in a given memory, from one set of weights?"""

from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.sidebar import current_study
from app.virtual.sections import section_input, show_section

NOTE = r"""
**Units.** The channels of every layer are divided into $k$ units, so a convolution is a grid of $k\times k$ pieces
from unit to unit. Each task takes the units in an order of its own; its level $l$ has the first $l$ of them and uses
only the pieces between these, so it holds about $(l/k)^2$ of the weights, and computes as much less: nothing is
masked. All levels of all tasks come from one set of weights. Norms, biases and heads belong to one task's level, and
the first layer is divided by its outputs only. **Orders.** *Nearest* is our reading of the paper, whose rules are
figures that our text of its slides lacks: from a task's own unit outwards, $i, i-1, i+1, i-2, \dots$; *cyclic* goes
round, so that all units learn equally much. **Gradient totals** count the levels of tasks that use a piece: so many
gradients it gets in every step of joint training. Source: Kim, Ahn, Torr and Oh, *Deep Virtual Networks for Memory
Efficient Inference of Multiple Tasks* (DVN).
"""

page_head("Virtual networks", "Which level can each task afford in a given memory, from one set of weights?")
with show_errors():
    study = current_study()
    section = section_input(study)
    with show_errors():
        show_section(section, study)
how_computed(NOTE)
