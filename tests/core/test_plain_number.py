import pytest

from core.plain_number import plain_number


@pytest.mark.parametrize(("text", "value"), [("10", 10), (" -1.5e3", -1500), (".5", 0.5), ("1e-3", 0.001)])
def test_numbers_as_people_type_them(text, value):
    assert plain_number(text) == value


@pytest.mark.parametrize("text", ["1_0", "1_000.5", "_1", "ten", "", "1,5"])
def test_what_only_a_program_means_is_no_number(text):
    with pytest.raises(ValueError, match=r"number|convert"):
        plain_number(text)
