import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BranchwiseError, TableError
from core.plain_text import MOST_LETTERS, printable


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b31m", r"\x9b31m"),
        ("a\rb", r"a\x0db"),
        ("\x07", r"\x07"),
        ("\x00", r"\x00"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("\u200f", r"\u200f"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_a_fault_holds_no_command_of_a_terminal(raw, written):
    assert str(TableError(f'The table holds "{raw}".')) == f'The table holds "{written}".'


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_other_letters_stay(text):
    assert printable(text) == text


def test_a_fault_has_an_end_and_keeps_the_way_out():
    words = str(BranchwiseError(f'Found "{"a" * 10**7}". Choose another name.'))
    assert len(words) <= MOST_LETTERS
    assert words.startswith('Found "aaa')
    assert words.endswith(". Choose another name.")


def test_one_long_word_is_shortened():
    words = str(BranchwiseError(f'Found "{"a" * 900}". Choose another name.'))
    assert len(words) < 250
    assert "…" in words


def test_a_surrogate_can_be_written():
    assert str(BranchwiseError("\udfff")).encode() == rb"\udfff"
