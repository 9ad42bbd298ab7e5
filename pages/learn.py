"""What is multi-task learning about, in lessons made of this tool's own figures?"""

from app.learn.address import number
from app.learn.lesson import open_lesson, show_lesson, show_notes
from app.learn.lesson_list import show_list
from app.lessons.catalogue import lesson, lessons
from app.ui.page_frame import how_computed, page_head, show_errors

NOTE = """
Every number in a lesson is computed from what the bundled studies measured, by the same functions that the other pages
use, or is taken from a paper, whose table is then named. Figures are those of the other pages. Guesses stay in this
browser's session; in a class they are counted without names.
"""

with show_errors():
    chosen = lesson(number("lesson", 0, len(lessons())))
    if chosen is None:
        open_lesson(0)
        page_head("Learn", "What should tasks share, and how does one find out?")
        show_list(lessons())
    elif number("notes", 0, 1):
        show_notes(chosen)
    else:
        show_lesson(chosen, number("step", 1, len(chosen.steps)) - 1)
how_computed(NOTE)
