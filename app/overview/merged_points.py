"""Where the blocks of an own table start in a backbone that has more of them."""

from collections.abc import Sequence

import streamlit as st

from core.backbones import Backbone
from core.backbones.backbone import equal_runs
from core.backbones.stages import stage_starts

STAGES, MACS, HAND = "stages", "macs", "hand"
_WAYS = {STAGES: "Stages", MACS: "Equal MACs", HAND: "Manual"}
_HELP = (
    "The costs of your blocks follow from this. Stages are told by the names of the blocks or the sizes of their "
    "outputs; choose manually if your table was measured at other branching points."
)


def remember_starts(backbone: Backbone, n_blocks: int, starts: Sequence[int]) -> None:
    """Choose where blocks of a table of so many blocks start, before it is asked.

    Args:
        backbone: The blocks.
        n_blocks: How many blocks the table has.
        starts: Indices of blocks, from the second block of the table on.
    """
    part = f"{backbone.name}-{n_blocks}"
    st.session_state[f"own_points-{part}"], st.session_state[f"own_starts-{part}"] = HAND, list(starts)


def merged_input(backbone: Backbone, n_blocks: int) -> tuple[int, ...]:
    """Ask which branching points of a backbone the table was measured at, and return where its blocks start.

    Args:
        backbone: The blocks.
        n_blocks: How many blocks the table has.

    Returns:
        Indices of blocks, rising from 0; empty where nothing is merged.
    """
    if backbone.n_blocks <= n_blocks:
        return ()
    stages = stage_starts(backbone, n_blocks)
    equal = tuple(equal_runs([block.macs or block.params for block in backbone.blocks], n_blocks))
    ways = [way for way in _WAYS if way != STAGES or stages is not None]
    part = f"{backbone.name}-{n_blocks}"
    way = st.segmented_control(
        "Your table branches at", ways, default=ways[0], required=True, key=f"own_points-{part}",
        format_func=_WAYS.__getitem__, help=_HELP,
    )  # fmt: skip
    if way == MACS:
        return equal
    usual = stages or equal
    if way != HAND:
        return usual
    picked = st.multiselect(
        f"Blocks of your table start at ({n_blocks - 1} besides the first)",
        range(1, backbone.n_blocks),
        default=usual[1:],
        key=f"own_starts-{part}",
        format_func=lambda block: f"{block + 1} · {backbone.blocks[block].name}",
    )
    return (0, *sorted(picked))
