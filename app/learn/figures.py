"""Figures of lessons on a page of the dashboard: they move in the browser and never run the page again."""

from collections.abc import Sequence
from functools import cache
from html import escape as html_escape

import streamlit as st

from app.classroom.guesses import is_shown_to_class
from app.components.class_prose import class_prose
from app.components.drawing import drawing
from app.components.served import Component
from app.learn.guess import prose_width
from app.lessons.catalogue import figure
from app.lessons.document import Lesson
from app.lessons.figure import Interactive, Rows, Still
from app.lessons.table import table_html
from app.ui.formatting import escape


def show_figure(lesson: Lesson, name: str) -> None:
    """Show a figure of a lesson.

    Args:
        lesson: The lesson.
        name: Of the figure.
    """
    found = figure(lesson, name)
    key = f"lesson-{lesson.slug}-{name}".replace("-", "_")
    with st.container(gap="small"):
        match found:
            case Interactive(component, data):
                _component(component)(key=key, data={"component": component, "data": dict(data)})
            case Still(svg, narrow=narrow):
                with st.container(width=prose_width()):
                    drawing([narrow, svg] if narrow else svg, key=key)
            case Rows(columns, rows):
                _table(columns, rows)
        with st.container(gap=None):
            if found.caption:
                st.caption(escape(found.caption))
            # Components are followed as they are; a table and a caption are not.
            below = (table_html(found) if isinstance(found, Rows) else "") + _caption_html(found.caption)
            if below and is_shown_to_class():
                class_prose(below, key=f"{key}_below")


def _caption_html(caption: str) -> str:
    return f'<p class="quiet">{html_escape(caption)}</p>' if caption else ""


@cache
def _component(name: str) -> Component:
    return Component(name, alone=True)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(map(escape, cells))} |"

    rule = "|".join(["---", *("--:" for _ in columns[1:])])
    st.markdown("\n".join([line(columns), f"|{rule}|", *map(line, rows)]))
