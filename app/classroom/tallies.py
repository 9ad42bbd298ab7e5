"""Tallies of a class as a table: counts of guesses, nothing about who guessed."""

import csv
from io import StringIO

from app.classroom.store import MOST_OPTIONS, ClassStore

Row = dict[str, int | str]


def tally_rows(store: ClassStore) -> list[Row]:
    """Return one row per question and round: how many guessed each option, as far as any question has options.

    Args:
        store: Of the class.
    """
    counted = [
        (name, round_, each.revealed, store.tally(name, round_))
        for name, each in store.questions().items()
        for round_ in range(1, each.round + 1)
    ]
    width = min(MOST_OPTIONS, max((len(counts) for *_, counts in counted), default=0))
    return [
        {
            "question": name,
            "round": round_,
            "answer shown": "yes" if revealed else "no",
            "guesses": sum(counts),
            **{chr(65 + option): counts[option] if option < len(counts) else 0 for option in range(width)},
        }
        for name, round_, revealed, counts in counted
    ]


def tallies_csv(store: ClassStore) -> str:
    """Return the tallies as CSV.

    Args:
        store: Of the class.
    """
    rows = tally_rows(store)
    if not rows:
        return ""
    text = StringIO()
    # Names of questions begin with a letter or a digit: no spreadsheet takes one for a formula.
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
