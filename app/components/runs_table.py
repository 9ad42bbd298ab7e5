"""A table of runs, refreshed in place, in which runs are chosen by mouse or keyboard."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from app.components.served import Component

_TABLE = Component("runs_table")
# What a browser may send: more is not from the table, and SQLite takes no longer lists.
_MOST_KEYS = 10_000
_LONGEST_KEY = 64
_MOST_CHOICES = 2**53
_WORDS = {
    "table": "Runs with state, progress, loss and time",
    "all": "Choose all runs of this page",
    "chosen": "Chosen",
    "none": "No run chosen.",
    "remove": "Remove",
    "csv": "Download CSV",
    "file": "runs.csv",
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the table shows it.

    Args:
        key: Of the run; what is chosen are keys.
        label: What the run is called where it is chosen.
        state: In words, with a mark.
        run: What is trained, without its seed.
        seed: Or empty.
        progress: Percent, 0 to 100.
        loss: Last training loss, or empty.
        time: Duration so far, or empty.
        study: Name of its study.
        meaning: How far it is, or what its state means.
    """

    key: str
    label: str
    state: str
    run: str
    seed: str
    progress: float
    loss: str
    time: str
    study: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table.

    Args:
        name: Of the field of ``RunRow``.
        label: What stands above it.
        help: Tooltip, or empty.
    """

    name: str
    label: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen runs.

    Args:
        keys: In the order in which they were chosen.
        count: Number of choices the browser has made so far; an older choice never replaces a newer one.
    """

    keys: tuple[str, ...] = ()
    count: int = 0


def runs_table(
    *,
    key: str,
    view: str,
    rows: Sequence[RunRow],
    more: Sequence[RunRow],
    columns: Sequence[Column],
    choice: Choice,
    on_choice: Callable[[], None],
) -> None:
    """Show the table.

    Args:
        key: Of the component; its state has ``chosen``, which ``choice_of`` reads.
        view: Says which list and page it is; a new one drops the held order of rows.
        rows: Of this page, in their order.
        more: Runs that stood here a moment ago or are chosen elsewhere: known, not listed.
        columns: From left to right.
        choice: As the server knows it.
        on_choice: Called when another set of runs is chosen.
    """
    data = {
        "view": view,
        "rows": [asdict(row) for row in rows],
        "more": [asdict(row) for row in more],
        "columns": [asdict(column) for column in columns],
        "chosen": asdict(choice),
        "words": _WORDS,
    }
    _TABLE(key=key, data=data, on_chosen_change=on_choice)


def choice_of(state: Mapping[str, object] | None) -> Choice:
    """Return the choice in the state of the component; the empty one where there is none.

    Args:
        state: What the session keeps under the component's key. It comes from a browser, so nothing is taken on trust.
    """
    chosen = None if state is None else state.get("chosen")
    if not isinstance(chosen, Mapping):
        return Choice()
    keys, count = chosen.get("keys"), chosen.get("count")
    if not isinstance(keys, list) or not isinstance(count, int) or not 0 <= count < _MOST_CHOICES:
        return Choice()
    usable = (each for each in keys if isinstance(each, str) and each.isascii() and len(each) <= _LONGEST_KEY)
    return Choice(tuple(islice(dict.fromkeys(usable), _MOST_KEYS)), count)
