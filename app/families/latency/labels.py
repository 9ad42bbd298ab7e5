"""Labels of measurements of latency."""

from collections.abc import Mapping
from typing import Final

from app.families.labels import Words
from core.runs.label import RunLabel


def latency_words(label: RunLabel) -> str:
    """Return the blocks of how many networks are timed, and how often.

    >>> latency_words(RunLabel("latency", details={"backbone": "small-residual", "networks": 10, "repeats": 200}))
    'Latency of the blocks of small-residual and 9 variants, 200 turns'
    """
    found = label.details
    others = int(found["networks"]) - 1
    more = f" and {others} variant{'' if others == 1 else 's'}" if others else ""
    return f"Latency of the blocks of {found['backbone']}{more}, {found['repeats']} turns"


WORDS: Final[Mapping[str, Words]] = {"latency": latency_words}
