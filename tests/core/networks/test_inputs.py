"""Networks take tokens, several tensors and dictionaries."""

import pytest
import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.tracing import detect
from tests.core.networks.rejoining import Chain, rejoined


class Words(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table, self.kind = nn.Embedding(11, 6), nn.Embedding(2, 6)
        self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(3))

    def forward(self, tokens: Tensor, kind: Tensor | None = None) -> Tensor:
        x = self.table(tokens)
        x = x if kind is None else x + self.kind(kind)
        for layer in self.layers:
            x = layer(x).relu()
        return x


def test_tokens_and_dictionaries_are_inputs() -> None:
    tokens = torch.randint(0, 11, (3, 5))
    assert rejoined(Words(), tokens).backbone.n_blocks == 4
    both = {"tokens": tokens, "kind": torch.randint(0, 2, (3, 5))}
    found = rejoined(Words(), both)
    assert found.backbone.n_blocks == 4
    assert [p.shape for p in found.blocks[0].parameters()] == [(11, 6), (2, 6)]
    assert rejoined(Words(), tuple(both.values())).backbone == found.backbone


def test_collections_inside_the_arguments_are_inputs() -> None:
    class Nested(Chain):
        def forward(self, batch: dict[str, Tensor], scales: list[Tensor], *, times: int = 1) -> Tensor:
            x = self.one(batch["image"]) * scales[0][:, None, None, None] + batch["more"]["mask"]
            return self.three(self.two(x)) * times

    batch = {"image": torch.randn(2, 3, 8, 8), "more": {"mask": torch.rand(2, 1, 8, 8)}}
    x = (batch, [torch.rand(2), torch.rand(2)])
    found = rejoined(Nested(), x)
    assert [block.name for block in found.backbone.blocks] == ["one", "two", "three"]


def test_a_dictionary_is_the_one_argument_where_its_names_are_none() -> None:
    class Batch(Chain):
        def forward(self, batch: dict[str, Tensor]) -> Tensor:
            return self.three(self.two(self.one(batch["image"])))

    model, x = Batch(), torch.randn(2, 3, 8, 8)
    found = detect(model, {"image": x})
    assert found.backbone.n_blocks == 3
    with torch.no_grad():
        assert torch.equal(found.forward({"image": x}), model({"image": x}))
    with pytest.raises(BackboneError, match="Give each its own"):
        detect(Words(), {"token": torch.zeros(2, 5, dtype=torch.long)})
