"""What is multi-task learning about, in lessons made of this tool's own figures?"""

from app.learn.address import number
from app.learn.lesson import show_lesson, show_notes
from app.learn.lesson_list import show_list
from app.lessons.catalogue import lesson, lessons
from app.ui.page_frame import page_head, show_errors

with show_errors():
    chosen = lesson(number("lesson", 0, 9))
    if chosen is None:
        page_head("Learn", "What should tasks share, and how does one find out? Lessons with figures to play with.")
        show_list(lessons())
    elif number("notes", 0, 1):
        show_notes(chosen)
    else:
        show_lesson(chosen, number("step", 1, len(chosen.steps)) - 1)
