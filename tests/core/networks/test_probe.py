"""Work is counted once, whatever computes it."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.networks.tracing import detect
from tests.core.networks.rejoining import Resizing, rejoined


def test_a_learned_query_has_its_own_work_counted_once() -> None:
    class Pooling(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.query = nn.Parameter(torch.randn(1, 1, 3))
            self.q, self.kv = nn.Linear(3, 3), nn.Linear(3, 6)

        def forward(self, tokens: Tensor) -> Tensor:
            query = self.q(self.query.expand(tokens.shape[0], -1, -1))
            key, value = self.kv(tokens).chunk(2, -1)
            return functional.scaled_dot_product_attention(query, key, value)[:, 0]

    model = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Flatten(2), Transposed(), Pooling(), nn.Linear(3, 2))
    found = rejoined(model)
    # Convolution, keys and values, query, scores and their sum, classifier.
    work = 64 * 9 + 64 * 18 + 9 + 2 * 64 * 3 + 6
    assert found.backbone.macs + found.backbone.head_macs == work


class Transposed(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2)


def test_an_encoder_opens_into_its_layers_and_counts_them() -> None:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    found = rejoined(nn.Sequential(nn.Linear(5, 8), nn.TransformerEncoder(layer, 3)), torch.randn(2, 7, 5))
    assert [block.name for block in found.backbone.blocks] == ["0", *(f"1.layers.{i}" for i in range(3))]
    assert {block.macs for block in found.backbone.blocks[1:]} == {7 * (4 * 64 + 2 * 8 * 16) + 2 * 7 * 7 * 8}


def test_a_network_without_numbers_has_its_totals() -> None:
    with torch.device("meta"):
        model = Resizing()
    found = detect(model, torch.zeros(2, 3, 16, 16, device="meta"))
    real = detect(Resizing(), torch.zeros(2, 3, 16, 16)).backbone
    assert [(b.name, b.params, b.macs) for b in found.backbone.blocks] == [
        (b.name, b.params, b.macs) for b in real.blocks
    ]


class Recurrent(nn.Module):
    """Reads tokens; ``order`` says which dimension is the batch of the recurrent layer."""

    def __init__(self, kind: str, **options: object) -> None:
        super().__init__()
        self.first = bool(options.get("batch_first"))
        self.table = nn.Embedding(50, 8)
        self.layer = getattr(nn, kind)(8, 6, **options)
        self.out = nn.LazyLinear(3)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.table(tokens)
        x = self.layer(x if self.first else x.transpose(0, 1))[0]
        return self.out(x if self.first else x.transpose(0, 1))


@pytest.mark.parametrize(("kind", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("more", [{}, {"num_layers": 2, "bidirectional": True, "dropout": 0.3}])
def test_recurrent_layers_are_blocks_with_all_their_work(kind: str, gates: int, batch_first: bool, more: dict) -> None:
    tokens = torch.randint(0, 50, (3, 7))
    found = rejoined(Recurrent(kind, batch_first=batch_first, **more), tokens)
    blocks = {block.name: block for block in found.backbone.blocks}
    assert list(blocks) == ["table", "layer", "out"]
    ways = 2 if more else 1
    widths = (8, 6 * ways) if more else (8,)
    assert blocks["layer"].macs == 7 * ways * sum(gates * 6 * (width + 6) for width in widths)
    assert blocks["layer"].params == ways * sum(gates * 6 * (width + 6 + 2) for width in widths)
    with torch.device("meta"):
        bare = detect(Recurrent(kind, batch_first=batch_first, **more), tokens.to("meta"))
    assert [(b.name, b.params, b.macs) for b in bare.backbone.blocks] == [
        (b.name, b.params, b.macs) for b in found.backbone.blocks
    ]


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_projections_and_cells_are_counted() -> None:
    projected = rejoined(
        nn.Sequential(nn.Linear(5, 8), nn.LSTM(8, 6, proj_size=4, batch_first=True)), torch.randn(3, 7, 5)
    )
    assert projected.backbone.macs + projected.backbone.head_macs == 7 * (5 * 8 + 24 * (8 + 4) + 6 * 4)

    class Stepping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.out = nn.GRUCell(5, 6), nn.Linear(6, 2)

        def forward(self, x: Tensor) -> Tensor:
            state = x.new_zeros(x.shape[0], 6)
            for step in x.unbind(1):
                state = self.cell(step, state)
            return self.out(state)

    stepped = rejoined(Stepping(), torch.randn(3, 7, 5)).backbone
    assert stepped.macs + stepped.head_macs == 7 * 18 * (5 + 6) + 12
