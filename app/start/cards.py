"""The bundled studies as cards: title, question and finding."""

import tomllib
from dataclasses import dataclass
from functools import cache

from app.ui.paths import ASSETS
from core.studies.bundled import bundled_studies, bundled_title

_FILE = ASSETS / "cards.toml"


@dataclass(frozen=True, slots=True)
class Card:
    """What the Start page says of a bundled study, without reading its results.

    Args:
        name: Of the study, as in URLs.
        title: Its title.
        question: What it asks; empty where nobody wrote it down.
        finding: What it found.
    """

    name: str
    title: str
    question: str = ""
    finding: str = ""


@cache
def cards() -> tuple[Card, ...]:
    """Return one card for each bundled study, those with a finding first."""
    written: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    names = bundled_studies()
    ordered = [*(name for name in written if name in names), *(name for name in names if name not in written)]
    return tuple(Card(name, bundled_title(name), **written.get(name, {})) for name in ordered)
