"""Two backbones side by side."""

import pandas as pd
import streamlit as st

from app.backbone.model import BackboneView, cumulative, equal_starts
from app.charts.shares import depth_figure
from app.ui.downloads import frame_csv
from app.ui.formatting import amount, count, escape, shape_words
from app.ui.plotly import plotly_chart
from app.ui.written_table import Writer, show_written
from core.backbones import Backbone
from core.backbones.stages import stage_starts
from core.costs import Unit


def totals_frame(one: Backbone, other: Backbone) -> pd.DataFrame:
    """Return the totals of two backbones in words, and the second as a multiple of the first."""
    rows = [
        ("Blocks", str(one.n_blocks), str(other.n_blocks), _ratio(one.n_blocks, other.n_blocks)),
        ("Input", shape_words(one.input_shape), shape_words(other.input_shape), ""),
        ("Output", shape_words(one.blocks[-1].output_shape), shape_words(other.blocks[-1].output_shape), ""),
    ]
    for name, unit, a, b in (
        ("Parameters", Unit.PARAMETERS, one.params, other.params),
        ("MACs", Unit.MACS, one.macs, other.macs),
        ("Bytes", Unit.BYTES, 4 * one.params, 4 * other.params),
        ("Latency", Unit.LATENCY, one.latency or 0.0, other.latency or 0.0),
    ):
        if a or b:
            rows.append((name, _amount(a, unit), _amount(b, unit), _ratio(a, b)))
    return pd.DataFrame(rows, columns=["", one.name, _other_name(one, other), "ratio"])


def starts_of(backbone: Backbone, n_blocks: int) -> tuple[tuple[int, ...], str]:
    """Return where so many merged blocks start, and by what: at stages where there are as many, else by equal MACs."""
    if backbone.n_blocks == n_blocks:
        return tuple(range(n_blocks)), "all its blocks"
    stages = stage_starts(backbone, n_blocks)
    return (stages, "its stages") if stages is not None else (equal_starts(backbone, n_blocks), "blocks of equal MACs")


def merged_frame(view: BackboneView, other: Backbone) -> pd.DataFrame:
    """Return two backbones merged to as many blocks, block by block; the first as the page shows it.

    Args:
        view: The first backbone with its branching points; where the second has fewer blocks, it is merged to as many.
        other: The second.
    """
    one, n_blocks = view.whole, min(view.n_blocks, other.n_blocks)
    frame = pd.DataFrame({"block": range(1, n_blocks + 1)})
    first = view.starts if n_blocks == view.n_blocks else starts_of(one, n_blocks)[0]
    for backbone, name, starts in (
        (one, one.name, first),
        (other, _other_name(one, other), starts_of(other, n_blocks)[0]),
    ):
        merged = backbone.merged(starts)
        frame[f"{name}: ends with"] = [block.name.split(" … ")[-1] for block in merged.blocks]
        frame[f"{name}: parameters"] = [block.params for block in merged.blocks]
        frame[f"{name}: MACs"] = [block.macs for block in merged.blocks]
    return frame


def show_totals(one: Backbone, other: Backbone) -> None:
    """Show the totals of both."""
    st.dataframe(totals_frame(one, other), hide_index=True, alt=f"Totals of {one.name} and {other.name}")


def merged_words(view: BackboneView, other: Backbone) -> str:
    """Return how both backbones are merged for the table."""
    n = min(view.n_blocks, other.n_blocks)
    first = "the blocks above" if n == view.n_blocks else starts_of(view.whole, n)[1]
    return (
        f"Block by block: {escape(view.whole.name)} in {first}, {escape(_other_name(view.whole, other))} in "
        f"{starts_of(other, n)[1]}, {n} each."
    )


def show_compare(view: BackboneView, other: Backbone) -> None:
    """Show the curve of storage over work, and both merged to the same number of blocks."""
    one = view.whole
    curves = {
        name: (cumulative(backbone, Unit.MACS), cumulative(backbone, Unit.PARAMETERS))
        for name, backbone in ((one.name, one), (_other_name(one, other), other))
        if backbone.macs and backbone.params
    }
    if curves:
        plotly_chart(
            depth_figure(curves), key="depth", alt=f"Share of parameters over share of MACs of {' and '.join(curves)}"
        )
        st.caption(
            "Below the diagonal the first blocks have a larger share of the MACs than of the parameters, "
            "so sharing them saves more compute than storage."
        )
    merged = merged_frame(view, other)
    n = len(merged)
    st.caption(merged_words(view, other))
    writers: dict[str, Writer] = {
        str(name): _macs if str(name).endswith(": MACs") else _parameters
        for name in merged
        if str(name).endswith((": parameters", ": MACs"))
    }
    show_written(
        merged,
        writers,
        hide_index=True,
        height=min(400, 38 + 35 * n),
        alt=f"{one.name} and {other.name} merged to {n} blocks",
    )
    st.download_button(
        "Comparison as CSV",
        frame_csv(merged),
        file_name="backbones-compared.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _other_name(one: Backbone, other: Backbone) -> str:
    return f"{other.name} (second)" if one.name == other.name else other.name


def _macs(value: float) -> str:
    return amount(value, Unit.MACS)


def _parameters(value: float) -> str:
    return amount(value, Unit.PARAMETERS)


def _amount(value: float, unit: Unit) -> str:
    return amount(value, unit) if value else "–"


def _ratio(one: float, other: float) -> str:
    times = other / one if one and other else 0.0
    return "" if not times else f"{times:.2f}×" if times < 100 else f"{count(round(times))}×"
