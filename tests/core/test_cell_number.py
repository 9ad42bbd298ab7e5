import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cell_number import AmbiguousNumberError, decimal_marks, means_nothing, number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.2", 1.2),
        (" 1.2 ", 1.2),
        ("1.2 %", 1.2),
        ("1.2%", 1.2),
        ("1,2\u00a0%", 1.2),
        ("-0,8 %", -0.8),
        ("−0.8", -0.8),
        ("–0.8", -0.8),
        ("+0.8", 0.8),
        (".5", 0.5),
        ("0,123", 0.123),
        ("-0.123", -0.123),
        ("1.234", 1.234),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u202f234.5", 1234.5),
        ("1'234.5", 1234.5),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1e-3", 1e-3),
        ("1,5e-3", 1.5e-3),
        ("inf", float("inf")),
        ("-∞", float("-inf")),
    ],
)
def test_numbers_as_people_write_them(text, number):
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "1.2.3",
        "1,2,3",
        "1,23.4",
        "12.34,5",
        "%",
        "1%%",
        "--1",
        "1-",
        "(1.2)",
        "TRUE",
        "1/2",
        "2026-01-01",
        "0x1",
        "1_000",
        "٣",
        ",",
        ".",
        "e5",
        "1.2kg",
        "1 2",
        "% 1",
        "1.2 % %",
        "1 234 5",
        "1 234'567",
    ],
)
def test_what_is_no_number(text):
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [("1,234", ",", 1.234), ("1,234", ".", 1234), ("1.234", ".", 1.234), ("1.234", "", 1.234), ("2.5", ",", 2.5)],
)
def test_the_other_cells_tell_what_a_mark_before_three_digits_means(text, decimal, number):
    assert number_of(text, decimal=decimal) == number


@pytest.mark.parametrize(("text", "decimal"), [("1,234", ""), ("1,234", ",."), ("1.234", ","), ("-1.234 %", ",.")])
def test_a_number_that_means_two_is_not_guessed(text, decimal):
    with pytest.raises(AmbiguousNumberError, match=r"1\.234 or -?1234"):
        number_of(text, decimal=decimal)


@pytest.mark.parametrize("text", ["", "  ", "NaN", "nan", "n/a", "N/A", "NA", "#N/A", "None", "null", "-", "–", "—"])
def test_texts_that_say_there_is_no_number(text):
    assert means_nothing(text)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["", " %", "%"]))
def test_every_number_that_is_written_with_a_point_is_read_back(number, percent):
    assert number_of(f"{number!r}{percent}", decimal=".") == number


@given(st.floats(-1e6, 1e6))
def test_every_number_that_is_written_with_a_comma_is_read_back(number):
    text = f"{number:.4f}".replace(".", ",")
    assert number_of(text, decimal=",") == float(f"{number:.4f}")


@given(st.text(max_size=12), st.sampled_from(["", ",", ".", ",."]))
def test_any_text_is_a_number_or_none_or_two(text, decimal):
    try:
        assert isinstance(number_of(text, decimal=decimal), float | None)
    except AmbiguousNumberError as fault:
        assert " or " in str(fault)  # noqa: PT017
    assert set(decimal_marks([text])) <= set(",.")


def test_semicolons_make_a_comma_before_three_digits_decimal():
    assert decimal_marks(["1,234", "12"], comma_likely=True) == ","
    assert decimal_marks(["1,234", "12"]) == ""
    assert decimal_marks(["1,234", "1.5"], comma_likely=True) == "."
