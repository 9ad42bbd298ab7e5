"""Of several outputs, the trunk ends where they part."""

import pytest
import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.outputs import tensors_of
from core.networks.tracing import detect
from tests.core.networks.rejoining import Chain


class Encoder(nn.Module):
    """Gives every kind of collection of outputs."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form
        self.stages = nn.ModuleList(nn.Conv2d(3, 3, 3, stride=2, padding=1) for _ in range(3))
        self.a, self.b = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 1, 1)

    def forward(self, x: Tensor) -> object:
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        if self.form == "maps":
            return maps
        if self.form == "parted":
            return {"a": self.a(x), "b": self.b(x)}
        if self.form == "features too":
            return {"out": x, "heads": [self.a(x), self.b(x)]}
        return {"out": self.a(x), "aux": self.b(maps[0])}


@pytest.mark.parametrize(
    ("form", "outputs", "left_out"),
    [
        ("maps", [""], {'output "0"', 'output "1"', "a, 8 unused parameters", "b, 4 unused parameters"}),
        ("parted", ["a", "b"], set()),
        ("features too", ["out", "heads.0", "heads.1"], set()),
        ("auxiliary", [""], {'output "aux"', "b, 4 unused parameters"}),
    ],
)
def test_the_trunk_ends_where_outputs_part(form: str, outputs: list[str], left_out: set[str]) -> None:
    model = Encoder(form).eval()
    x = torch.randn(2, 3, 16, 16)
    found = detect(model, x)
    assert [block.name for block in found.backbone.blocks][:3] == ["stages.0", "stages.1", "stages.2"]
    assert set(found.left_out) == left_out
    with torch.no_grad():
        actual, expected = tensors_of(found.forward(x)), tensors_of(model(x))
    assert list(actual) == outputs
    kept = {"maps": "2", "auxiliary": "out"}.get(form)
    assert all(torch.equal(tensor, expected[kept or name]) for name, tensor in actual.items())
    if not left_out:
        assert found.backbone.params + found.backbone.head_params == sum(p.numel() for p in model.parameters())


def test_outputs_that_part_at_the_input_share_nothing() -> None:
    class Two(Chain):
        def forward(self, x: Tensor) -> list[Tensor]:
            return [self.one(x), self.two(x)]

    with pytest.raises(BackboneError, match="part right at its input"):
        detect(Two(), torch.zeros(2, 3, 8, 8))


def test_of_a_recurrent_layer_the_sequence_is_kept() -> None:
    model, x = nn.Sequential(nn.Linear(5, 8), nn.LSTM(8, 6, batch_first=True)), torch.randn(3, 7, 5)
    found = detect(model, x)
    assert found.left_out == ('output "1.0"', 'output "1.1"')
    with torch.no_grad():
        assert torch.equal(found.forward(x), model(x)[0])
