"""Gain over the number of branches, as a figure for a paper."""

from functools import partial

from app.figures.bibliography import TREEDNN
from app.figures.edits import Edits
from app.figures.menu import figure_menu
from app.figures.paper_figure import PaperFigure, provenance_of
from app.figures.parts import HUES, Plot, Series
from app.storage.gain_chart import PANELS
from app.storage.model import Count, Gain, StorageView, curves_frame
from app.ui.downloads import file_stem
from core.studies.study import Study

_LINES = {Count.FORMULA: "--", Count.ONE_TASK: "-."}


def paper_menu(view: StorageView, study: Study) -> None:
    """Show the menu of the curves."""
    stem = f"branchwise-storage-{file_stem(view.backbone.name)}"
    figure_menu(partial(gain_paper, view, study), key="storage", stem=stem)


def gain_paper(view: StorageView, study: Study, edits: Edits) -> PaperFigure:  # noqa: ARG001  # it names no task
    """Return the curves of every count, one plot for each unit."""
    frame, is_share = curves_frame(view), view.gain is Gain.RELATIVE
    values = "saved_share" if is_share else "saved"
    plots = []
    marked = ((float(view.case.n_branches), f"k = {view.case.n_branches}"),)
    for title, counts in PANELS.items():
        known = [what for what in counts if what in view.counts]
        series = []
        for place, what in enumerate(known):
            rows = frame[frame["count"] == str(what)]
            series.append(
                Series(str(rows["curve"].iloc[0]), tuple(map(float, rows["branches"])), tuple(map(float, rows[values])),
                       mark="", line=_LINES.get(what, "-"), colour=HUES[place + 1])
            )  # fmt: skip
        if series:
            limits = tuple(
                (view.asymptote(what), "") for what in known if is_share and what is not Count.ONE_TASK
            )  # fmt: skip
            plots.append(
                Plot(
                    tuple(series), "branches k", f"saved, {'share of k networks' if is_share else title.lower()}",
                    title=title, is_y_share=is_share, verticals=marked, horizontals=limits, y_from_zero=True,
                    width=3.1, height=2.8,
                )
            )  # fmt: skip
    return PaperFigure(
        f"What k branches save: {view.backbone.name}",
        f"trunk of {view.case.cut} of {view.backbone.n_blocks} blocks; computed from sizes of blocks, without heads",
        tuple(plots),
        caption="A TreeDNN against k dedicated networks."
        + (" Dotted: limit of the share as k grows." if is_share else ""),
        columns=tuple(map(str, frame.columns)),
        rows=tuple(frame.itertuples(index=False, name=None)),
        papers=(TREEDNN,),
        provenance=provenance_of(study),
    )  # fmt: skip
