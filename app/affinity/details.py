"""What stands below the maps: numbers, the tournament step by step, pictures, the other source."""

import streamlit as st

from app.affinity.pictures import show_pictures
from app.affinity.sources import other_source, show_sources
from app.affinity.steps import show_steps
from app.affinity.subject import Subject
from app.affinity.tables import show_table
from app.feedback import sentences

TABLE, STEPS, PICTURES, SOURCES = "Table", "Step through a tournament", "Pictures that differ", "Second source"


def show_details(subject: Subject, depth: int, pair: tuple[int, int]) -> None:
    """Ask what to show, and show it."""
    other = other_source(subject)
    has_losses = subject.view.evidence.losses is not None
    options = [TABLE, *([STEPS] if has_losses else []), *([PICTURES] if has_losses and not subject.is_own else [])]
    options += [SOURCES] if other is not None else []
    section = st.segmented_control(
        "More", options, default=TABLE, required=True, key="affinity_part", label_visibility="collapsed",
        bind="query-params", persist_state="session",
    )  # fmt: skip
    with sentences():
        if section == STEPS and STEPS in options:
            show_steps(subject, depth)
        elif section == PICTURES and PICTURES in options:
            show_pictures(subject, depth, pair)
        elif section == SOURCES and other is not None:
            show_sources(subject, other, depth)
        else:
            show_table(subject, depth)
