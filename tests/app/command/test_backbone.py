"""``branchwise backbone``: the profile of a network that somebody names."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from app.command.backbone import backbone, note_lines, read_arguments
from core.backbones import read_profile
from core.errors import BackboneError

MODEL = """
import torch
from torch import nn

def net(width=4):
    return nn.Sequential(nn.Conv2d(3, width, 3), nn.ReLU(), nn.Conv2d(width, 2, 3), nn.Flatten(), nn.Linear(32, 5))

def text():
    return "no network"

def texts():
    return [nn.Linear(2, 2), "no network"]

ready = net()

def stages():
    body = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.Conv2d(4, 6, 1))
    return {"stem": nn.Conv2d(3, 4, 3), "body": body, "act": nn.ReLU(), "end": nn.Conv2d(6, 2, 1)}

def stage_list():
    return nn.ModuleList(stages().values())

class Words(nn.Module):
    def __init__(self, vocabulary=50):
        super().__init__()
        self.table, self.kinds = nn.Embedding(vocabulary, 6), nn.Embedding(2, 6)
        self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(2))

    def forward(self, tokens, kind=None, mask=None):
        x = self.table(tokens)
        x = x if kind is None else x + self.kinds(kind)
        x = x if mask is None else x * mask.unsqueeze(-1)
        for layer in self.layers:
            x = layer(x).relu()
        return x

    @classmethod
    def small(cls):
        return cls(20)

    def own(self):
        return self

class Batch(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(3, 4, 3), nn.Conv2d(1, 4, 3), nn.Conv2d(4, 2, 1)

    def forward(self, batch):
        return self.c(self.a(batch["image"]) + self.b(batch["depth"]))

class Helped(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.help = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 3), nn.Conv2d(4, 1, 1)

    def forward(self, x):
        x = self.a(x)
        return {"out": self.b(x), "aux": self.help(x)}

def example():
    return {"tokens": torch.randint(0, 50, (2, 5)), "kind": torch.randint(0, 2, (2, 5))}

def no_example():
    return ["text"]

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
        (["their_model:texts"], "a list that holds a str"),
        (["their_model:Words.own"], "class method"),
        (["their_model:Words.nothing"], 'has no "nothing"'),
        (["their_model:Words."], "MODULE:FUNCTION"),
        (["their_model:Words", "--input", "7"], "--input 128:int:30522"),
        (["their_model:Words", "--input", "word=7:int"], "Give each its own --input"),
        (["their_model:net", "--input", "3,8,8", "--input", "3,8,8"], "Give each its own --input"),
        (["their_model:net", "--input", "3,8,8", "--example", "a.npz"], "Choose one"),
        (["their_model:net", "--example", "missing.npz"], "can't be read"),
        (["their_model:net", "--example", "their_model.py"], "is no example"),
        (["their_model:net", "--example", "objects.npz"], "can't be read"),
        (["their_model:net", "--example", "noise.npz"], "no NPZ file"),
        (["their_model:net", "--example", "letters.npz"], "Give numbers"),
        (["their_model:net", "--example", "empty.npz"], "holds no arrays"),
        (["their_model:net", "--example", "their_model:broken"], "can't make an example: first line"),
        (["their_model:net", "--example", "their_model:no_example"], "holds a list"),
    ],
)
def test_bad_input_raises_one_sentence(folder: Path, words: list[str], message: str) -> None:
    np.savez(folder / "objects.npz", x=np.array([object()]))
    np.savez(folder / "letters.npz", x=np.array(["a"]))
    np.savez(folder / "empty.npz")
    (folder / "noise.npz").write_bytes(b"PK" + bytes(200))
    result = run(*words)
    assert isinstance(result.exception, BackboneError)
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)


def names(*words: str) -> list[str]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return [block["name"] for block in json.loads(result.stdout)["blocks"]]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["Words", "--input", "7:int:50"], ["table"]),
        (["Words", "--input", "7:int:50", "--input", "kind=7:int:2"], ["table … kinds"]),
        (
            ["Words", "--input", "mask=7:bool", "--input", "kind=7:int:2", "--input", "tokens=7:int:50"],
            ["table … kinds"],
        ),
        (["Words", "--example", "their_model:example"], ["table … kinds"]),
        (["Words", "--example", "named.npz"], ["table … kinds"]),
        (["Words", "--example", "ordered.npz"], ["table"]),
        (["Words", "--example", "tokens.npy"], ["table"]),
        (["Words.small", "--input", "7:int:20"], ["table"]),
    ],
)
def test_tokens_several_inputs_and_examples(folder: Path, words: list[str], expected: list[str]) -> None:
    tokens = np.arange(10).reshape(2, 5)
    np.savez(folder / "named.npz", tokens=tokens, kind=tokens % 2)
    np.savez(folder / "ordered.npz", tokens)
    np.save(folder / "tokens.npy", tokens)
    assert names(f"their_model:{words[0]}", *words[1:]) == [*expected, "layers.0", "layers.1"]


@pytest.mark.usefixtures("folder")
def test_a_network_may_take_its_inputs_as_one_dictionary() -> None:
    assert names("their_model:Batch", "--input", "image=3,8,8", "--input", "depth=1,8,8") == ["a … b", "c"]


@pytest.mark.usefixtures("folder")
def test_listed_modules_are_blocks_by_their_names() -> None:
    assert names("their_model:stages", "--input", "3,8,8") == ["stem", "body", "end"]
    assert names("their_model:stage_list", "--input", "3,8,8") == ["0", "1", "3"]
    assert names("their_model:stages", "--input", "4,8,8", "--part", "body") == ["0", "2"]
    assert names("their_model:ready", "--input", "3,8,8") == ["0", "2"]


@pytest.mark.usefixtures("folder")
def test_what_is_left_out_is_said() -> None:
    words = ("their_model:Helped", "--input", "3,8,8")
    assert 'Left out: output "aux"; help, 5 unused parameters.' in run(*words).output.splitlines()
    assert json.loads(run(*words, "--json").stdout)["left_out"] == ['output "aux"', "help, 5 unused parameters"]


def test_long_lists_are_shortened() -> None:
    lines = note_lines([f"output {i}" for i in range(100)], ())
    assert len(lines) == 1
    assert lines[0].endswith("; and 92 more.")


def test_arguments_nested_too_deeply_are_refused() -> None:
    with pytest.raises(BackboneError, match="no JSON object"):
        read_arguments("[" * 100_000)


def test_a_network_that_is_all_blocks_has_no_row_of_a_head(call):
    with_head = call("backbone", "torchvision.models:shufflenet_v2_x0_5", "--input", "3,32,32").stdout
    without = call("backbone", "torchvision.models:shufflenet_v2_x0_5", "--input", "3,32,32", "--head", "none").stdout
    assert [line.split()[0] for line in with_head.splitlines()].count("head") == 1
    assert not [line for line in without.splitlines() if line.split()[0] == "head"]
