"""``branchwise virtual``: orders, totals and densities, and the parameters of plain networks."""

import json

import pytest
from click.testing import CliRunner, Result

from app.command.virtual import virtual
from core.errors import BranchwiseError


def run(*words: str) -> Result:
    return CliRunner().invoke(virtual, words)


def test_orders_totals_grid_and_densities_are_one_document() -> None:
    found = json.loads(run("--tasks", "3", "--units", "3", "--base", ".25", "--json").output)
    assert found == {
        "orders": [[0, 1, 2], [1, 0, 2], [2, 1, 0]],
        "unit_totals": [6, 7, 5],
        "grid": [[6, 5, 3], [5, 7, 4], [3, 4, 5]],
        "densities": [0.25, 0.5625, 1.0],
    }
    cyclic = json.loads(run("--tasks", "2", "--units", "4", "--order", "cyclic", "--json").output)
    assert cyclic["orders"] == [[0, 1, 2, 3], [3, 0, 1, 2]]


def test_without_json_the_same_is_said_in_lines() -> None:
    lines = run("--tasks", "2", "--units", "2").output.splitlines()
    assert "  task 1: 1, 0" in lines
    assert "  3 2" in lines


def test_parameters_of_a_plain_network() -> None:
    assert json.loads(run("--backbone", "wrn32", "--width", "8", "--json").output) == {"params": 29_546_448}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Give --tasks and --units"),
        (("--tasks", "3"), "Give --tasks and --units"),
        (("--tasks", "3", "--units", "3", "--width", "2"), "not both"),
        (("--tasks", "0", "--units", "3"), "1 to 40 tasks"),
        (("--tasks", "3", "--units", "1"), "2 to 64 units"),
        (("--tasks", "3", "--units", "3", "--base", "1"), "Found 1."),
        (("--tasks", "3", "--units", "3", "--base", "nan"), "Found nan."),
        (("--backbone", "wrn32"), "Found no width"),
        (("--width", "3"), "Found no --backbone"),
        (
            ("--backbone", "wrn32", "--width", "4", "--base", "0.5", "--order", "cyclic"),
            "--order and --base say nothing",
        ),
        (("--backbone", "wrn33", "--width", "3"), "Found 33"),
        (("--backbone", "resnet18", "--width", "3"), "wrn32"),
    ],
)
def test_bad_input_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    fault = run(*words).exception
    assert isinstance(fault, BranchwiseError)
    assert sentence in str(fault)
