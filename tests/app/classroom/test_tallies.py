import csv
from datetime import UTC, datetime

from app.classroom.asked import Asked
from app.classroom.store import ClassStore
from app.classroom.tallies import tallies_csv


def test_the_table_holds_counts_and_nobody(tmp_path):
    store = ClassStore(tmp_path / "class.sqlite")
    store.begin("x", datetime.now(UTC))
    assert tallies_csv(store, {}) == ""
    for member, option in (("ann", 0), ("bea", 2), ("cem", 2)):
        store.guess("why-share", member, option)
    store.guess_again("why-share")
    store.guess("why-share", "ann", 1)
    text = tallies_csv(store, {})
    assert not any(name in text for name in ("ann", "bea", "cem"))
    rows = list(csv.DictReader(text.splitlines()))
    assert [[row[name] for name in ("round", "guesses", "A", "B", "C")] for row in rows] == [
        ["1", "3", "1", "0", "2"],
        ["2", "1", "0", "1", "0"],
    ]
    # A question of a lesson stands by its lesson's title, with every answer that it has.
    asked = {"why-share": Asked("1 · Why share?", "Question", 5)}
    last = list(csv.DictReader(tallies_csv(store, asked).splitlines()))[-1]
    assert [last[name] for name in ("lesson", "question", *"ABCDE")] == ["1 · Why share?", "Question", *"01000"]
    store.close()
