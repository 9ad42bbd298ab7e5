import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.formatting import amount, budget_share, compared, cost_share, count, escape, listed, percent, seconds, share
from core.costs import Unit
from core.layouts.counting import count_layouts

SUFFIXES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
finite = st.floats(-1e6, 1e6)


@given(finite, st.integers(0, 3))
def test_a_percentage_shows_the_rounded_value_and_its_sign(value, digits):
    text = percent(value, digits)
    number = re.fullmatch(r"([+−]?)(\d+(?:\.\d+)?) %", text)
    assert number
    read = float(number[2]) * (-1 if number[1] == "−" else 1)
    assert read == pytest.approx(value, abs=0.5 * 10**-digits + 1e-6)
    # A zero has no sign, everything else has one.
    assert bool(number[1]) == (read != 0)


def test_what_is_not_known_is_a_dash():
    assert percent(math.nan) == "–"


@given(st.floats(0, 10))
def test_a_share_is_right_to_the_digits_it_shows(fraction):
    text = share(fraction)
    assert float(text.removesuffix(" %")) == pytest.approx(100 * fraction, abs=0.5 if fraction >= 0.1 else 0.05)


@given(st.floats(0, 10))
def test_a_cost_has_no_decimal_only_where_it_is_whole(fraction):
    text = cost_share(fraction).removesuffix(" %")
    assert float(text) == pytest.approx(100 * fraction, abs=0.05 + 1e-9)
    assert ("." in text) == (abs(100 * fraction - round(100 * fraction)) > 1e-9 * round(100 * fraction))


def test_a_cost_over_a_budget_has_the_digits_that_show_it():
    cases = json.loads((Path(__file__).parents[2] / "browser_code" / "cost_words.json").read_text(encoding="utf-8"))
    assert [cost_share(case["cost"], case["budget"]) for case in cases] == [case["words"] for case in cases]
    assert cost_share(0.74, 0.74) == "74 %"
    assert cost_share(0.1 + 0.2, 0.3) == "30 %"


@given(st.integers(1, 10_000))
def test_a_budget_is_written_as_it_is(hundredths):
    text = budget_share(hundredths / 10_000)
    assert float(text.removesuffix(" %")) == hundredths / 100


def test_a_budget_of_too_many_decimals_is_rounded_as_in_the_browser():
    cases = json.loads((Path(__file__).parents[2] / "browser_code" / "budget_words.json").read_text(encoding="utf-8"))
    assert [budget_share(case["budget"]) for case in cases] == [case["words"] for case in cases]


@given(st.floats(1e-9, 9e14), st.sampled_from([Unit.PARAMETERS, Unit.MACS, Unit.BYTES]))
def test_an_amount_reads_back_and_has_at_most_four_digits(value, unit):
    text = amount(value, unit)
    number, _, suffix = text.partition(" ")
    letters = suffix.removesuffix("B") if unit is Unit.BYTES else suffix
    assert float(number) * SUFFIXES[letters] == pytest.approx(value, rel=0.006)
    assert value < 1e-3 or ("e" not in number and len(number.replace(".", "").lstrip("0")) <= 4)


@given(st.floats(1e-6, 999))
def test_a_latency_reads_back(value):
    number, _, unit = amount(value, Unit.LATENCY).partition(" ")
    assert float(number) * {"ms": 1e-3, "s": 1.0}[unit] == pytest.approx(value, rel=0.006)
    assert value < 1e-5 or "e" not in number


@pytest.mark.parametrize(("value", "text"), [(999_999, "1 M"), (999_499, "999 k"), (1e12 - 1, "1 T")])
def test_an_amount_just_below_a_scale_moves_up(value, text):
    assert amount(value, Unit.PARAMETERS) == text


@given(st.integers(0, 999 * 10**12))
def test_a_count_reads_back(value):
    text = count(value)
    number, _, word = text.partition(" ") if text[-1].isalpha() else (text.replace(" ", ""), "", "")
    scale = {"": 1, "million": 10**6, "billion": 10**9, "trillion": 10**12}[word]
    assert "e" not in number
    assert float(number) * scale == pytest.approx(value, rel=0.006 if word else 0)


@pytest.mark.parametrize(("value", "text"), [(51, "51"), (7556, "7 556"), (999_999_999, "1 billion")])
def test_small_counts_are_exact_and_round_ones_move_up(value, text):
    assert count(value) == text


def test_the_largest_number_of_layouts_can_be_written():
    assert re.fullmatch(r"\d\.\d\de\+\d+", count(count_layouts(40, 64)))


@pytest.mark.parametrize(("value", "text"), [(0.4, "0 s"), (89.4, "89 s"), (600, "10 min"), (7200, "2.0 h")])
def test_durations(value, text):
    assert seconds(value) == text


def read_by_markdown(escaped: str) -> str:
    return re.sub(r"\\([!-/:-@[-`{-~])", r"\1", escaped)


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"])))
def test_escaped_text_is_the_text_once_the_backslashes_are_read(text):
    assert read_by_markdown(escape(text)).replace("\u2060", "").replace("\u00a0", " ") == text


# What Streamlit's page looks for in text that Markdown has read already, word for word from its browser code.
FOUND_LATER = [
    re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE | re.ASCII),
    re.compile(r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)", re.ASCII),
    re.compile(r":\+1:|:-1:|:[\w-]+:", re.ASCII),
    re.compile(r":material[/_](\w+):", re.ASCII),
    re.compile(r":streamlit:"),
    re.compile(r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)"),
]
LINKS = [
    "www.evil.example", "WWW.evil.example", "x www.evil.example/a?b", "a@b.example", "mailto:a@b.example",
    "xmpp:a@b.example", "http://evil.example", "HTTPS://evil.example", "(https://evil.example)", ":smile:", ":+1:",
    ":-1:", ":100:", ":material/home:", ":material_home:", ":streamlit:", "a -> b", "->", "a <-> b", "a -- b",
    "a >= b", "a <= b", "a ~= b", "a <- b",
]  # fmt: skip


@pytest.mark.parametrize("name", LINKS)
def test_a_name_is_no_link_no_emoji_no_icon_and_no_arrow(name):
    assert any(pattern.search(name) for pattern in FOUND_LATER)
    shown = read_by_markdown(escape(name))
    assert not any(pattern.search(shown) for pattern in FOUND_LATER)
    assert shown.replace("\u2060", "") == name


@given(st.lists(st.sampled_from([*LINKS, ":", "w", "/", "@", "-", ">", " ", "smile"])).map("".join))
def test_no_join_of_such_names_is_one(name):
    assert not any(pattern.search(read_by_markdown(escape(name))) for pattern in FOUND_LATER)


@pytest.mark.parametrize("name", ["    code", "\tcode", "a\n\n    code", "a\n==="])
def test_lines_of_a_name_are_no_code_and_no_heading(name):
    assert not re.search(r"^( {4}|\t|=)", escape(name), re.MULTILINE)


def test_what_turns_the_direction_of_a_name_is_written_out():
    assert escape("a\u202eb\x1b") == r"a\\u202eb\\x1b"


@pytest.mark.parametrize(
    "mark", ["*a*", "_a_", ":red[a]", "$a$", "`a`", "[a](b)", "~a~", ":smile:", "<b>", "# a", "a|b"]
)
def test_no_mark_of_markdown_is_left_bare(mark):
    assert re.sub(r"\\.", "", escape(mark)).replace("\u2060", "").strip(" ab") in ("", "red", "smile", "red a", "ed")


def test_names_in_a_sentence():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_compared_gains_subtract_as_written_and_round_to_what_is_shown_elsewhere(one: float, other: float) -> None:
    numbers = [float(text.removesuffix(" %").replace("−", "-")) for text in compared(one, other)[:2]]
    apart = compared(one, other)[2]
    assert f"{abs(numbers[0] - numbers[1]):.{len(apart.partition('.')[2])}f}" == apart
    if abs(one - other) > 0.001:
        assert float(apart) > 0


def test_compared_gains_round_to_what_is_shown_elsewhere() -> None:
    for one, other in ((0.679, 0.548), (0.82, 0.76), (1.0496, 0.4), (-1.65, -1.95), (2.0, 2.04)):
        for text, value in zip(compared(one, other), (one, other), strict=False):
            again = percent(float(text.removesuffix(" %").replace("−", "-")))
            assert again == percent(value)


def test_a_half_is_rounded_away_from_zero() -> None:
    assert [percent(value) for value in (-1.65, -1.95, 1.65, 0.05, -0.05, 0.15)] == [
        "−1.7 %", "−2.0 %", "+1.7 %", "+0.1 %", "−0.1 %", "+0.2 %",
    ]  # fmt: skip
