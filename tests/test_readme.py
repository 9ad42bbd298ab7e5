"""README and docs say what is so: their commands run, their links lead somewhere, their keys and options exist."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.command.entry import main
from app.ui.paths import ROOT
from core.families.layouts.request import OracleRequest
from core.layouts.counting import count_layouts
from core.runs import augmentation
from core.runs.frozen import Frozen
from core.studies import dataset_specification, several_specification, specification
from core.studies.bundled import bundled_studies, load_bundled
from core.studies.family import sections
from core.studies.measured import LayoutResults
from core.studies.specification import parse_study

README = (ROOT / "README.md").read_text(encoding="utf-8")
FILES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
RESULTS = TEXTS["docs/results.md"]
# These train, serve or wait, and have tests of their own.
LONG = {"app", "host", "run", "deploy", "module"}
SERVING = {"app": "You can now view", "host": "Serving "}


def shell_lines(text: str) -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def commands_of(name: str) -> list[str]:
    return [line for line in shell_lines(TEXTS[name]) if line.startswith("branchwise ")]


COMMANDS = commands_of("README.md")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give a folder with what a fresh clone has, and nothing else."""
    (tmp_path / "assets").symlink_to(ROOT / "assets")
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


REFERENCE = commands_of("docs/commands.md")
# Those of the README are run already, and what differs by --json alone.
QUICK = [
    command
    for command in REFERENCE
    if command.split()[1] not in LONG and command.removesuffix(" --json") not in {*COMMANDS, *REFERENCE} - {command}
]


def test_the_reference_shows_every_command():
    assert {name.split()[0] for name, _ in leaves(main)} == {command.split()[1] for command in REFERENCE}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", QUICK)
def test_a_command_of_the_reference_works(command):
    if "import" in command:
        CliRunner().invoke(main, ["export", "scenes", "scenes.zip"])
    done = CliRunner().invoke(main, shlex.split(command)[1:])
    assert done.exit_code == 0, done.stderr
    assert done.stdout


@pytest.mark.slow
def test_all_commands_of_the_reference_work_one_after_the_other(folder):
    """As somebody copies them in a fresh clone: those that serve are stopped once they say that they do."""
    for command in REFERENCE:
        words = [sys.executable, "-c", "from app.command.entry import main; main()", *shlex.split(command)[1:]]
        if words[3] in SERVING:
            _served(words, SERVING[words[3]], folder)
            continue
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, (command, done.stderr)
        assert done.stdout, command
    assert (folder / "network" / "network.py").is_file()
    assert (folder / "tree" / "load.py").is_file()


def _served(words: list[str], said: str, folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        words = [str(free.getsockname()[1]) if before == "--port" else word for before, word in pairwise(["", *words])]
    process = subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if said in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert said in lines[-1], lines


def leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    for each, part in command.commands.items() if command is not main else lazy():
        yield from leaves(part, f"{name} {each}".strip())


def lazy() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(main)
    for name in main.list_commands(context):
        found = main.get_command(context, name)
        assert found is not None
        yield name, found


def test_the_reference_has_every_command_with_its_options():
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXTS["docs/commands.md"], re.MULTILINE | re.DOTALL))
    found = dict(leaves(main))
    assert sections.keys() == found.keys()
    for name, command in found.items():
        options = {o for p in command.params if isinstance(p, click.Option) for o in p.opts if o.startswith("--")}
        assert set(re.findall(r"^\| `(--[a-z-]+)", sections[name], re.MULTILINE)) == options, name


def test_every_command_named_in_the_text_exists():
    for name, text in TEXTS.items():
        named = set(re.findall(r"`branchwise ([a-z]+)[ `]", text))
        assert named <= set(main.list_commands(click.Context(main))), name


def test_make_knows_the_targets():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = {
        name: {t for x in shell_lines(text) if x.startswith("make ") for t in x.split()[1:]}
        for name, text in TEXTS.items()
    }
    assert {"run", "test"} <= asked["README.md"]
    assert set().union(*asked.values()) <= targets


@pytest.mark.parametrize("name", TEXTS)
def test_a_script_named_in_the_text_exists_and_has_its_options(name):
    for script, options in re.findall(r"python ([a-z_/]+\.py)((?:[ \n]+[\w./-]+)*)", TEXTS[name]):
        text = (ROOT / script).read_text(encoding="utf-8")
        for option in re.findall(r"(?<!\S)--[a-z-]+", options):
            assert f'"{option}"' in text, (script, option)


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_named_in_the_text_exists(name):
    for place in re.findall(r"(?<![\w./])(?:tests|benchmarks|assets|core|app)/[a-z0-9_/]+\.[a-z]+", TEXTS[name]):
        assert (ROOT / place).is_file(), place


@pytest.mark.parametrize("name", TEXTS)
def test_a_link_leads_to_a_file(name):
    folder = (ROOT / name).parent
    for place in re.findall(r"\]\((?!http)([^)#]+)\)", TEXTS[name]):
        assert (folder / place).is_file(), place


@pytest.mark.parametrize("name", TEXTS)
def test_every_test_and_benchmark_named_exists(name):
    for place in re.findall(r"(?:tests|benchmarks)/[\w/]+\.py", TEXTS[name]):
        assert (ROOT / place).is_file() or "<" in place, place


def test_the_readme_is_short_and_leads_to_every_page_of_the_docs():
    assert len(README.splitlines()) <= 150
    assert len(re.findall(r"^!\[", README, re.MULTILINE)) == 1
    assert {name for name in TEXTS if name != "README.md"} <= set(re.findall(r"\]\(([^)]+\.md)\)", README))


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


def _models(module: object) -> list[type[Frozen]]:
    found = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Frozen)]
    return [each for each in found if not each.__name__.startswith(("_", "Frozen"))]


def _requests() -> list[type[Frozen]]:
    """Return what the sections of a study file may hold, over all families, and what is nested in them."""
    found = [*sections().values()]
    for each in found:
        found += [part for part in _models(sys.modules[each.__module__]) if part not in found]
    return found


def test_study_files_have_every_key_documented_and_no_other():
    modules = (dataset_specification, several_specification, specification, augmentation)
    models = [*_requests(), *(each for module in modules for each in _models(module))]
    # Fingerprints of data and code are filled in when they are read; in a file every request is a section of its own.
    keys = {key for model in models for key in model.model_fields} - {
        "code",
        "fingerprint",
        "requests",
    } | sections().keys()
    text = TEXTS["docs/study-files.md"]
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == keys
    example, *parts = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert parse_study(example).requested(OracleRequest) is not None
    for part in parts:
        assert parse_study(f'name = "a"\ntasks = ["depth", "edges"]\n{part}') is not None


def test_every_kind_of_data_set_is_documented():
    names = {
        name
        for model in [*_models(dataset_specification), several_specification.SeveralSpecification]
        if model is not dataset_specification.Dataset
        if (field := model.model_json_schema().get("properties", {}).get("name"))
        for name in field.get("enum", [field["const"]] if "const" in field else [])
    }
    headings = re.findall(r"^### (.+)$", TEXTS["docs/study-files.md"], re.MULTILINE)
    assert {name for heading in headings for name in heading.split(", ")} == names


ROWS = re.findall(
    r"^\| (\w+) \| (\w+) \|((?: [+-]\d+\.\d ± \d+\.\d \|)+)$", RESULTS.partition("\n## digits")[0], re.MULTILINE
)


@pytest.mark.skipif("scenes" not in bundled_studies(), reason="the bundled study is not there yet")
def test_the_table_of_the_bundled_study_is_the_bundled_one():
    study = load_bundled("scenes")
    measured = study.result(LayoutResults)
    assert measured is not None
    table = measured.table
    assert len(ROWS) == study.n_tasks * (study.n_tasks - 1)
    for one, other, cells in ROWS:
        i, j = (study.task_names.index(name) for name in (one, other))
        for b, (value, error) in enumerate(re.findall(r"([+-]\d+\.\d) ± (\d+\.\d)", cells), start=1):
            assert float(value) == pytest.approx(table.values[i, j, b], abs=0.051)
            assert float(error) == pytest.approx(table.stderr[i, j, b], abs=0.051)


def test_every_table_of_results_stands_below_its_command():
    lines = RESULTS.splitlines()
    heads = [place - 1 for place, line in enumerate(lines) if re.fullmatch(r"\|[-|]+\|", line)]
    assert heads
    for place in heads:
        assert lines[place - 4] == "```sh", lines[place]
        assert re.match(r"python benchmarks/\w+\.py", lines[place - 3]), lines[place]


def numbers(text: str) -> set[tuple[str, ...]]:
    """Return the numbers of every row of the tables in a text."""
    rows = re.findall(r"^\|.*\d.*\|$", text, re.MULTILINE)
    return {tuple(re.findall(r"[+−-]?\d[\d.]*", row)) for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize(
    "study", sorted(set(re.findall(r"^python benchmarks/study.py ([\w-]+)$", RESULTS, re.MULTILINE)))
)
def test_the_tables_of_results_are_those_the_commands_print(study, tmp_path, monkeypatch):
    monkeypatch.setenv("BRANCHWISE_HOME", str(tmp_path))
    program = [sys.executable, "benchmarks/study.py", study]
    printed = subprocess.run(program, capture_output=True, text=True, check=True, cwd=ROOT, timeout=600).stdout
    assert numbers(printed)
    assert numbers(printed) <= numbers(RESULTS)
