import ast
from pathlib import Path

import pytest

from app.ui.glossary import all_terms, explain, explain_options
from app.ui.paths import PAGES, ROOT

SOURCES = [*sorted((ROOT / "app").rglob("*.py")), *sorted(PAGES.glob("*.py"))]


def asked_for(path: Path) -> set[str]:
    """Give the terms a file asks the glossary for; a term that is computed is listed by where it stands."""
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "explain"
    ]
    return {
        arg.value if isinstance(arg, ast.Constant) else f"{path}:{arg.lineno}" for call in calls for arg in call.args
    }


def test_the_glossary_has_every_term_a_page_explains():
    used = set().union(*map(asked_for, SOURCES))
    assert len(used) > 15
    assert used <= set(all_terms())


def test_every_term_is_explained_in_one_short_sentence():
    for term, sentence in all_terms().items():
        assert sentence.endswith("."), term
        assert ". " not in sentence.rstrip(".") or len(sentence) < 220, term
        assert 20 < len(sentence) < 260, term
        assert explain(term) == sentence


def test_several_terms_are_paragraphs_of_one_tooltip():
    first, second = explain("front", "budget").split("\n\n")
    # Each begins with its name: those whose sentence has one already, and those that have none.
    assert first.startswith("**Pareto front**: Layouts for which")
    assert second == f"**Budget**: {all_terms()['budget']}"


def test_options_are_explained_under_their_own_names_and_in_their_order():
    shown = explain_options({"Layouts": "layout", "Something": "", "Single tasks": "baseline"}).split("\n\n")
    assert [line.split("**")[1] for line in shown] == ["Layouts", "Single tasks"]
    assert shown[1].startswith("**Single tasks**: A network trained for one task alone")


def test_an_unknown_term_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        explain("nonsense")


def test_the_words_a_student_meets_first_are_there():
    first = {"delta", "macs", "branch point", "front", "svde", "uniform", "paper", "bootstrap", "noise ceiling"}
    assert first <= set(all_terms())
