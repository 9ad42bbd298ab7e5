import subprocess
import sys
from importlib import metadata

import pytest

from app.command.entry import COMMANDS, main

HEAVY = ("torch", "torchvision", "streamlit", "numpy", "numba", "pandas", "plotly")


def test_the_version_is_the_package_s(call):
    found = call("--version")
    assert found.exit_code == 0
    assert found.stdout == f"branchwise {metadata.version('branchwise')}\n"


def test_help_names_every_command(call):
    found = call("--help")
    assert found.exit_code == 0
    for name, command in COMMANDS.items():
        assert name in found.stdout
        assert command.help in found.stdout


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_there_and_helps(call, name):
    found = call(name, "--help")
    assert found.exit_code == 0, found.stderr
    assert found.stdout.startswith("Usage: ")


def loaded_by(code):
    script = f"import sys\n{code}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()


def test_help_loads_nothing_heavy():
    code = "from app.command.entry import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert not {*HEAVY} & {*loaded_by(code)}


def test_no_command_loads_torch_or_streamlit_before_it_works():
    commands = ("recommend", "front", "agreement", "export", "import_study", "run", "layouts", "app")
    names = ", ".join(f"app.command.{name}" for name in commands)
    assert not {"torch", "torchvision", "streamlit"} & {*loaded_by(f"import {names}")}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["dance"], "No such command 'dance'"),
        (["--loud"], "No such option"),
        (["recommend"], "Missing argument 'TABLE'"),
        (["layouts"], "Choose from: count"),
        (["layouts", "count", "--tasks", "x", "--blocks", "2"], "'x' is no whole number"),
    ],
)
def test_a_wrong_call_is_one_sentence(refusal, words, part):
    assert part in refusal(*words)


def test_the_console_script_ends_with_the_same_codes(tmp_path):
    found = subprocess.run(
        [sys.executable, "-c", "from app.command.entry import main; main()", "import", str(tmp_path / "none.zip")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 2
    assert found.stdout == ""
    assert "does not exist" in found.stderr
    assert found.stderr.count("\n") == 1


def test_the_group_is_the_console_script():
    (script,) = [s for s in metadata.entry_points(group="console_scripts") if s.name == "branchwise"]
    assert script.load() is main


def test_a_fault_of_the_command_line_is_printable_and_short(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["recommend", "--weights", "\x1b[2J" + "w" * 5000, "no\u202efile.csv"])
    words = capsys.readouterr().err
    assert ended.value.code == 2
    assert "\x1b" not in words
    assert "\u202e" not in words
    assert len(words) < 1100
