"""What the branches of the study's tree reached, beside what the paper printed."""

import pandas as pd
import streamlit as st

from app.families.treednn.chart import grown_figure, spoken
from app.families.treednn.scores import (
    Network,
    all_shares,
    branch_bars,
    missing_words,
    proof_sentences,
    results_frame,
    summary,
)
from app.ui import cached, state
from app.ui.downloads import csv_button
from app.ui.formatting import escape
from app.ui.glossary import explain
from core.families.treednn.published import TABLE_2
from core.families.treednn.results import TreeResults

BUNDLED = "treednn"


def show_results(results: TreeResults | None) -> None:
    """Show a tree's branches against dedicated networks, and the paper's Table 2 beside them.

    Args:
        results: What the study's tree reached, or None where it has none.
    """
    grid = st.grid(2, min_column_width=400)
    with grid.cell():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader("This study", anchor=False, width="content")
            if results is not None:
                st.badge("measured here", icon=":material/straighten:", color="green")
        if results is None:
            _show_empty()
        else:
            _show_bars(results)
    with grid.cell():
        show_published()
    if results is not None:
        _show_table(results)


def show_published() -> None:
    """Show the paper's Table 2, marked as published."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("The paper's Table 2", anchor=False, width="content")
        st.badge("published, not measured here", icon=":material/menu_book:", color="gray")
    frame = pd.DataFrame(
        [(row.dataset, row.samples, row.tree, row.dedicated, row.tree - row.dedicated) for row in TABLE_2],
        columns=["data set", "samples", "TreeDNN", "MobileNetV2", "difference"],
    )
    percent = st.column_config.NumberColumn(format="%.1f %%")
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "samples": st.column_config.NumberColumn(format="localized"),
            "TreeDNN": percent,
            "MobileNetV2": percent,
            "difference": st.column_config.NumberColumn("difference (points)", format="%+.1f"),
        },
        alt="Accuracy of the paper's five branches and of dedicated networks, as published",
    )
    st.caption(
        "Accuracy; the paper does not say over how many seeds. The tree gains on both Caltech sets, which have few "
        "pictures per class, and loses 0.7 to 2 points elsewhere. SVHN's samples hold its extra pictures."
    )


def _show_empty() -> None:
    st.info(
        f"This study has no tree of several data sets, so there is nothing to compare. Open the bundled study "
        f"{BUNDLED} in the sidebar to see one.",
        icon=":material/account_tree:",
    )
    if BUNDLED in cached.study_names():
        st.button(f"Open {BUNDLED}", icon=":material/folder_open:", on_click=_open)


def _open() -> None:
    st.session_state["study"] = BUNDLED
    state.forget_layouts()


def _show_bars(results: TreeResults) -> None:
    st.markdown(escape(summary(results)), help=explain("dedicated", "generalised", "specialised"))
    if said := missing_words(results):
        st.warning(escape(said), icon=":material/hourglass_empty:")
    bars = branch_bars(results)
    with st.container(border=True):
        st.plotly_chart(grown_figure(bars), key="grown", alt=spoken(bars))
    for sentence in proof_sentences(results):
        st.caption(escape(sentence))
    seeds = len(results.seeds)
    st.caption(
        f"Test split; bars are means over {seeds} seed{'s' if seeds != 1 else ''}, dots are single seeds. Trunk: "
        f"{results.cut} of {results.n_blocks} blocks. Each dedicated network saw every row as often as the tree did."
    )


def _show_table(results: TreeResults) -> None:
    frame, percent = results_frame(results), all_shares(results)
    values, differences = [str(network) for network in Network], ["better by", "least", "most"]
    shown = frame.copy()
    if percent:
        shown[[*values, *differences]] *= 100
    number = st.column_config.NumberColumn(format="%.1f %%" if percent else "%.4g")
    signed, points = "%+.1f" if percent else "%+.3g", " (points)" if percent else ""
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "training rows": st.column_config.NumberColumn(format="localized"),
            **dict.fromkeys(values, number),
            "better by": st.column_config.NumberColumn(f"better by{points}", format=signed, help=explain("better by")),
            "least": st.column_config.NumberColumn(
                "worst seed", format=signed, help="The same from the seed in which the tree did worst against its rival"
            ),
            "most": st.column_config.NumberColumn(
                "best seed", format=signed, help="The same from the seed in which the tree did best against its rival"
            ),
        },
        placeholder="–",
        alt="Every branch on the test split: dedicated, after phase 1, after phase 2, and the difference over seeds",
    )
    csv_button("Results as CSV", frame, "branchwise-tree-results.csv")
