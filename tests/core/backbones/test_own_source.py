import json
import runpy

import pytest

from core.backbones import read_profile
from core.backbones.own_source import is_own, own_source
from core.layouts import Layout
from core.tasks import Kind, Task

OWN = """
from torch import nn

def inputs():
    import torch
    return torch.zeros(1, 3, 20, 20)

def wrapped():
    return nn.ModuleDict({"inner": small()})

def small(width=4, path=""):
    return nn.Sequential(
        nn.Conv2d(3, width, 3), nn.ReLU(), nn.Conv2d(width, width, 3), nn.ReLU(), nn.Conv2d(width, 8, 3), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10),
    )
"""


@pytest.fixture
def profile(tmp_path, monkeypatch):
    """Give the profile of somebody's network, as the command writes it."""
    from core.backbones import profile_document
    from core.backbones.input_size import parse_inputs
    from core.networks.example import drawn_inputs
    from core.networks.named import named_backbone

    (tmp_path / "somebody.py").write_text(OWN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    found = named_backbone("somebody:small", {}, drawn_inputs(parse_inputs(["3,32,32"])))
    return read_profile(json.dumps(profile_document(found.backbone)).encode())


@pytest.mark.parametrize("starts", [(0, 1, 2), (0, 2)])
def test_the_script_builds_the_layout_from_the_named_function(profile, tmp_path, starts, capsys):
    merged = profile.merged(starts)
    assert is_own(merged)
    layout = Layout.parse(" | ".join(["0,1"] + ["0;1"] * (len(starts) - 1)), ["0", "1"])
    text = own_source(merged, layout.to_json(), ['a "task"', "other"])
    script = tmp_path / "network.py"
    script.write_text(text.replace("my_module:make_network", "somebody:small"), encoding="utf-8")
    runpy.run_path(str(script), run_name="__main__")
    assert capsys.readouterr().out.splitlines() == ['a "task" (1, 8, 26, 26)', "other (1, 8, 26, 26)"]


def command(*words):
    """Return the profile that the command writes, read again."""
    from click.testing import CliRunner

    from app.command.backbone import backbone

    return read_profile(CliRunner().invoke(backbone, [*words, "--json"], catch_exceptions=False).stdout)


@pytest.mark.parametrize(
    ("words", "function", "shape"),
    [
        (("--input", "3,32,32", "--args", '{"width": 6}'), "small", (1, 8, 26, 26)),
        (("--input", "3,32,32", "--part", "inner", "--head", "4"), "wrapped", (1, 4, 28, 28)),
        (("--example", "somebody:inputs"), "small", (1, 8, 14, 14)),
    ],
)
@pytest.mark.usefixtures("profile")
def test_the_script_of_a_written_profile_runs_as_it_is(tmp_path, capsys, words, function, shape):
    found = command(f"somebody:{function}", *words)
    assert found.maker.function == f"somebody:{function}"
    script = tmp_path / "network.py"
    script.write_text(own_source(found, Layout.all_shared(2, found.n_blocks).to_json(), ["a", "b"]), encoding="utf-8")
    runpy.run_path(str(script), run_name="__main__")
    assert capsys.readouterr().out.splitlines() == [f"a {shape}", f"b {shape}"]


def answers_of(kinds):
    outputs = {Kind.NORMALS: 3, Kind.DEPTH: 1}
    return [Task.usual(f"the {kind.value}", kind, outputs.get(kind, 4)) for kind in kinds]


def test_every_task_has_the_head_that_was_said(profile, tmp_path):
    answers = answers_of(Kind)
    names = [task.name for task in answers]
    layout = Layout.all_shared(len(names), profile.n_blocks)
    text = own_source(profile, layout.to_json(), names, answers)
    script = tmp_path / "network.py"
    script.write_text(text.replace("my_module:make_network", "somebody:small"), encoding="utf-8")
    module = runpy.run_path(str(script))
    network = module["make_network"]()
    found = network(*module["example"]().tensors)
    assert {names[task]: tuple(output.shape) for task, output in found.items()} == {
        task.name: (1, task.n_outputs, 32, 32) if task.kind.is_map else (1, task.n_outputs) for task in answers
    }
    # They learn: every weight has a gradient.
    sum(output.mean() for output in found.values()).backward()
    assert all(weight.grad is not None for weight in network.parameters())


@pytest.mark.usefixtures("profile")
def test_a_head_that_the_network_cannot_have_is_refused_in_a_sentence(tmp_path):
    found = command("somebody:small", "--input", "3,32,32", "--head", "none")
    script = tmp_path / "network.py"
    script.write_text(
        own_source(
            found,
            [[[0, 1]]] * found.n_blocks,
            ["a", "b"],
            [Task.usual("a", Kind.DEPTH, 1), Task.usual("b", Kind.NORMALS, 3)],
        )
    )
    with pytest.raises(SystemExit, match="TASKS are at the head of this file") as fault:
        runpy.run_path(str(script), run_name="__main__")
    assert "answers per pixel" in str(fault.value)


@pytest.mark.usefixtures("profile")
def test_a_value_that_no_profile_keeps_is_asked_for_by_name():
    found = command("somebody:small", "--input", "3,32,32", "--args", '{"width": 6, "path": "/secret/place"}')
    assert (dict(found.maker.arguments), found.maker.withheld) == ({"width": 6}, ("path",))
    text = own_source(found, Layout.all_shared(2, found.n_blocks).to_json(), ["a", "b"])
    assert "/secret" not in text
    assert "path" in next(line for line in text.splitlines() if line.startswith("ARGUMENTS"))


def test_another_network_is_refused_in_a_sentence(profile, tmp_path):
    text = own_source(profile, Layout.all_shared(2, profile.n_blocks).to_json(), ["a", "b"])
    script = tmp_path / "network.py"
    text = text.replace("my_module:make_network", "torchvision.models:alexnet").replace("3,32,32", "3,64,64")
    script.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match="is not the network of the profile"):
        runpy.run_path(str(script), run_name="__main__")


def test_a_network_that_can_be_made_or_whose_cuts_are_unknown_is_no_own_one():
    from core.backbones import Backbone, Block, load_backbone

    assert not is_own(load_backbone("resnet18"))
    assert not is_own(Backbone("typed", (Block("a", 1, 1),)))


@pytest.mark.parametrize("function", ["nowhere_at_all:make", "somebody:absent", "json:loads"])
def test_a_function_that_makes_no_network_is_refused_in_a_sentence(profile, tmp_path, function):
    text = own_source(profile, Layout.all_shared(2, profile.n_blocks).to_json(), ["a", "b"])
    script = tmp_path / "network.py"
    script.write_text(text.replace("my_module:make_network", function), encoding="utf-8")
    with pytest.raises(SystemExit, match="at the head of this file") as fault:
        runpy.run_path(str(script), run_name="__main__")
    assert "\n" not in str(fault.value)
