"""How a network was named is kept as text, and none of it can run a command where somebody else's profile is read."""

import json
import sys

import pytest

from core.backbones import Backbone, Block, profile_document, read_profile
from core.backbones.maker import Maker
from core.errors import BackboneError

PROFILE = profile_document(Backbone("mine", (Block("a", 1, 1, (2, 4, 4), cut="a"),), (3, 8, 8)))


def read(**made_by: object) -> Backbone:
    """Return the backbone of a profile with these words about how it was made."""
    return read_profile(json.dumps(PROFILE | {"made_by": made_by}))


def test_reading_imports_nothing(tmp_path, monkeypatch):
    (tmp_path / "never_imported.py").write_text("raise RuntimeError", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert read(function="never_imported:make").maker == Maker("never_imported:make")
    assert "never_imported" not in sys.modules


@pytest.mark.parametrize(
    "made_by",
    [
        {"function": "os:system", "arguments": {"command": "reboot"}},
        {"function": "subprocess:getoutput"},
        {"function": "builtins:exec"},
        {"function": "torch:load", "arguments": {"f": "weights.pt", "weights_only": False}},
        {"function": "torch.hub:load", "arguments": {"repo_or_dir": "here", "model": "net", "source": "local"}},
        {"function": "pip:main"},
        {"function": "__main__:run"},
        {"function": "importlib:import_module"},
        {"function": "core.networks.state_file:read_state"},
        {"function": "app.command.entry:main"},
        {"function": "branchwise:run"},
        {"function": "numpy:load", "arguments": {"file": "x.npy", "allow_pickle": True}},
        {"function": "pytest:main"},
        {"function": "transformers:AutoModel.from_pretrained"},
        {"function": "torchvision.models:get_model", "arguments": {"name": "resnet18"}},
        {"function": "torchvision.models.detection:fasterrcnn_resnet50_fpn"},
        {"function": "torchvision.models:resnet18", "arguments": {"strange": 1}},
        {"function": "timm:create_model", "arguments": {"model_name": "resnet18", "scriptable": True}},
        {"function": "timm.models:load_checkpoint"},
        {"function": "mine:net", "example": "torch:load"},
        {"function": "mine:net", "arguments": {"url": "https://www.evil.example/a.pth"}},
        {"function": "mine:net", "arguments": {"file": "../../etc/passwd"}},
        {"function": "mine:net", "arguments": {"text": "a b"}},
        {"function": "mine:net", "arguments": {"a b": 1}},
        {"function": "mine:net", "arguments": {"size": 10**400}},
        {"function": "mine:net", "arguments": {"size": {"deep": 1}}},
        {"function": "mine:net", "arguments": {"width": 1}, "withheld": ["width"]},
        {"function": "mine:net\nimport os"},
        {"function": "mine"},
        {"function": "m" * 300 + ":net"},
        {"function": ""},
        {"function": "mine:net", "part": "a\nb"},
        {"function": "mine:net", "example": "os:getcwd"},
        {"function": "mine:net", "inputs": ["3,8,8"] * 51},
        {"arguments": {}},
    ],
)
def test_what_could_harm_its_reader_is_refused_in_a_bounded_sentence(made_by):
    with pytest.raises(BackboneError) as fault:
        read(**made_by)
    assert len(str(fault.value)) < 500
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("function", "arguments", "kept"),
    [
        ("torchvision.models:resnet18", {"weights": "IMAGENET1K_V1"}, {"weights": None}),
        ("torchvision.models:resnet18", {"pretrained": True, "num_classes": 9}, {"num_classes": 9}),
        ("torchvision.models.segmentation:fcn_resnet50", {}, {"weights_backbone": None}),
        (
            "timm:create_model",
            {"model_name": "resnet18.a1_in1k", "num_classes": 9, "pretrained": True, "checkpoint_path": "x.pth"},
            {"model_name": "resnet18.a1_in1k", "num_classes": 9, "pretrained": False},
        ),
        ("timm:create_model", {"model_name": "resnet18"}, {"model_name": "resnet18", "pretrained": False}),
    ],
)
def test_weights_are_never_fetched_or_unpacked(function, arguments, kept):
    assert dict(read(function=function, arguments=arguments).maker.arguments) == kept
    assert dict(Maker.given(function, arguments).arguments) == kept


@pytest.mark.parametrize("name", ["torch.load", "torch", "load", "SETTINGS.load"])
def test_a_script_calls_nothing_that_one_s_own_module_only_imports(tmp_path, monkeypatch, name):
    from core.networks.lookup import check_named

    (tmp_path / f"borrowing_{len(name)}.py").write_text(
        "import torch\nfrom torch import load\nclass SETTINGS:\n    load = torch.load\n"
        "from torchvision.models import resnet18\ndef net():\n    raise RuntimeError\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    check_named(f"borrowing_{len(name)}:net", "", f"borrowing_{len(name)}:resnet18", "timm:create_model")
    with pytest.raises(BackboneError, match="Name"):
        check_named(f"borrowing_{len(name)}:{name}")


@pytest.mark.parametrize("quoted", ['"""', "'''", "\\", "{x}", "$part", "\u202e"])
def test_text_stays_within_its_quotes(quoted):
    import ast

    from core.backbones.own_source import own_source

    found = Backbone("mine", (Block("a", 1, 1, (2, 4, 4), cut="a"),), (3, 8, 8))
    try:
        maker = Maker("mine:net", part=quoted, head=quoted, inputs=(quoted,), example=quoted)
    except BackboneError:
        return
    from dataclasses import replace

    tree = ast.parse(own_source(replace(found, maker=maker), [[[0, 1]]], ["a", quoted]))
    values = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    assert ast.literal_eval(values["PART"]) == quoted
    assert ast.literal_eval(values["TASKS"]) == [("a", None, None), (quoted, None, None)]


def test_python_s_own_functions_are_not_kept():
    assert Maker.given("os:getcwd", {}) is None
    assert Maker.given("mine:net", {"a": 1, "b": [1]}) == Maker("mine:net", (("a", 1),), ("b",))
