"""Tallies of a class as a table: counts of guesses, nothing about who guessed."""

import csv
from collections.abc import Mapping
from io import StringIO

from app.classroom.asked import Asked
from app.classroom.store import MOST_OPTIONS, ClassStore

Row = dict[str, int | str | None]


def tally_rows(store: ClassStore, asked: Mapping[str, Asked]) -> list[Row]:
    """Return one row per question and round: how many guessed each option; None where a question has fewer of them.

    Args:
        store: Of the class.
        asked: Name → question; one that is not in it, as after a lesson was renamed, stands by its name.
    """
    counted = [
        (asked.get(name) or Asked("", name, 0), round_, each.revealed, store.tally(name, round_))
        for name, each in store.questions().items()
        for round_ in range(1, each.round + 1)
    ]
    width = min(MOST_OPTIONS, max((max(len(counts), known.n_options) for known, *_, counts in counted), default=0))
    return [
        {
            "lesson": known.lesson,
            "question": known.step,
            "round": round_,
            "answer shown": "yes" if revealed else "no",
            "guesses": sum(counts),
            **{chr(65 + option): _count(counts, option, known.n_options) for option in range(width)},
        }
        for known, round_, revealed, counts in counted
    ]


def _count(counts: tuple[int, ...], option: int, n_options: int) -> int | None:
    if option < len(counts):
        return counts[option]
    return 0 if option < n_options or n_options == 0 else None


def tallies_csv(store: ClassStore, asked: Mapping[str, Asked]) -> str:
    """Return the tallies as CSV.

    Args:
        store: Of the class.
        asked: Name → question; one that is not in it, as after a lesson was renamed, stands by its name.
    """
    rows = tally_rows(store, asked)
    if not rows:
        return ""
    text = StringIO()
    # Numbers of lessons and names of questions begin with a letter or a digit: no spreadsheet takes one for a formula.
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
