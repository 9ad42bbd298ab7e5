"""Results of the study's TreeDNN, beside the published ones."""

import pandas as pd
import streamlit as st

from app.families.treednn.chart import results_figure, spoken
from app.families.treednn.scores import (
    Network,
    all_shares,
    branch_bars,
    interval_words,
    missing_words,
    proof_sentences,
    results_frame,
    summary,
)
from app.ui import cached
from app.ui.downloads import csv_button
from app.ui.formatting import count, escape, half_away, minus, subtracting_digits
from app.ui.glossary import explain
from app.ui.interval_column import INTERVAL
from app.ui.opening import open_study
from app.ui.plotly import plotly_chart
from app.ui.written_table import Writer, show_written
from core.families.treednn.published import TABLE_2
from core.families.treednn.results import TreeResults

BUNDLED = "treednn"
_BRACKETS = "In brackets: Student's 90 % interval of the mean difference over seeds; below 0 the TreeDNN is worse. "


def show_results(results: TreeResults | None) -> None:
    """Show the branches of a TreeDNN against dedicated networks, and TreeDNN's Table 2 beside them.

    Args:
        results: Of the study's TreeDNN, or None.
    """
    grid = st.grid(2, min_column_width=400)
    with grid.cell():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.header("This study", anchor=False, width="content")
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
    """Show TreeDNN's Table 2, marked as published."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header("TreeDNN, Table 2", anchor=False, width="content")
        st.badge("published, not measured here", icon=":material/menu_book:", color="gray")
    frame = pd.DataFrame(
        [(row.dataset, row.samples, row.tree, row.dedicated, row.tree - row.dedicated) for row in TABLE_2],
        columns=["data set", "samples", "TreeDNN", "MobileNetV2", "difference"],
    )
    writers: dict[str, Writer] = {
        "samples": lambda value: count(int(value)),
        "TreeDNN": _percentage,
        "MobileNetV2": _percentage,
        "difference": lambda value: minus(f"{value:+.1f}"),
    }
    show_written(
        frame,
        writers,
        hide_index=True,
        column_config={"difference": "difference (points)"},
        alt="Accuracy of TreeDNN's five branches and of dedicated networks, as published",
    )
    st.caption(
        "Accuracy; the number of seeds is not published. TreeDNN gains on both Caltech sets, which have few images per "
        "class, and loses 0.7 to 2 points elsewhere. SVHN includes its extra images."
    )


def _show_empty() -> None:
    known = cached.study_names()
    st.info(
        "This study has no TreeDNN, so there are no results to compare. A bundled study shows one.",
        icon=":material/account_tree:",
    )
    if BUNDLED in known:
        st.button(f"Open “{escape(known[BUNDLED])}”", icon=":material/folder_open:", on_click=_open)


def _open() -> None:
    open_study(BUNDLED)


def _show_bars(results: TreeResults) -> None:
    st.markdown(escape(summary(results)), help=explain("dedicated", "generalised", "specialised"))
    if missing := missing_words(results):
        st.warning(escape(missing), icon=":material/hourglass_empty:")
    bars = branch_bars(results)
    with st.container(border=True):
        plotly_chart(results_figure(bars), key="tree-results", alt=spoken(bars))
    for sentence in proof_sentences(results):
        st.caption(escape(sentence))
    seeds = len(results.seeds)
    st.caption(
        f"Test split. Bars: means over {seeds} seed{'s' if seeds != 1 else ''}, dots: single seeds. "
        f"{_BRACKETS if seeds > 1 else ''}Differences are rounded after subtracting. Trunk: "
        f"{results.cut} of {results.n_blocks} blocks. Each dedicated network was trained on every row as often as the "
        "TreeDNN."
    )


def _percentage(value: float) -> str:
    return minus(f"{value:.1f} %")


def _show_table(results: TreeResults) -> None:
    frame, percent = results_frame(results), all_shares(results)
    values = [str(network) for network in Network]
    # What fits a small screen; the file has all of it, and single seeds are dots above.
    few = ["90 % interval, low", "90 % interval, high", "data set", "least", "most"]
    few += [name for name in ("metric", "seeds") if frame[name].nunique() == 1]
    shown = frame.drop(columns=few)
    shown.insert(list(shown).index("difference") + 1, INTERVAL, [interval_words(each) for each in results.branches])
    if percent:
        shown[[*values, "difference"]] *= 100
    digits = subtracting_digits(zip(shown[str(Network.SPECIALISED)], shown[str(Network.DEDICATED)], strict=True))
    difference: Writer = lambda value: minus(f"{half_away(value):+.{digits}f}" if percent else f"{value:+.3g}")  # noqa: E731
    writers: dict[str, Writer] = {
        "training rows": lambda value: count(int(value)),
        **dict.fromkeys(values, lambda value: minus(f"{half_away(value):.{digits}f} %" if percent else f"{value:.4g}")),
        "difference": difference,
    }
    show_written(
        shown,
        writers,
        hide_index=True,
        column_config={
            "training rows": st.column_config.NumberColumn("rows", help="Rows that the branch was trained on"),
            "difference": st.column_config.NumberColumn("difference", help=explain("better by")),
        },
        placeholder="–",
        alt="Every branch on the test split: dedicated, after phase 1, after phase 2, and the difference over seeds",
    )
    unit = "Differences are in points. " if percent else ""
    st.caption(f"{unit}The file also has data sets, metrics, and the worst and the best seed.")
    csv_button("Results as CSV", frame, "branchwise-tree-results.csv")
