"""One lesson, step by step."""

from contextlib import nullcontext
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.classroom.guesses import is_member_of_class, is_shown_to_class
from app.components.class_prose import class_prose
from app.components.step_keys import step_keys
from app.learn.address import set_number
from app.learn.figures import show_figure
from app.learn.guess import is_open, prose_width, show_choice
from app.lessons.catalogue import lesson as lesson_of
from app.lessons.catalogue import values_of
from app.lessons.document import GO_ON, NOTES, TAKEAWAYS, FigureMark, Folded, Lesson, Section, Step
from app.lessons.prose import markdown, prose_html
from app.lessons.static_page import notes_markdown, notes_name
from app.ui.page_frame import page_head
from app.ui.paths import PAGES
from app.ui.presenting import is_presenting

_KEYS = "lesson_keys"


def show_lesson(lesson: Lesson, at: int) -> None:
    """Show a step of a lesson.

    Args:
        lesson: The lesson.
        at: Which step, counted from 0.
    """
    steps, values = lesson.steps, dict(values_of(lesson))
    at = _reached(lesson, at)
    step = steps[at]
    if is_presenting():
        # A room sees the section; where it stands in the lesson is side matter.
        st.title(step.title, anchor=False)
    else:
        with st.container(gap="xsmall"):
            page_head(f"{lesson.head.number} · {lesson.head.title}", lesson.head.teaser)
            _progress(lesson, at)
    with st.container(key="lesson-step"):
        _show_step(lesson, at, values)
    _turn(lesson, step, at)
    opened = step.choice is not None and is_open(lesson.question_id(at))
    step_keys(at, len(steps) - 1, opened=opened, key=_KEYS, on_go=lambda: _by_key(len(steps)))


def _show_step(lesson: Lesson, at: int, values: dict[str, str]) -> None:
    step, question = lesson.steps[at], lesson.question_id(at)
    # A room has to see a question, its figures and all of its options at once.
    beside = step.choice is not None and is_presenting()
    text, other = st.columns([3, 2], gap="large") if beside else (st.container(), st.container())
    has_figures = any(section.figures for section in step.sections)
    figures, options = (other, text) if beside and has_figures else (None, other)
    with text:
        for section in step.sections:
            _show_section(lesson, at, section, values, figures)
    if step.choice is None:
        return
    with options:
        show_choice(question, step.choice, values, figures)
    if is_open(question):
        with st.container(key="lesson-answer"):
            for section in step.hidden:
                _show_section(lesson, at, section, values)


def _reached(lesson: Lesson, at: int) -> int:
    """Return the step that is shown: for a member of a class, none after a question whose answer is not shown."""
    if not is_member_of_class():
        return at
    waiting = (n for n, step in enumerate(lesson.steps) if step.choice and not is_open(lesson.question_id(n)))
    first = next(waiting, at)
    if first >= at:
        return at
    st.info("The lesson goes on when the presenter has shown the answer to this question.", width=prose_width())
    return first


def show_notes(lesson: Lesson) -> None:
    """Show what a teacher should know of a lesson.

    Args:
        lesson: The lesson.
    """
    if is_member_of_class():
        st.info("In a class only the presenter sees the notes for teachers.", width=prose_width())
        st.button("To the lesson", icon=":material/arrow_back:", on_click=set_number, args=("notes", 0, 0))
        return
    values = dict(values_of(lesson))
    page_head(f"{lesson.head.number} · {lesson.head.title}: notes for teachers", lesson.head.teaser)
    with st.container(width=prose_width()):
        for part in lesson.notes.parts:
            if isinstance(part, str):
                st.markdown(markdown(part, values))
    with st.container(horizontal=True):
        st.download_button(
            "Notes as Markdown",
            notes_markdown(lesson),
            file_name=notes_name(lesson),
            mime="text/markdown",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button("To the lesson", icon=":material/arrow_back:", on_click=set_number, args=("notes", 0, 0))


def _show_section(
    lesson: Lesson, at: int, section: Section, values: dict[str, str], figures: DeltaGenerator | None = None
) -> None:
    """Show a section; its figures elsewhere where a place is given."""
    # A room has the title above already.
    has_title = not (is_presenting() and section.title == lesson.steps[at].title)
    if has_title:
        with st.container(gap=None):
            st.header(section.title, anchor=False)
            if is_shown_to_class():
                class_prose(f"<h2>{escape(section.title)}</h2>", key=f"title-{lesson.slug}-{section.title}")
    for number, part in enumerate(section.parts):
        if isinstance(part, FigureMark):
            with figures or nullcontext():
                show_figure(lesson, part.name)
        else:
            # Without a gap: what only followers see takes no room here.
            with st.container(width=prose_width(), gap=None):
                if isinstance(part, Folded):
                    with st.expander(markdown(part.label, values)):
                        st.markdown(markdown(part.prose, values))
                else:
                    st.markdown(markdown(part, values))
                if is_shown_to_class():
                    class_prose(prose_html(part, values), key=f"prose-{lesson.slug}-{section.title}-{number}")
    if section.title == GO_ON:
        for link in lesson.head.go_on:
            st.page_link(
                PAGES / f"{link.page}.py", label=link.label, icon=":material/arrow_forward:", query_params=link.query
            )


def _progress(lesson: Lesson, at: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="lesson-steps"):
        st.button("All lessons", icon=":material/menu_book:", type="tertiary", on_click=open_lesson, args=(0,))
        words = f"Step {at + 1} of {len(lesson.steps)} · about {lesson.head.minutes} minutes in all"
        st.progress((at + 1) / len(lesson.steps), f":small[{words}]")


def _turn(lesson: Lesson, step: Step, at: int) -> None:
    """Offer the steps before and after, and at the end the next lesson."""
    last = len(lesson.steps) - 1
    waits = step.choice is not None and not is_open(lesson.question_id(at))
    with st.container(horizontal=True, gap="small"):
        st.button("Back", icon=":material/arrow_back:", disabled=at == 0, on_click=_go, args=(at - 1,))
        if at < last:
            following = lesson.steps[at + 1].title
            st.button(
                f"Next: {following}",
                icon=":material/arrow_forward:",
                icon_position="right",
                type="secondary" if waits else "primary",
                on_click=_go,
                args=(at + 1,),
            )
        elif after := lesson_of(lesson.head.number + 1):
            st.button(
                f"Lesson {after.head.number}: {after.head.title}",
                icon=":material/arrow_forward:",
                icon_position="right",
                type="primary",
                on_click=open_lesson,
                args=(after.head.number,),
            )
        if step.title == TAKEAWAYS:
            st.button(NOTES, icon=":material/school:", type="tertiary", on_click=set_number, args=("notes", 1, 0))


def open_lesson(number: int) -> None:
    """Open a lesson at its beginning; 0 is the list of all.

    Args:
        number: Of the lesson.
    """
    set_number("lesson", number, 0)
    set_number("step", 1, 1)
    set_number("notes", 0, 0)


def _go(at: int) -> None:
    set_number("step", at + 1, 1)


def _by_key(n_steps: int) -> None:
    """Go where a key leads; what the browser sends is checked."""
    found = getattr(st.session_state.get(_KEYS), "go", None)
    if isinstance(found, int | float) and not isinstance(found, bool) and found in range(n_steps):
        _go(int(found))
