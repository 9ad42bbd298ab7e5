"""The pass-phrase of a class: a few short words that are said aloud and typed on a phone."""

import hmac
import re
import secrets
from functools import cache
from typing import Final

from app.ui.paths import ASSETS

N_WORDS: Final = 3
_LONGEST: Final = 100


def new_phrase() -> str:
    """Return a pass-phrase that nobody can guess.

    Three of 256 words are one of 16.8 million phrases, of which all addresses together may try 1100 a minute, one a few
    thousand in a class.
    """
    return "-".join(secrets.choice(words()) for _ in range(N_WORDS))


@cache
def words() -> tuple[str, ...]:
    """Return short words that are easily told apart."""
    return tuple((ASSETS / "pass-phrase-words.txt").read_text(encoding="ascii").split())


def same_phrase(given: str, phrase: str) -> bool:
    """Return whether somebody gave the pass-phrase, in time that does not depend on how much of it is right.

    Capitals and what stands between the words don't matter.

    >>> same_phrase(" Maple lamp  RIVER", "maple-lamp-river"), same_phrase("maple-lamp", "maple-lamp-river")
    (True, False)
    """
    return hmac.compare_digest(_plain(given).encode(errors="replace"), _plain(phrase).encode())


def _plain(phrase: str) -> str:
    return "-".join(re.findall(r"\w+", phrase[:_LONGEST].lower().replace("_", " ")))
