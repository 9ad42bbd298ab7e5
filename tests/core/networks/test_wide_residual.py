"""Wide residual networks: parameters by the paper's arithmetic, shapes, refusals."""

import pytest
import torch
from torch import nn

from core.errors import BackboneError
from core.networks.wide_residual import wide_params, wide_residual


def test_parameters_of_depth_32_are_those_of_the_slides() -> None:
    assert [round(wide_params(32, width) / 1e6, 2) for width in (4, 6, 8)] == [7.40, 16.63, 29.55]


def test_parameters_of_a_small_one_are_counted_by_hand() -> None:
    convolutions = 3 * 16 * 9 + (2 * 16 * 16) * 9 + (16 * 32 + 32 * 32) * 9 + (32 * 64 + 64 * 64) * 9
    shortcuts = 16 * 32 + 32 * 64
    norms = 2 * (16 + 16 + 16 + 32 + 32 + 64 + 64)
    assert sum(p.numel() for p in nn.Sequential(*wide_residual(8, 1)).parameters()) == convolutions + shortcuts + norms


def test_three_groups_halve_the_map_twice() -> None:
    blocks = wide_residual(14, 2)
    x = torch.zeros(2, 3, 32, 32)
    shapes = []
    for block in blocks:
        x = block(x)
        shapes.append(tuple(x.shape[1:]))
    assert shapes == [(16, 32, 32), *[(32, 32, 32)] * 2, *[(64, 16, 16)] * 2, *[(128, 8, 8)] * 2]


@pytest.mark.parametrize(("depth", "width", "found"), [(28, 4, "Found 28"), (32, 0, "width 0"), (104, 1, "Found 104")])
def test_other_depths_and_widths_are_refused(depth: int, width: int, found: str) -> None:
    with pytest.raises(BackboneError, match=found):
        wide_residual(depth, width)
