"""What do k branches save, in layers, parameters, bytes and MACs; how fast is a switch?"""

import streamlit as st

from app.backbone.controls import backbone_input
from app.storage.controls import branches_input, formula_input, formula_of, show_presets, trunk_input
from app.storage.figure import show_figure
from app.storage.model import StorageView
from app.storage.sections import section_input, show_section
from app.ui.page_frame import how_computed, page_head, show_errors
from app.ui.presenting import enlargement
from app.ui.sidebar import current_study
from core.families.treednn.costs import CutBackbone

NOTE = r"""
The trunk is stored once and each branch once per task: with a trunk of size $s$, branches of size $r$ and $k$ tasks,
the TreeDNN stores $s+kr$ and $k$ dedicated networks store $k(s+r)$. This saves $(k-1)s$, a share of
$\frac{k-1}{k}\cdot\frac{s}{s+r}$, which approaches the trunk's share $\frac{s}{s+r}$ as $k$ grows. TreeDNN
counts **layers**, $s=L/2+\varepsilon$ and $r=L/2-\varepsilon$: $(k-1)(L/2+\varepsilon)$ layers,
$\frac{k-1}{k}\left(\frac12+\frac{\varepsilon}{L}\right)$ of all. **Parameters** do not follow layers, since later
blocks have more channels; bytes are four per parameter (float32). **Multiply-accumulates** are saved only where all
$k$ tasks use the same input, so that the trunk runs once for them; when one task runs at a time, the TreeDNN computes
as much as that task's dedicated network. Heads are not counted: they are never shared and add the same to both sides.
**Switch**: $t\cdot\frac{r}{s+r}$, TreeDNN's formula, which assumes that load time scales with bytes and is all of the
response time; *Response time* shows measured values. Source: *TreeDNN*, appendix, Storage Calculation, and figure 2.
"""

page_head("Storage", "What do k branches save, in layers, parameters, bytes and MACs; how fast is a switch?")
with show_errors():
    study = current_study()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=round(260 * enlargement())):
            backbone = backbone_input(study)
        with st.container(width=round(150 * enlargement())):
            cut = trunk_input(study, backbone)
        with st.container(width=round(130 * enlargement())):
            n_branches = branches_input()
        layers, epsilon = formula_input()
    case = CutBackbone(backbone, cut, n_branches)
    show_presets(layers, epsilon, n_branches, backbone, cut)
    formula = None
    with show_errors():
        formula = formula_of(layers, epsilon, n_branches)
    view = StorageView(case, formula)
    show_figure(view)
    section = section_input(study)
    with show_errors():
        show_section(section, study, view)
how_computed(NOTE)
