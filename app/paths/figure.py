"""The ladder that the browser draws, and the handler of a dragged exit."""

import streamlit as st

from app.components.exit_ladder import LadderStrip, exit_ladder, ladder_data
from app.paths.controls import EXITS
from app.paths.model import Ladder, Rung, counted_alike
from app.paths.timing import rising
from app.ui.downloads import file_stem
from app.ui.formatting import amount, cost_share
from core.costs import Unit

KEY = "exit_ladder"


def show_figure(ladder: Ladder) -> None:
    """Show the backbone with its exits and what each path costs; an exit that is dragged takes its numbers along."""
    exit_ladder(key=KEY, data=figure_data(ladder), on_exits=lambda: _moved(ladder.last))


def figure_data(ladder: Ladder) -> dict[str, object]:
    """Return the data that the browser draws."""
    rungs = ladder.rungs
    strips = [LadderStrip("Places", [place + 1.0 for place in range(len(rungs))], [rung.name for rung in rungs])]
    if rungs[-1].params:
        strips.append(
            LadderStrip(
                "Parameters", [float(r.params) for r in rungs], [amount(r.params, Unit.PARAMETERS) for r in rungs]
            )
        )
    if rungs[-1].macs:
        strips.append(LadderStrip("MACs", [float(r.macs) for r in rungs], [amount(r.macs, Unit.MACS) for r in rungs]))
    if ladder.is_timed:
        seconds = [rung.seconds or 0.0 for rung in rungs]
        strips.append(LadderStrip("Time", rising(seconds), [amount(each, Unit.LATENCY) for each in seconds]))
    published = not counted_alike(rungs)
    return ladder_data(
        strips=strips,
        names=[rung.name for rung in rungs],
        columns=[
            "exit", "after", "parameters", "share", "MACs", "share", *(["time"] if ladder.is_timed else []),
            *(["share, published", "MACs, published"] if published else []),
        ],
        rows=[_row(rung, ladder, published=published) for rung in rungs],
        exits=ladder.chosen[:-1],
        filename=f"branchwise-paths-{file_stem(ladder.name)}",
    )  # fmt: skip


def _row(rung: Rung, ladder: Ladder, *, published: bool) -> list[str]:
    whole = ladder.rungs[-1]
    row = [
        rung.name,
        amount(rung.params, Unit.PARAMETERS),
        _percent(rung.params, whole.params),
        amount(rung.macs, Unit.MACS),
        _percent(rung.macs, whole.macs),
    ]
    if ladder.is_timed:
        row.append(amount(rung.seconds or 0.0, Unit.LATENCY))
    if published:
        row += [_percent(rung.published_params, whole.published_params), amount(rung.published_macs, Unit.MACS)]
    return row


def _percent(part: float, whole: float) -> str:
    return cost_share(part / whole) if whole else "–"


def _moved(last: int) -> None:
    """Set the exits as they were dragged; values from the browser are validated like uploads."""
    value = getattr(st.session_state.get(KEY), "exits", None)
    if not isinstance(value, list) or len(value) > last:
        return
    if all(isinstance(place, int | float) and not isinstance(place, bool) and place in range(last) for place in value):
        st.session_state[EXITS] = [str(place) for place in sorted({int(place) for place in value})]
