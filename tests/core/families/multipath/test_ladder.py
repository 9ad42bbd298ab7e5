"""Exits of a multi-path network: the paper's shares, nested paths, and what makes no ladder."""

import pytest
import torch
from torch import nn

from core.errors import BackboneError
from core.families.multipath.ladder import ladder, preset_ladder


class Residual(nn.Module):
    """Two blocks of which the second has a shortcut with weights."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.first = nn.Conv2d(4, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.act = nn.ReLU()
        self.second = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.shortcut = nn.Conv2d(4, 8, 1, bias=False)
        self.unused = nn.Linear(2, 2)
        self.head = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        x = self.act(self.second(self.act(self.norm(self.first(x)))) + self.shortcut(x))
        return self.head(x.mean((2, 3)))


PICTURES = torch.zeros(2, 3, 6, 6)


def test_five_exits_of_resnet18_are_the_papers() -> None:
    # Multi-path, Table 2: shares of the parameters and GMACs; it counts the shortcut that exit 2 does not run.
    exits = preset_ladder("resnet18-5").exits
    last = exits[-1]
    assert [round(100 * e.published_params / last.params, 1) for e in exits] == [24.8, 36.6, 57.7, 78.9, 100]
    assert [round(e.published_macs / 1e9, 4) for e in exits] == [0.0267, 0.0280, 0.0303, 0.0327, 0.0350]
    assert [e.params == e.published_params for e in exits] == [True, False, True, True, True]
    assert exits[1].params / last.params == pytest.approx(0.354, abs=5e-4)
    assert exits[1].macs == 27_836_416
    assert last.params == 11_168_832


def test_three_exits_are_at_about_the_papers_shares() -> None:
    assert _shares("resnet18-3") == pytest.approx([0.366, 0.577, 1], abs=1e-3)
    assert _shares("mobilenetv2-0.5-3") == pytest.approx([0.315, 0.573, 1], abs=1e-3)


def _shares(preset: str) -> list[float]:
    exits = preset_ladder(preset).exits
    return [e.published_params / exits[-1].params for e in exits]


def test_a_path_counts_what_it_runs_and_nothing_else() -> None:
    found = ladder(Residual(), PICTURES, ["stem", "first", "second", "act"]).exits
    stem, first, norm, second, shortcut = 3 * 4 * 9, 4 * 8 * 9, 2 * 8, 8 * 8 * 9, 4 * 8
    # Behind the first convolution come its normalisation and activation.
    assert [e.params for e in found] == [
        stem,
        stem + first + norm,
        stem + first + norm + second,
        stem + first + norm + second + shortcut,
    ]
    assert [e.macs for e in found] == [
        36 * n for n in (stem, stem + first, stem + first + second, stem + first + second + shortcut)
    ]
    # The shortcut can run beside both convolutions of the block.
    assert [e.published_params - e.params for e in found] == [0, shortcut, shortcut, 0]
    assert [e.output_shape for e in found] == [(4, 6, 6), (8, 6, 6), (8, 6, 6), (8, 6, 6)]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["stem"], "at least two exits"),
        (["stem", "stem"], "named twice"),
        (["stem", "third"], '"third", which does not exist'),
        (["stem", "unused"], '"unused", which computes nothing that the output needs'),
        (["second", "first"], '"second" is not on the way to "first"'),
        (["shortcut", "second"], '"shortcut" is not on the way to "second"'),
        (["first", "norm"], "are one place"),
    ],
)
def test_what_makes_no_ladder_is_one_sentence(names: list[str], words: str) -> None:
    with pytest.raises(BackboneError, match=words):
        ladder(Residual(), PICTURES, names)


def test_an_unknown_preset_lists_those_there_are() -> None:
    with pytest.raises(BackboneError, match="resnet18-5, resnet18-3, mobilenetv2"):
        preset_ladder("resnet99")
