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


def test_levels_of_a_network_grow_to_the_whole() -> None:
    words = ("--backbone", "small-residual", "--width", "8", "--units", "4", "--size", "16")
    found = json.loads(run(*words, "--json").output)
    assert [level["density"] for level in found["levels"]] == [1 / 16, 1 / 4, 9 / 16, 1.0]
    assert found["levels"][-1]["params"] == found["params"] == 37_448
    params, macs = ([level[what] for level in found["levels"]] for what in ("params", "macs"))
    assert params == sorted(params)
    # The first convolution alone does not shrink with the square.
    assert all(1 < macs[level] / (macs[-1] * (level + 1) ** 2 / 16) < 2 for level in range(3))
    assert run(*words).output.splitlines()[2].split() == ["level", "density", "parameters", "MACs"]
    assert "timed" not in found


def test_levels_are_timed_on_request() -> None:
    words = ("--backbone", "wrn8", "--width", "1", "--units", "2", "--size", "8", "--time", "--repeats", "2")
    found = json.loads(run(*words, "--batch", "3", "--json").output)
    assert {name: found["timed"][name] for name in ("batch", "repeats", "threads")} == {
        "batch": 3,
        "repeats": 2,
        "threads": 1,
    }
    assert all(level["seconds"] > 0 for level in found["levels"])
    assert "2 runs of each level on 1 picture, 1 thread, on" in run(*words).output


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
        (("--tasks", "3", "--units", "3", "--batch", "2"), "--batch belong to --time"),
        (("--tasks", "3", "--units", "3", "--time"), "--time say nothing without a network"),
        (("--backbone", "wrn8", "--width", "1", "--time"), "--backbone with --units"),
        (("--backbone", "wrn8", "--width", "1", "--units", "2", "--tasks", "2"), "--tasks say nothing of the levels"),
        (("--backbone", "wrn8", "--width", "1", "--units", "3"), "3 units need a multiple of 3"),
        (("--backbone", "wrn8", "--width", "1", "--units", "65"), "2 to 64 units"),
        (("--backbone", "small-residual", "--units", "2"), "Found no width"),
        (("--backbone", "small-residual", "--width", "9999", "--units", "2"), "Found 9999"),
        (("--backbone", "torchvision:resnet18", "--width", "2"), "has no width"),
        (("--backbone", "torchvision:none", "--units", "2"), 'no classification network "none"'),
    ],
)
def test_bad_input_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    fault = run(*words).exception
    assert isinstance(fault, BranchwiseError)
    assert sentence in str(fault)
