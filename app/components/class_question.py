"""A question that a class guesses, with its tally: guesses and tallies need no rerun of the page."""

from collections.abc import Callable, Sequence

from app.components.served import Component

_QUESTION = Component("class_question")


def class_question(
    *,
    key: str,
    question: str,
    options: Sequence[str],
    answer: int,
    revealed: bool,
    on_revealed: Callable[[], None] = lambda: None,
) -> None:
    """Show a question to a class; members guess, the presenter sees the tally and shows the answer.

    The answer is sent to browsers only once it is shown: a member could read it in the page.

    Args:
        key: Key of the component.
        question: Name of the question: letters, digits and hyphens.
        options: Its answers, ten at most, as HTML in which every name is escaped.
        answer: Which of them is right.
        revealed: Whether the presenter has shown the answer: ``app.classroom.guesses.is_revealed``.
        on_revealed: Called in a browser when the presenter shows the answer; the page runs again.
    """
    _QUESTION(
        key=key,
        data={
            "question": question,
            "options": list(options),
            "answer": answer if revealed else None,
        },
        on_revealed_change=on_revealed,
    )
