"""Response time of a switch: measured here, published, and by TreeDNN's formula."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.storage.evidence import own_switchings
from app.storage.measure import show_measure
from app.storage.response_chart import response_figure
from app.storage.response_model import Comparison, comparisons, conclusion, milliseconds, published
from app.ui.downloads import frame_csv
from app.ui.formatting import escape, listed
from app.ui.glossary import explain
from app.ui.page_frame import how_computed
from app.ui.plotly import plotly_chart
from app.ui.url_state import choice
from core.families.switching.results import MeasuredSwitch, bundled_switchings
from core.families.treednn.costs import CutBackbone
from core.families.treednn.published import TABLE_1
from core.studies.study import Study

WARM, COLD = "warm", "cold"
LINEAR, LOGARITHMIC = "linear", "log"
_CACHES = {WARM: "Warm", COLD: "Cold"}
_AXES = {LINEAR: "Linear", LOGARITHMIC: "Logarithmic"}
NOTE = r"""
**Measured.** Real files of real backbones, written with random weights (which take as long to read as trained ones).
Both variants read with the same code into existing networks and process one image of the backbone's input size,
224 × 224 for those of torchvision; time starts at the request. *Loading* ends when the weights are in place, *first
output* when the output is there. The variants alternate, so that both run under the same conditions. A bar is the
median over branches of the medians over repeats; it includes heads, which the curves above and the pictures do not
count.

**By bytes alone.** TreeDNN's formula $t \to t \cdot \frac{\text{bytes of the branch}}{\text{bytes of the whole
network}}$, with $t/2$ for half a network. It assumes that all of the time is reading, proportional to bytes. Circles
apply it to loading, diamonds to the first output. Where a bar ends right of its diamond, the difference is mostly
computation, which a switch does not save. For the published bar, the branch's share is the one that explains
120 → 68 MB.

Source: *TreeDNN*, Table 1 and appendix, figure 2.
"""


def show_response(cut_backbone: CutBackbone, study: Study) -> None:
    """Show measured response times beside the published ones.

    Args:
        cut_backbone: The page's backbone and cut; its measurements come first.
        study: Measurements on this machine are among its runs.

    Raises:
        FamilyError: The file of measurements is damaged.
    """
    show_measure(cut_backbone, study)
    _show((*own_switchings(study.name), *bundled_switchings()), cut_backbone)
    how_computed(NOTE, "How are these times measured and computed?")


@st.fragment
def _show(found: tuple[MeasuredSwitch, ...], cut_backbone: CutBackbone) -> None:
    """Show the times; its controls rerun only this fragment."""
    with st.container(horizontal=True, gap="medium"):
        cold = choice("Page cache", list(_CACHES), "page_cache", labels=_CACHES, help=explain("page cache")) == COLD
        log = choice("Axis", list(_AXES), "time_axis", labels=_AXES) == LOGARITHMIC
    shown = comparisons(found, cut_backbone, cold=cold)
    if cold and not shown:
        st.info("No measurement has values for a cold page cache. Select warm.", icon=":material/info:")
    _show_conclusion(shown, cut_backbone)
    everything = (*shown, published(TABLE_1))
    plotly_chart(response_figure(everything, log=log), key="response", alt=spoken(everything))
    if log:
        st.caption("On a logarithmic axis, compare the ends of bars, not their lengths.")
    _table(found, everything)
    _origin(found, cold=cold)


def _show_conclusion(shown: Sequence[Comparison], cut_backbone: CutBackbone) -> None:
    """Show the result of the measurement nearest to the page's own cut."""
    name = escape(cut_backbone.backbone.name)
    if not shown:
        st.markdown("No switch has been measured on this machine yet; the published values are below.")
    elif shown[0].is_nearest:
        st.markdown(f"**{escape(shown[0].name)}.** {conclusion(shown[0])}", help=explain("first output"))
    else:
        st.markdown(
            f"No switch of {name} has been measured yet. Nearest: **{escape(shown[0].name)}.** {conclusion(shown[0])}",
            help=explain("first output"),
        )


def spoken(found: Sequence[Comparison]) -> str:
    """Return the bars as text."""
    return "Time to the first output, whole network and branch only: " + "; ".join(
        f"{each.name} {milliseconds(each.whole.first_output)} and {milliseconds(each.branch.first_output)}"
        for each in found
    )


def response_frame(found: Sequence[Comparison]) -> pd.DataFrame:
    """Return two rows for each comparison, in milliseconds: the table of the bars."""
    return pd.DataFrame(
        [
            {
                "network": each.name,
                "way": bar.way,
                "load": _milli(bar.load),
                "first output": _milli(bar.first_output),
                "load by bytes": _milli(bar.load_by_bytes),
                "first output by bytes": _milli(bar.first_by_bytes),
                "remark": each.remark,
            }
            for each in found
            for bar in (each.whole, each.branch)
        ]
    )


def switchings_frame(found: Sequence[MeasuredSwitch]) -> pd.DataFrame:
    """Return every measured value, warm and cold, one row per branch and variant."""
    return pd.DataFrame(
        [
            {
                "backbone": each.backbone,
                "cut": each.cut,
                "blocks": each.n_blocks,
                "trunk_share": each.trunk_share,
                "branch": branch.name,
                "way": way,
                "bytes_read": switch.bytes,
                "warm_load_s": switch.warm.load,
                "warm_first_output_s": switch.warm.first_output,
                "cold_load_s": switch.cold.load if switch.cold else None,
                "cold_first_output_s": switch.cold.first_output if switch.cold else None,
                "repeats": each.report.repeats,
                "threads": each.report.threads,
                "machine": each.report.machine,
                "measured": each.measured,
            }
            for each in found
            for branch in each.report.branches
            for way, switch in (("whole network", branch.whole), ("branch only", branch.branch))
        ]
    )


def _milli(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _table(found: Sequence[MeasuredSwitch], shown: Sequence[Comparison]) -> None:
    with st.expander("Times as a table", icon=":material/table_rows:"):
        times = ("load", "first output", "load by bytes", "first output by bytes")
        st.dataframe(
            response_frame(shown),
            hide_index=True,
            column_config={
                **{name: st.column_config.NumberColumn(f"{name} (ms)", format="%.1f") for name in times},
                "network": st.column_config.TextColumn(width=260),
                "remark": st.column_config.TextColumn(width="large"),
            },
            placeholder="–",
            alt="Measured and published times of a whole network and of a branch alone",
        )
        with st.container(horizontal=True):
            st.download_button(
                "Shown times as CSV", frame_csv(response_frame(shown)), file_name="branchwise-response.csv",
                mime="text/csv", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
            st.download_button(
                "Every branch, warm and cold, as CSV", frame_csv(switchings_frame(found)),
                file_name="branchwise-switching.csv", mime="text/csv", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _origin(found: Sequence[MeasuredSwitch], *, cold: bool) -> None:
    """Show the machine, date and method of the measurements, and the meaning of cold."""
    for words in dict.fromkeys(_origin_words(each, cold=cold) for each in found):
        st.caption(words)


def _origin_words(found: MeasuredSwitch, *, cold: bool) -> str:
    report = found.report
    tasks = listed([branch.name for branch in report.branches]) if len(report.branches) <= 6 else ""
    meaning = f"Cold: {report.cold.value}" if cold else "Warm: the files are in the page cache, in memory"
    return (
        f"Measured {found.measured.isoformat()} on {escape(report.machine)} with {report.threads} thread"
        f"{'s' if report.threads != 1 else ''}: medians of {report.repeats} repeats and {len(report.branches)} branches"
        f"{f' ({escape(tasks)})' if tasks else ''}, by `{found.command.replace('`', '')}`. {meaning}."
    )
