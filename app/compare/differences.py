"""Pinned networks side by side: what each gains more than another, with intervals."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pandas as pd
import streamlit as st

from app.compare import selection
from app.compare.family_marks import family_words
from app.compare.kept import CompareScene
from app.compare.model import CompareView
from app.compare.words import title
from app.families.network_words import network_words
from app.ui.downloads import csv_button
from app.ui.formatting import cost_share, escape, minus, percent, plural
from app.ui.written_table import Writer, show_written
from core.plane.comparison import Priced
from core.plane.difference import Difference

_POINTS = "difference, points"


def show_differences(scene: CompareScene, pins: Mapping[str, Priced]) -> None:
    """Show the pinned networks and the difference of each pair."""
    view = scene.view
    if not pins:
        st.info("No network is pinned. Select one in the plane and pin it, then another one, to compare them here.")
        return
    for letter, each in pins.items():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f"**{letter}** {escape(title(each.point))}: {view.written(each.score)} "
                f"({view.interval_words(each)}) at {cost_share(view.share(each))}"
            )
            st.button(
                f"Unpin {letter}", icon=":material/close:", key=f"compare-unpin-{letter}", type="tertiary",
                on_click=selection.unpin, args=(each,),
            )  # fmt: skip
    if len(pins) < 2:
        st.caption("Pin another network to see the difference.")
        return
    frame = differences_frame(view, pins)
    points: dict[str, Writer] = {_POINTS: lambda value: percent(value).removesuffix(" %")}
    if view.scale is not None:
        points = {f"difference of {view.scale.metric.name}": _signed}
    show_written(frame.drop(columns=["low", "high"]), points, hide_index=True, alt="Differences of pinned networks")
    csv_button("Differences as CSV", frame, f"branchwise-{view.study.name}-differences.csv")
    what = "gains in percentage points" if view.scale is None else view.scale.metric.name
    st.caption(
        f"Difference of {what} on the test split, with a 90 % interval: from seeds that both "
        "networks were trained with where there are two or more (Student), else from both sets of seeds (Welch)."
    )


def differences_frame(view: CompareView, pins: Mapping[str, Priced]) -> pd.DataFrame:
    """Return one row for each pair of pinned networks."""
    comparison = view.comparison
    rows = []
    for (letter, one), (other_letter, other) in combinations(pins.items(), 2):
        assert comparison is not None
        found = comparison.difference(one, other)
        shown = _shown(view, found)
        low, high = shown.interval or (None, None)
        rows.append(
            {
                "pair": f"{letter} − {other_letter}",
                "networks": f"{_short(one)} − {_short(other)}",
                _POINTS if view.scale is None else f"difference of {view.scale.metric.name}": shown.mean,
                "90 % interval": points_words(shown, percent if view.scale is None else _signed),
                "low": low,
                "high": high,
                "seeds": _seeds(found),
                "verdict": verdict(found),
                "difference of cost": f"{percent(100 * (view.share(one) - view.share(other)))}",
            }
        )
    return pd.DataFrame(rows)


def _shown(view: CompareView, found: Difference) -> Difference:
    """Return a difference in the unit of the metric, where that is shown."""
    scale = view.scale
    if scale is None:
        return found
    ends = None if found.interval is None else sorted(map(scale.apart, found.interval))
    return replace(found, mean=scale.apart(found.mean), interval=None if ends is None else (ends[0], ends[1]))


def _signed(value: float) -> str:
    return minus(f"{value:+.3g}")


def points_words(found: Difference, writer: Writer = percent) -> str:
    """Return the interval of a difference in words."""
    if found.interval is None:
        return "one seed"
    low, high = (writer(end).removesuffix(" %") for end in found.interval)
    return f"{low} to {high}"


def verdict(found: Difference) -> str:
    """Return what a difference says."""
    if found.is_within_noise is None:
        return "unknown: one seed"
    if found.is_within_noise:
        return "within noise"
    return "better" if found.mean > 0 else "worse"


def _seeds(found: Difference) -> str:
    return plural(found.n_paired, "common seed") if found.n_paired else "not paired"


def _short(network: Priced) -> str:
    family = family_words(network.point.family)
    return family if network.point.family == "single" else f"{family}: {network_words(network.point)}"
