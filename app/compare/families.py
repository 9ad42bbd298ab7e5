"""Families side by side: the area of the plane that each dominates."""

import pandas as pd
import streamlit as st

from app.compare.family_marks import family_words
from app.compare.model import CompareView
from app.ui.downloads import csv_button
from app.ui.formatting import escape, listed, percent
from app.ui.written_table import show_written
from core.plane.hypervolume import Hypervolume

ALL = "All families together"


def show_families(view: CompareView) -> None:
    """Show how much of the plane each family dominates, and which ones are missing."""
    if view.scale is not None:
        st.info("Areas are of gains. Choose “Gain Δ” above to see them.", icon=":material/info:")
        return
    frame = areas_frame(view)
    reference = next(iter(view.hypervolumes.values())).reference_gain
    st.caption(
        "The area between a family's Pareto front and the reference point: the mean, over all budgets up to "
        "single-task networks, of what its best network within the budget gains above the reference gain of "
        f"{percent(reference)}, in percentage points; nothing where no network is so cheap. The 90 % interval is that "
        "of the expected gains, from seeds."
    )
    writers = {"area, points": lambda value: f"{value:.2f}"}
    show_written(
        frame.drop(columns=["low", "high", "remark"]), writers, hide_index=True, alt="Area that each family dominates"
    )
    if said := empty_areas(view):
        st.caption(escape(said))
    csv_button("Areas as CSV", frame, f"branchwise-{view.study.name}-areas.csv")
    if view.missing:
        lines = [f"- **{escape(family_words(name))}**: {escape(reason)}" for name, reason in view.missing.items()]
        st.markdown("Not on this plane:\n" + "\n".join(lines))


def no_area(view: CompareView, family: str, found: Hypervolume) -> str:
    """Return why a family's area is nothing; empty where it is something.

    Args:
        view: The plane.
        family: Its name.
        found: Its area.
    """
    if round(found.area, 2) > 0:
        return ""
    if all(view.share(each) >= 1 for each in view.networks if each.point.family == family):
        return "no network costs less than single-task networks"
    return f"no network is expected to gain more than {percent(found.reference_gain)}"


def empty_areas(view: CompareView) -> str:
    """Return why the areas of some families are nothing; empty where all are something."""
    by_reason: dict[str, list[str]] = {}
    for name, found in view.hypervolumes.items():
        if name is not None and (reason := no_area(view, name, found)):
            by_reason.setdefault(reason, []).append(family_words(name))
    words = "; ".join(f"{listed(names)}: {reason}" for reason, names in by_reason.items())
    return f"An area of 0.00 – {words}." if words else ""


def areas_frame(view: CompareView) -> pd.DataFrame:
    """Return one row for each family, the largest area first, all families together at the end."""
    order = sorted(view.hypervolumes.items(), key=lambda item: (item[0] is None, -item[1].area))
    rows = []
    for name, found in order:
        low, high = found.interval or (None, None)
        words = "one seed" if low is None or high is None else f"{low:.2f} to {high:.2f}"
        rows.append(
            {
                "family": ALL if name is None else family_words(name),
                "area, points": found.area,
                "90 % interval": words,
                "low": low,
                "high": high,
                "networks": found.n_networks,
                "remark": "" if name is None else no_area(view, name, found),
            }
        )
    return pd.DataFrame(rows)
