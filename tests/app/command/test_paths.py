"""``branchwise paths``: what each path of a multi-path network costs."""

import json

import pytest
from click.testing import CliRunner, Result

from app.command.paths import paths
from core.errors import BackboneError


def run(*words: str) -> Result:
    return CliRunner().invoke(paths, words)


def test_the_exits_of_a_network_are_one_document() -> None:
    found = json.loads(
        run(
            "torchvision.models:resnet18", "--exits", "layer3,layer4.0.conv1,layer4", "--input", "3,32,32", "--json"
        ).output
    )["exits"]
    assert [each["name"] for each in found] == ["layer3", "layer4.0.conv1", "layer4"]
    assert [each["params"] for each in found] == [2_782_784, 3_963_456, 11_176_512]
    assert found[-1]["share"] == found[-1]["share_published"] == 1
    # Only the exit inside a residual block has two readings: its shortcut holds 512 · 256 + 1,024 parameters.
    assert [each["params_published"] - each["params"] for each in found] == [0, 132_096, 0]
    assert [each["macs_published"] - each["macs"] for each in found] == [0, 131_072, 0]


def test_a_table_is_aligned_and_says_shares() -> None:
    lines = run("--preset", "resnet18-3").output.splitlines()
    assert [line.split()[0] for line in lines] == ["exit", "layer4.0.conv1", "layer4.0", "layer4"]
    assert "35.4 %" in lines[1]
    assert "36.6 %" in lines[1]
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "or give a --preset"),
        (("torchvision.models:resnet18",), "or give a --preset"),
        (("torchvision.models:resnet18", "--preset", "resnet18-3"), "A preset brings its network"),
        (("torchvision.models:resnet18", "--exits", "layer4"), "at least two exits"),
        (("--preset", "resnet18-4"), "Choose from: resnet18-5"),
    ],
)
def test_what_makes_no_paths_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    fault = run(*words).exception
    assert isinstance(fault, BackboneError)
    assert sentence in str(fault)
