"""The list of all lessons, as cards."""

import streamlit as st

from app.learn.lesson import open_lesson
from app.lessons.document import Lesson
from app.ui.formatting import plural

_CARD_PIXELS = 300


def show_list(lessons: tuple[Lesson, ...]) -> None:
    """Show every lesson with its question.

    Args:
        lessons: By number.
    """
    grid = st.grid(min(4, len(lessons)), min_column_width=_CARD_PIXELS, gap="medium", border=True)
    for lesson in lessons:
        head = lesson.head
        with grid.cell(), st.container(key=f"lesson-card-{head.number}"):
            st.markdown(f"**{head.number} · {head.title}**")
            st.markdown(head.teaser)
            st.caption(plural(head.minutes, "minute"))
            st.button(
                f"Open lesson {head.number}",
                key=f"open-{head.number}",
                icon=":material/arrow_forward:",
                icon_position="right",
                on_click=open_lesson,
                args=(head.number,),
            )
