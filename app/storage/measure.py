"""Measuring a switch on this machine."""

import streamlit as st

from core.families.treednn import CutBackbone


def show_measure(cut_backbone: CutBackbone) -> None:  # noqa: ARG001  # what to measure, once it is a job
    """Say how to measure on this machine."""
    st.caption(
        "Measure on this machine: `branchwise switch DIRECTORY` times a TreeDNN that was saved there, both ways, with "
        "a warm and a cold page cache."
    )
