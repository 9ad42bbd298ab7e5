"""Modules and weights may be called as their authors like: blocks run, in both modes, and as source."""

import pytest
import torch
from torch import Tensor, nn

from core.networks.attribute_names import block_paths
from core.networks.block_source import block_source
from tests.core.networks.rejoining import rejoined

KEYWORDS = ("in", "class", "lambda", "None")
CLASHES = ("graph", "code", "_graph", "_code", "print_readable")
LETTERS = ('a"b', "a\\", "a\nb", "µ", "ﬁ", "ª", "a\0b", "__a")
ORDINARY = ("conv1", "0", "a b", "y-z", "it's", "_fc", "x", "self", "é", "match", "constant_0")


class Named(nn.Module):
    """Holds one thing under a name, as a module, in a dictionary, as a parameter or as a buffer."""

    def __init__(self, name: str, kind: str) -> None:
        super().__init__()
        self.name, self.kind = name, kind
        self.one, self.two = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 2, 1)
        if kind == "module":
            self.add_module(name, nn.Conv2d(4, 4, 1))
        elif kind == "dictionary":
            self.held = nn.ModuleDict({name: nn.Conv2d(4, 4, 1)})
        elif kind == "parameter":
            self.register_parameter(name, nn.Parameter(torch.rand(4, 1, 1)))
        else:
            self.register_buffer(name, torch.rand(4, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        if self.kind == "module":
            x = self._modules[self.name](x)
        elif self.kind == "dictionary":
            x = self.held[self.name](x)
        else:
            x = x * getattr(self, self.name)
        return self.two(x)


@pytest.mark.parametrize("kind", ["module", "dictionary", "parameter", "buffer"])
@pytest.mark.parametrize("name", [*KEYWORDS, *CLASHES, *LETTERS, "a b", "constant_0"])
def test_blocks_run_and_so_does_their_source(name: str, kind: str) -> None:
    model, x = Named(name, kind), torch.randn(2, 3, 8, 8)
    found = rejoined(model, x)
    source = block_source(found.blocks, "made()", model)
    space = {"made": lambda: model}
    exec("\n".join([*source.imports, source.text]), space)
    expected = actual = x
    for block, again in zip(found.blocks, space["make_blocks"](), strict=True):
        assert set(block.state_dict()) == set(again.state_dict())
        expected, actual = block(expected), again(actual)
    assert torch.equal(expected, actual)


def test_ordinary_names_stay() -> None:
    for name in ORDINARY:
        assert block_paths(Named(name, "dictionary"), [f"held.{name}", "one"]) == {
            f"held.{name}": f"held.{name}",
            "one": "one",
        }


def test_new_names_are_no_others() -> None:
    model = nn.ModuleDict({name: nn.ReLU() for name in ("in", "in_", 'a"b', "a\\b", "a_b_")})
    paths = block_paths(model, model)
    assert paths["in_"] == "in_"
    assert paths["a_b_"] == "a_b_"
    assert len(set(paths.values())) == len(paths)
