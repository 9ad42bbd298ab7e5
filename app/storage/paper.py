"""TreeDNN's storage calculation and case study, line by line, with their consequences."""

import pandas as pd
import streamlit as st

from app.storage.model import nearest_cut
from app.ui.formatting import escape, share
from app.ui.page_frame import show_errors
from core.backbones import Backbone
from core.families.treednn.costs import CutBackbone, LayerCount, response
from core.families.treednn.published import CASE, CASE_PRINTED_PERCENT, TABLE_1


def show_paper(formula: LayerCount | None, backbone: Backbone) -> None:
    """Show both, with L, ε and k of the page beside the published ones.

    Args:
        formula: The count of the controls; None if ε is invalid for L.
        backbone: The selected backbone.
    """
    grid = st.grid(2, min_column_width=400)
    with grid.cell():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.header("Storage calculation", anchor=False, width="content")
            st.badge(
                "published, and yours" if formula not in (None, CASE) else "published",
                icon=":material/menu_book:",
                color="gray",
            )
        _show_lines(formula)
    with grid.cell(), show_errors():
        _show_case(backbone)


def _show_lines(formula: LayerCount | None) -> None:
    columns = {"TreeDNN": CASE} | ({"your L, ε, k": formula} if formula not in (None, CASE) else {})
    lines = {
        "trunk, L/2 + ε": [each.trunk for each in columns.values()],
        "branch, L/2 − ε": [each.branch for each in columns.values()],
        "tree, L/2 · (k + 1) + ε(1 − k)": [each.tree for each in columns.values()],
        "k networks, kL": [each.separate for each in columns.values()],
        "gain, (k − 1)(L/2 + ε)": [each.gain for each in columns.values()],
        "gain as printed, … + ε(1 − k)": [each.gain_as_printed for each in columns.values()],
    }
    frame = pd.DataFrame.from_dict(lines, orient="index", columns=list(columns)).rename_axis("layers").reset_index()
    st.dataframe(
        frame,
        hide_index=True,
        column_config={"layers": st.column_config.TextColumn(width="medium")}
        | dict.fromkeys(columns, st.column_config.NumberColumn(format="%g")),
        alt="TreeDNN's storage calculation line by line",
    )
    st.markdown(
        f"The case saves {CASE.gain:g} of {CASE.separate:g} layers, **{share(CASE.relative)}**; the paper prints "
        f"≈ {CASE_PRINTED_PERCENT} %. Its formula of the gain adds ε(1 − k) where subtracting the tree from k networks "
        f"gives −ε(1 − k): as printed the gain would be {CASE.gain_as_printed:g} layers. As k grows, the share "
        f"approaches 1/2 + ε/L, here {share(CASE.asymptote)}."
    )
    if formula is not None and not formula.is_whole:
        st.caption("The cut is inside a layer: use an ε that ends in .5 if L is odd, and a whole one if L is even.")


def _show_case(backbone: Backbone) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header("Case study, Table 1", anchor=False, width="content")
        st.badge("published, a phone", icon=":material/menu_book:", color="gray")
    halved = response(TABLE_1.separate_milliseconds, 0.5)
    st.dataframe(
        pd.DataFrame(
            [
                ("memory (MB)", TABLE_1.separate_megabytes, TABLE_1.tree_megabytes, 100 * TABLE_1.saved_memory),
                (
                    "response time (ms)",
                    TABLE_1.separate_milliseconds,
                    TABLE_1.tree_milliseconds,
                    100 * (1 - TABLE_1.loaded_share),
                ),
            ],
            columns=["", f"{TABLE_1.n_models} models", "TreeDNN", "saved"],
        ),
        hide_index=True,
        column_config={"saved": st.column_config.NumberColumn(format="%.1f %%")},
        alt="Memory and response time of eight camera models and of one TreeDNN, as published",
    )
    words = (
        f"If the {TABLE_1.n_models} models were equal, a TreeDNN of {TABLE_1.tree_megabytes:g} MB would need a trunk "
        f"of **{100 * TABLE_1.trunk_share:.1f} %** of one model: (1 − 68/120) · 8/7. The formula t/2 predicts "
        f"{halved:g} ms from {TABLE_1.separate_milliseconds:g} ms; the paper prints {TABLE_1.tree_milliseconds:g} ms."
    )
    if backbone.params:
        cut = nearest_cut(backbone, TABLE_1.trunk_share)
        found = CutBackbone(backbone, cut, TABLE_1.n_models)
        words += (
            f" On {escape(backbone.name)} the nearest trunk ends after block {cut} of {backbone.n_blocks} and "
            f"holds {share(found.trunk_share)} of the parameters."
        )
    st.markdown(words)
