"""Explanations of terms, from ``assets/glossary.toml``."""

import tomllib
from functools import cache

from app.ui.paths import ASSETS


def explain(*terms: str) -> str:
    """Return the explanations of some terms, as a tooltip.

    Raises:
        KeyError: A term is not in the glossary.
    """
    return "\n\n".join(all_terms()[term] for term in terms)


@cache
def all_terms() -> dict[str, str]:
    """Return term → explanation."""
    terms: dict[str, str] = tomllib.loads((ASSETS / "glossary.toml").read_text(encoding="utf-8"))["terms"]
    return terms
