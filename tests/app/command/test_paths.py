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
        (("--preset", ""), "Choose from: resnet18-5"),
    ],
)
def test_what_makes_no_paths_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    fault = run(*words).exception
    assert isinstance(fault, BackboneError)
    assert sentence in str(fault)


def test_measured_times_stand_beside_the_counts_with_where_they_were_measured() -> None:
    words = ("--preset", "resnet18-3", "--time", "--repeats", "2")
    found = json.loads(run(*words, "--json").output)
    assert all(each["seconds"] > 0 for each in found["exits"])
    assert (found["timed"]["repeats"], found["timed"]["threads"]) == (2, 1)
    lines = run(*words).output.splitlines()
    assert lines[0].endswith(" ms")
    assert all(float(line.split()[-1]) > 0 for line in lines[1:4])
    assert found["timed"]["machine"] in lines[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--time", "--repeats", "0"), "0 is not in the range 1<=x<=200"),
        (("--time", "--repeats", "1e3"), "'1e3' is no whole number"),
        (("--time", "--threads", "-1"), "-1 is not in the range"),
        (("--repeats", "5"), "belong to --time"),
        (("--threads", "1"), "belong to --time"),
        (("--input", "3,64,64"), "Leave --input out"),
        (("--args", "{}", "--exits", "layer3,layer4"), "Leave --exits and --args out"),
        (("torchvision.models:resnet18",), "Leave MODULE:FUNCTION out"),
    ],
)
def test_options_that_do_nothing_or_can_not_be_are_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    found = run("--preset", "resnet18-3", *words)
    assert sentence in f"{found.output} {found.exception}"
    assert found.exit_code
