"""A question that a class guesses, with its tally: guesses and tallies need no rerun of the page."""

from collections.abc import Callable, Sequence

from app.components.served import Component

_QUESTION = Component("class_question")


def class_question(
    *,
    key: str,
    question: str,
    text: str,
    options: Sequence[str],
    answer: int,
    explanation: str = "",
    revealed: bool,
    on_revealed: Callable[[], None] = lambda: None,
) -> None:
    """Show a question to a class; members guess, the presenter sees the tally and shows the answer.

    The answer is sent to browsers only once it is shown: a member could read it in the page.

    Args:
        key: Key of the component.
        question: Name of the question: letters, digits and hyphens.
        text: The question.
        options: Its answers, ten at most.
        answer: Which of them is right.
        explanation: Shown with the answer.
        revealed: Whether the presenter has shown the answer: ``app.classroom.guesses.is_revealed``.
        on_revealed: Called in a browser when the presenter shows the answer; the page runs again.
    """
    _QUESTION(
        key=key,
        data={
            "question": question,
            "text": text,
            "options": list(options),
            "answer": answer if revealed else None,
            "explanation": explanation if revealed else "",
        },
        on_revealed_change=on_revealed,
    )
