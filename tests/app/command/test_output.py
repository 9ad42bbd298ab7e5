import pytest

from app.command.output import aligned, duration, number, percent, say


def test_columns_are_as_wide_as_their_widest_cell():
    lines = aligned(["a", "name"], [["1", "x"], ["100", "longer"]], left=[1]).splitlines()
    assert lines == ["  a  name", "  1  x", "100  longer"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (9000, "2 h 30 min"),
    ],
)
def test_durations_have_at_most_two_units(seconds, text):
    assert duration(seconds) == text


def test_figures():
    assert number(1234567.0) == "1,234,567"
    assert number(0.5) == "0.500"
    assert percent(1.5) == "+1.500 %"
    assert percent(-0.25) == "-0.250 %"


def test_lines_for_people_hold_no_command_of_a_terminal(capsys):
    say("task \x1b]0;owned\x07 and \u202edepth")
    assert capsys.readouterr().out == "task \\x1b]0;owned\\x07 and \\u202edepth\n"
