"""The networks of the Compare page as tables."""

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.compare import selection
from app.compare.family_marks import family_words
from app.compare.kept import CompareScene
from app.compare.model import CompareView
from app.compare.picture import gain_words
from app.compare.words import chance, cost_words
from app.families.network_words import network_words
from app.ui.downloads import csv_button
from app.ui.formatting import amount, cost_share, percent
from app.ui.written_table import WHOLE, Writer, written_once
from core.plane.comparison import Priced
from core.plane.published import tables_without_point

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

_TABLE = "compare_networks"
# Pixels of columns that would else be as wide as their longest text.
_FAMILY, _NETWORK = 160, 196


def networks_frame(view: CompareView) -> pd.DataFrame:
    """Return one row for each measured network by rising cost: costs, gains with interval, probability on the front.

    Numbers as they are, for a file; gains are in percent, the cost in the unit of the view.
    """
    rows = []
    for each in view.networks:
        low, high = view.interval(each) or (None, None)
        if view.scale is not None and view.scale.sign < 0:
            low, high = high, low
        row: dict[str, object] = {
            "family": each.point.family,
            "network": each.point.label,
            "gain" if view.scale is None else view.scale.metric.name: _number(view, each.score),
            "low": _number(view, low),
            "high": _number(view, high),
            "seeds": " ".join(map(str, sorted(each.point.seed_gains))),
            "cost": each.cost,
            "share": view.share(each),
            "on joint front": view.on_front(each),
        }
        rows.append(
            row | {f"gain {name}": gain for name, gain in zip(each.point.tasks, view.original(each).gains, strict=True)}
        )
    return pd.DataFrame(rows)


def _score_title(view: CompareView) -> str:
    return "gain Δ" if view.scale is None else view.scale.metric.name


def _number(view: CompareView, score: float | None) -> float | None:
    """Return a gain, or the value of the metric, as a number."""
    return score if view.scale is None or score is None else view.scale.value(score)


def shown_frame(view: CompareView) -> pd.DataFrame:
    """Return the same in words, as the screen shows it."""
    return pd.DataFrame(
        [
            {
                "family": family_words(each.point.family),
                "network": network_words(each.point),
                _score_title(view): each.score,
                "90 % interval": _interval(view, each),
                "seeds": each.point.n_seeds,
                "share": 100 * view.share(each),
                "cost": each.cost,
                "on joint front": chance(view.on_front(each)),
                **{f"Δ {name}": gain for name, gain in zip(each.point.tasks, view.original(each).gains, strict=True)},
            }
            for each in view.networks
        ]
    )


def published_frame(view: CompareView) -> pd.DataFrame:
    """Return one row for each published network that answers the question."""
    return pd.DataFrame(
        [
            {
                "paper": each.table.source,
                "network": each.name,
                "gain Δ": each.gain,
                "share": 100 * each.shares[view.question, view.unit],
                "data": each.table.data,
                "backbone": each.table.backbone,
                "conditions": each.table.conditions,
            }
            for each in view.published
        ]
    )


def show_table(scene: CompareScene) -> None:
    """Show every network of the plane; choosing a row selects it."""
    view = scene.view
    cost = cost_words(view.question, view.unit)
    st.caption(f"{gain_words(view)}. Cost: {cost}, heads not counted. Select a row to see its structure above.")
    # One line for each network, whose whole name stands above once its row is selected.
    st.dataframe(
        _written(view),
        hide_index=True,
        column_config={
            "family": st.column_config.Column(width=_FAMILY),
            "network": st.column_config.Column(width=_NETWORK),
        },
        height="content" if len(view.networks) <= WHOLE else 460,
        key=_TABLE,
        on_select=lambda: _row_chosen(view),
        selection_mode="single-row",
        placeholder="–",
        alt="Every measured network of the plane",
    )
    csv_button("Networks as CSV", networks_frame(view), f"branchwise-{view.study.name}-compare.csv")
    if scene.layers.published:
        _show_published(view)


@lru_cache(maxsize=32)
def _written(view: CompareView) -> "Styler":
    frame = shown_frame(view)
    writers: dict[str, Writer] = dict.fromkeys((f"Δ {name}" for name in view.study.task_names), percent)
    writers[_score_title(view)] = view.written
    writers["share"] = _percent_share
    writers["cost"] = lambda value: amount(value, view.unit)
    return written_once(frame, writers)


def _show_published(view: CompareView) -> None:
    frame = published_frame(view)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header("Figures from papers", anchor=False, width="content")
        st.badge("published, not measured here", icon=":material/menu_book:", color="gray")
    if view.task:
        st.caption("Papers have other tasks: published figures are drawn beside the mean over tasks only.")
    elif frame.empty:
        st.caption("No paper prints networks with this cost and a gain over single-task networks.")
    else:
        writers = {"gain Δ": percent, "share": _percent_share}
        st.dataframe(written_once(frame, writers), hide_index=True, alt="Published networks", placeholder="–")
    without = "; ".join(f"{each.paper}, Table {each.number}: {each.reason}" for each in tables_without_point())
    st.caption(
        "Each paper has its own data, backbone and single-task networks, and names no interval; these figures are "
        f"never part of a front, a probability or a recommendation. Without a point – {without}."
    )


def _percent_share(value: float) -> str:
    return cost_share(value / 100)


def _row_chosen(view: CompareView) -> None:
    rows = st.session_state[_TABLE].selection.rows
    if rows and rows[0] < len(view.networks):
        selection.select(view.networks[rows[0]])


def _interval(view: CompareView, network: Priced) -> str:
    if network.point.family == "single" and view.scale is None:
        return "by definition"
    return "one seed" if view.interval(network) is None else view.interval_words(network).removeprefix("90 % interval ")
