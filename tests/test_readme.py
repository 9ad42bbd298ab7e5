import re
import shlex
import tomllib

import click
import numpy as np
import pytest
from click.testing import CliRunner

from app.command.entry import main
from app.ui.paths import ROOT
from core.estimators import TwoTaskTable
from core.estimators.table_file import write_table
from core.layouts.counting import count_layouts
from core.studies.bundled import bundled_studies, load_bundled

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
LINES = [line.split("#")[0].strip() for block in SHELL for line in block.splitlines() if line.strip()]
COMMANDS = [line for line in LINES if line.startswith("branchwise ")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the table that the commands name."""
    values = np.random.default_rng(0).normal(size=(3, 3, 6))
    values[..., 0] = 0.0
    values[np.arange(3), np.arange(3)] = 0.0
    (tmp_path / "table.csv").write_bytes(write_table(TwoTaskTable(("a", "b", "c"), values), "wide", "csv"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path / "home"))
    return tmp_path


def test_it_shows_commands():
    assert {command.split()[1] for command in COMMANDS} >= {"layouts", "recommend", "front", "backbone"}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_works(command):
    done = CliRunner().invoke(main, shlex.split(command)[1:])
    assert done.exit_code == 0, done.stderr
    assert done.stdout


def test_every_command_named_in_the_text_exists():
    named = set(re.findall(r"`branchwise ([a-z]+)[ `]", README))
    assert named
    assert named <= set(main.list_commands(click.Context(main)))


def test_make_knows_the_targets():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = {line.split()[1] for line in LINES if line.startswith("make ")}
    assert {"run", "test"} <= asked <= targets


@pytest.mark.parametrize("place", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_a_link_leads_to_a_file(place):
    assert (ROOT / place).is_file()


def test_every_place_on_the_map_exists():
    (block,) = re.findall(r"^## Where things are\n\n```\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    parent = ""
    for line in block.splitlines():
        names = line.split("  ")
        if not line.startswith(" "):
            parent = names[0].rstrip("/")
            assert (ROOT / parent).is_dir()
        else:
            listed = re.split(r"\s{3,}", line.strip())[0].split()
            assert all((ROOT / parent / name).is_dir() for name in listed), line


def test_it_asks_for_the_python_that_the_package_needs():
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    assert f"Python {needs.removeprefix('>=')} or newer" in README


def test_its_counts_are_right():
    assert f"{count_layouts(10, 5):,}" in README
    assert count_layouts(3, 5) == 51
    assert "all 51 layouts" in README


ROWS = re.findall(r"^\| (\w+) \| (\w+) \|((?: [+-]\d+\.\d ± \d+\.\d \|)+)$", README, re.MULTILINE)


@pytest.mark.skipif("scenes" not in bundled_studies(), reason="the bundled study is not there yet")
def test_the_table_of_the_bundled_study_is_the_bundled_one():
    study = load_bundled("scenes")
    assert len(ROWS) == study.n_tasks * (study.n_tasks - 1)
    for one, other, cells in ROWS:
        i, j = (study.task_names.index(name) for name in (one, other))
        for b, (value, error) in enumerate(re.findall(r"([+-]\d+\.\d) ± (\d+\.\d)", cells), start=1):
            assert float(value) == pytest.approx(study.table.values[i, j, b], abs=0.051)
            assert float(error) == pytest.approx(study.table.stderr[i, j, b], abs=0.051)
