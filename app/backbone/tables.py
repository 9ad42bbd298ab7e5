"""The blocks as a table, their cumulative shares, and downloads."""

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app.backbone.model import BackboneView, cumulative
from app.charts.shares import shares_figure
from app.ui.downloads import file_stem, frame_csv
from app.ui.formatting import UNIT_WORDS, amount, shape_words, share, units_of
from app.ui.plotly import plotly_chart
from app.ui.written_table import Writer, show_written
from core.backbones import Backbone
from core.backbones.profile_file import write_profile
from core.costs import Unit

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from streamlit.elements.lib.column_types import ColumnConfig


def every_digit(value: int) -> str:
    """Return a whole number with spaces between thousands: the numbers of a column are compared digit by digit.

    >>> every_digit(14964736)
    '14 964 736'
    """
    return f"{value:,}".replace(",", " ")


_WRITERS: dict[str, Writer] = {
    "parameters": lambda value: every_digit(int(value)),
    "macs": lambda value: amount(value, Unit.MACS),
    "bytes": lambda value: amount(value, Unit.BYTES),
    "activation bytes": lambda value: amount(value, Unit.BYTES),
    "latency": lambda value: amount(value / 1000, Unit.LATENCY),
}
_STACKED = (Unit.PARAMETERS, Unit.MACS)


@lru_cache(maxsize=64)
def blocks_frame(backbone: Backbone) -> pd.DataFrame:
    """Return one row per block, counted from 1: the drawing as a table."""
    frame = pd.DataFrame(
        {
            "block": range(1, backbone.n_blocks + 1),
            "name": [block.name for block in backbone.blocks],
            "parameters": [block.params for block in backbone.blocks],
            "macs": [block.macs for block in backbone.blocks],
            "output": [shape_words(block.output_shape) for block in backbone.blocks],
            **{f"{unit} so far": cumulative(backbone, unit)[1:] for unit in _STACKED if unit in units_of(backbone)},
            "bytes": [block.bytes for block in backbone.blocks],
            "activation bytes": [block.activation_bytes for block in backbone.blocks],
            "latency": [None if block.latency is None else 1000 * block.latency for block in backbone.blocks],
        }
    )
    return frame.drop(columns="latency") if backbone.latency is None else frame


@lru_cache(maxsize=64)
def shares_frame(backbone: Backbone) -> pd.DataFrame:
    """Return the cumulative shares: first b blocks, percent in every unit."""
    shares = {UNIT_WORDS[unit]: cumulative(backbone, unit) for unit in units_of(backbone)}
    return pd.DataFrame(shares).rename_axis("first blocks")


def show_blocks(view: BackboneView) -> None:
    """Show the merged blocks as a table, with downloads."""
    merged = view.merged
    show_written(
        # How they add up over the depth is below; four bytes are a parameter.
        blocks_frame(merged).drop(columns=[*(f"{unit} so far" for unit in _STACKED), "bytes"], errors="ignore"),
        _WRITERS,
        hide_index=True,
        height=min(318, 38 + 35 * merged.n_blocks),
        column_config=_columns(),
        alt=f"The {merged.n_blocks} blocks with parameters, MACs, bytes and output shape",
    )
    _downloads(view)


def show_shares(view: BackboneView) -> None:
    """Show how parameters, MACs and latency add up over the depth."""
    frame = shares_frame(view.merged)
    half = len(frame) // 2
    words = ", ".join(f"{frame[name].iloc[half]:.0f} % of {name}" for name in frame)
    plotly_chart(
        _figure(view.merged),
        key="shares",
        alt=f"Cumulative shares: the first {half} of {len(frame) - 1} blocks hold {words}",
    )
    fold = st.expander("As a table", icon=":material/table:", on_change="rerun", key="shares-table")
    if fold.open:
        with fold:
            show_written(
                frame.reset_index(),
                {str(name): lambda value: share(value / 100) for name in frame},
                hide_index=True,
                height=min(318, 38 + 35 * len(frame)),
                alt="Share of the backbone that its first blocks hold",
            )


@lru_cache(maxsize=64)
def _figure(backbone: Backbone) -> "go.Figure":
    # Plotly takes longer to make it than the rest of the page together.
    frame = shares_frame(backbone)
    return shares_figure({str(name): frame[name].to_numpy() for name in frame})


@lru_cache(maxsize=64)
def _files(backbone: Backbone) -> tuple[str, str, str]:
    """Return the profile, the blocks and their shares as files."""
    return (
        write_profile(backbone),
        frame_csv(blocks_frame(backbone)),
        frame_csv(shares_frame(backbone), index=True),
    )


def _downloads(view: BackboneView) -> None:
    """Offer the merged profile and the tables as files."""
    merged = view.merged
    stem = file_stem(merged.name) + f"-{merged.n_blocks}"
    profile, blocks, shares = _files(merged)
    with st.container(horizontal=True):
        st.download_button(
            "Profile as JSON",
            profile,
            file_name=f"{stem}.json",
            mime="application/json",
            icon=":material/data_object:",
            on_click="ignore",
            help="The merged blocks; upload it with a two-task table under Overview, “Your own case”.",
        )
        st.download_button(
            "Blocks as CSV",
            blocks,
            file_name=f"{stem}-blocks.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "Shares as CSV",
            shares,
            file_name=f"{stem}-shares.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _columns() -> "dict[str, ColumnConfig | str]":
    return {
        "name": st.column_config.TextColumn(width=130),
        "macs": "MACs",
        "activation bytes": "activation",
    }
