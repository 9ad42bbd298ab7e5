"""What people wrap around a network is removed; weights that can't be counted are named."""

import pytest
import torch
from torch import nn

from core.errors import BackboneError
from core.networks.tracing import detect
from tests.core.networks.rejoining import Chain


def test_lazy_networks_are_run_once() -> None:
    state = torch.random.get_rng_state()
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.LazyConv2d(5, 3), nn.Flatten(), nn.LazyLinear(2))
    found = detect(model, torch.zeros(1, 3, 8, 8))
    assert [block.params for block in found.backbone.blocks] == [112, 185]
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize(
    "wrap",
    [
        nn.DataParallel,
        torch.optim.swa_utils.AveragedModel,
        torch.compile,
        lambda m: torch.compile(nn.DataParallel(m)),
        lambda m: list(m),
    ],
)
def test_wrappers_are_removed_and_lists_are_chains(wrap) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 5, 1), nn.Conv2d(5, 6, 1))
    found = detect(wrap(model), torch.zeros(1, 3, 8, 8))
    assert [block.name for block in found.backbone.blocks] == ["0", "1", "2"]


def test_compiled_parts_inside_run_as_written() -> None:
    model = nn.Sequential(nn.Conv2d(3, 3, 1), torch.compile(Chain()), nn.Conv2d(3, 3, 1))
    model[0].compile()
    compiled = model[1]
    found = detect(model, torch.zeros(1, 3, 8, 8))
    assert found.backbone.n_blocks == 5
    assert model[1] is compiled
    assert model[0]._compiled_call_impl is not None


def test_modules_in_a_dictionary_are_blocks_called_like_their_keys() -> None:
    stages = {"stem": nn.Conv2d(3, 4, 3), "body": Chained(), "act": nn.ReLU(), "end": nn.Conv2d(4, 2, 1)}
    for listed in (stages, nn.ModuleDict(stages)):
        found = detect(listed, torch.zeros(1, 3, 8, 8))
        assert [block.name for block in found.backbone.blocks] == ["stem", "body", "end"]
        assert len(found.candidates) > 3
    assert [block.name for block in detect(list(stages.values()), torch.zeros(1, 3, 8, 8)).backbone.blocks] == [
        *("0", "1", "3")
    ]
    for wrong in ({"a.b": nn.ReLU()}, {"": nn.ReLU()}, {}, {"a": 3}):
        with pytest.raises(BackboneError):
            detect(wrong, torch.zeros(1, 3, 8, 8))


class Chained(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.Conv2d(4, 4, 1))
