"""Explanations of terms, from ``assets/glossary.toml``."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache

from app.ui.paths import ASSETS

# What a sentence of the glossary begins with where its term has another name on the screen.
_NAME = re.compile(r"([^.:]{1,40}): ")


def explain(*terms: str) -> str:
    """Return the explanations of some terms, as a tooltip; each of several begins with its name.

    Raises:
        KeyError: A term is not in the glossary.
    """
    if len(terms) == 1:
        return all_terms()[terms[0]]
    return "\n\n".join(_named(term) for term in terms)


def explain_options(options: Mapping[str, str]) -> str:
    """Return the explanations of the options of a control, as a tooltip in their order.

    Args:
        options: Label of an option → term that explains it; empty for one that needs no explanation.

    Raises:
        KeyError: A term is not in the glossary.
    """
    return "\n\n".join(f"**{label}**: {_unnamed(term)}" for label, term in options.items() if term)


def _named(term: str) -> str:
    found = _NAME.match(all_terms()[term])
    return f"**{found[1] if found else term[0].upper() + term[1:]}**: {_unnamed(term)}"


def _unnamed(term: str) -> str:
    sentence = _NAME.sub("", all_terms()[term], count=1) if _NAME.match(all_terms()[term]) else all_terms()[term]
    return sentence[0].upper() + sentence[1:]


@cache
def all_terms() -> dict[str, str]:
    """Return term → explanation."""
    terms: dict[str, str] = tomllib.loads((ASSETS / "glossary.toml").read_text(encoding="utf-8"))["terms"]
    return terms
