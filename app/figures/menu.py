"""The menu "Figure for a paper" of a figure: what to change, and its files, drawn when they are requested."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from app.figures.controls import ask_edits, current_edits
from app.figures.edits import Edits
from app.figures.paper_figure import PaperFigure
from app.ui.presenting import is_presenting
from core.errors import BranchwiseError
from core.plain_text import sentence

Build = Callable[[Edits], PaperFigure]
_PICTURES = (
    ("SVG", "svg", "image/svg+xml"),
    ("PDF", "pdf", "application/pdf"),
    ("PNG, 300 dpi", "png", "image/png"),
)
_TEXTS = (
    ("Data as CSV", "csv", PaperFigure.csv),
    ("Caption", "txt", PaperFigure.words),
    ("BibTeX", "bib", PaperFigure.bibtex),
)


def figure_menu(
    build: Build, *, key: str, stem: str, tasks: Sequence[str] = (), has_order: bool = False, has_colours: bool = False
) -> None:
    """Show the menu of one figure; nothing is drawn before a file is requested.

    Args:
        build: Returns the figure with what a person changed. Called when a file is requested, outside of the page:
            it reads no session and no URL.
        key: Of the menu on this page.
        stem: Name of the files without their ending.
        tasks: Tasks that the figure names, in index order; empty where it names none.
        has_order: Whether their order can be chosen.
        has_colours: Whether the figure has a colour range.
    """
    if is_presenting():
        return
    edits = current_edits(len(tasks))
    menu = st.popover(
        "Figure for a paper", icon=":material/image:", key=f"{key}_paper", on_change="rerun",
        help="SVG, PDF and PNG with title, units and legend; caption, data and references",
    )  # fmt: skip
    if not menu.open:
        return
    with menu:
        ask_edits(key, tasks, has_order=has_order, has_colours=has_colours)
        left, right = st.columns(2)
        with left:
            for label, ending, mime in _PICTURES:
                _download(label, partial(_picture, build, edits, ending), f"{stem}.{ending}", mime, key)
        with right:
            for label, ending, write in _TEXTS:
                _download(label, partial(_text, build, edits, write), f"{stem}.{ending}", "text/plain", key)


def _download(label: str, data: Callable[[], bytes], filename: str, mime: str, key: str) -> None:
    st.download_button(
        label, data, file_name=filename, mime=mime, icon=":material/download:", on_click="ignore",
        key=f"{key}_paper_{label}", width="stretch",
    )  # fmt: skip


def _picture(build: Build, edits: Edits, ending: str) -> bytes:
    # Matplotlib takes a second to import: only who asks for a picture waits for it.
    from app.figures.rendering import Format, rendered

    return rendered(_built(build, edits), Format(ending))


def _text(build: Build, edits: Edits, write: Callable[[PaperFigure], str]) -> bytes:
    return write(_built(build, edits)).encode()


def _built(build: Build, edits: Edits) -> PaperFigure:
    try:
        return replace(build(edits), note=edits.note)
    except BranchwiseError as fault:
        # The page is drawn already: the file itself says why it holds no figure.
        return PaperFigure("This figure could not be drawn", sentence(str(fault)), ())
