"""Details below the heatmaps: table, tournament step by step, images, comparison of sources."""

from app.affinity.difference import show_difference
from app.affinity.pictures import show_pictures
from app.affinity.sources import other_source, show_sources
from app.affinity.steps import show_steps
from app.affinity.subject import Subject
from app.affinity.tables import show_table
from app.ui.page_frame import show_errors
from app.ui.url_state import choice

TABLE, STEPS, PICTURES, SOURCES, DIFFERENCE = "table", "tournament", "pictures", "sources", "difference"
SECTIONS = {
    TABLE: "Table",
    STEPS: "Tournament step by step",
    PICTURES: "Images that differ",
    SOURCES: "Compare sources",
    DIFFERENCE: "Differences",
}


def show_details(subject: Subject, depth: int, pair: tuple[int, int]) -> None:
    """Ask what to show, and show it."""
    other = other_source(subject)
    has_losses = subject.view.evidence.losses is not None
    options = [TABLE, *([STEPS] if has_losses else []), *([PICTURES] if has_losses and not subject.is_own else [])]
    options += [*([SOURCES] if other is not None else []), DIFFERENCE]
    section = choice("More", options, "affinity_section", name="section", labels=SECTIONS, labelled=False)
    with show_errors():
        if section == STEPS:
            show_steps(subject, depth)
        elif section == PICTURES:
            show_pictures(subject, depth, pair)
        elif section == SOURCES and other is not None:
            show_sources(subject, other, depth)
        elif section == DIFFERENCE:
            show_difference(subject, depth)
        else:
            show_table(subject, depth)
