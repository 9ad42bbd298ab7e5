"""``branchwise backbone``: the profile of a network that somebody names."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.command.backbone import backbone, read_arguments, read_shape
from core.backbones import read_profile
from core.errors import BackboneError

MODEL = """
from torch import nn

def net(width=4):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU(), nn.Conv2d(width, 2, 3), nn.Flatten(), nn.Linear(32, 5))

def text():
    return "no network"

def broken():
    raise ValueError("first line\\nsecond line")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "their_model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(backbone, words)


LOUD = """
import atexit, os
print("loading")
os.write(1, b"from a compiled library\\n")
atexit.register(print, "bye")
"""


def test_json_stays_pure_when_a_module_prints_as_it_is_imported(folder: Path) -> None:
    (folder / "loud.py").write_text(LOUD + MODEL + "\nprint('loaded')\n")
    program = "from app.command.entry import main; main()"
    words = ["backbone", "loud:net", "--input", "3,8,8", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(done.stdout)["blocks"]
    assert {"loading", "from a compiled library", "loaded", "bye"} <= set(done.stderr.split("\n"))


@pytest.mark.usefixtures("folder")
def test_json_is_one_document_with_the_blocks() -> None:
    result = run("their_model:net", "--args", '{"width": 6}', "--input", "3,8,8", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["blocks"] == [
        {"name": "0", "params": 168, "macs": 162 * 36, "output_shape": [6, 6, 6]},
        {"name": "2", "params": 110, "macs": 108 * 16, "output_shape": [2, 4, 4]},
    ]
    assert document["head"] == {"params": 165, "macs": 160}
    assert (document["params"], document["macs"]) == (278, 162 * 36 + 108 * 16)
    assert read_profile(result.stdout).name == "net"
    assert document["builder"] == ""


@pytest.mark.usefixtures("folder")
def test_table_merge_and_latency() -> None:
    result = run("their_model:net", "--input", "3,8,8", "--merge", "1", "--latency")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0].split() == ["block", "name", "parameters", "MACs", "output", "ms"]
    assert lines[1].split()[:4] == ["0", "0", "…", "2"]
    assert len(lines) == 4


def test_torchvision_networks_keep_how_they_are_made() -> None:
    result = run("torchvision.models:squeezenet1_1", "--args", '{"num_classes": 7}', "--input", "3,64,64", "--json")
    assert json.loads(result.stdout)["builder"] == "torchvision.models.squeezenet1_1(num_classes=7)"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["their_model"], "MODULE:FUNCTION"),
        (["no_such_module:net"], "can't be imported"),
        (["their_model:nothing"], 'has no "nothing"'),
        (["their_model:text"], "should give a torch.nn.Module"),
        (["their_model:broken"], "first line. Check"),
        (["their_model:net", "--args", '{"depth": 1}'], "unexpected keyword"),
        (["their_model:net", "--args", "[1]"], "no JSON object"),
        (["their_model:net", "--input", "3,-8"], "no input shape"),
        (["their_model:net", "--input", "3,9,9"], "does not run on an input of shape 3,9,9"),
        (["their_model:net", "--input", "3,8,8", "--merge", "9"], "can't be merged"),
        (["their_model:net", "--input", "3,8,8", "--head", "7"], "head can't start"),
        (["their_model:net", "--part", "missing"], "Check --args and --part"),
    ],
)
def test_bad_input_raises_one_sentence(words: list[str], message: str) -> None:
    result = run(*words)
    assert isinstance(result.exception, BackboneError)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)


@pytest.mark.parametrize("text", ["", "3,", "0,1", "3,2.5", "a", "1,2,3,4,5,6", "99999999", "٣"])
def test_shapes_that_are_none(text: str) -> None:
    with pytest.raises(BackboneError, match="no input shape"):
        read_shape(text)


def test_arguments_nested_too_deeply_are_refused() -> None:
    with pytest.raises(BackboneError, match="no JSON object"):
        read_arguments("[" * 100_000)
