"""A cost per input needs the batch as the first dimension of the inputs."""

import pytest
import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.tracing import detect

LENGTH, WIDTH = 7, 8
X = torch.zeros(1, LENGTH, WIDTH)


class Sequence(nn.Module):
    """A layer over a sequence, then a decision from its last place."""

    def __init__(self, layer: nn.Module, *, swap: bool) -> None:
        super().__init__()
        self.layer, self.swap, self.last = layer, swap, nn.Linear(WIDTH, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(0, 1) if self.swap else x
        found = self.layer(x, x, x)[0] if isinstance(self.layer, nn.MultiheadAttention) else self.layer(x)
        found = found[0] if isinstance(found, tuple) else found
        return self.last(found[-1] if self.swap else found[:, -1])


MAKERS = [
    lambda first: nn.LSTM(WIDTH, WIDTH, batch_first=first),
    lambda first: nn.GRU(WIDTH, WIDTH, 2, batch_first=first),
    lambda first: nn.MultiheadAttention(WIDTH, 2, batch_first=first),
    lambda first: nn.TransformerEncoder(
        nn.TransformerEncoderLayer(WIDTH, 2, 16, batch_first=first), 1, enable_nested_tensor=False
    ),
]
NAMES = ["lstm", "gru", "attention", "encoder"]


@pytest.mark.parametrize("make", MAKERS, ids=NAMES)
def test_layers_that_take_another_dimension_for_the_batch_are_refused(make) -> None:
    for model in (Sequence(make(False), swap=False), nn.Sequential(nn.Linear(WIDTH, WIDTH), _Last(make(False)))):
        with pytest.raises(BackboneError, match="batch_first"):
            detect(model, X)


class _Last(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.inner = Sequence(layer, swap=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner.layer(x, x, x)[0] if isinstance(self.inner.layer, nn.MultiheadAttention) else self.first(x)

    def first(self, x: Tensor) -> Tensor:
        found = self.inner.layer(x)
        return found[0] if isinstance(found, tuple) else found


@pytest.mark.parametrize("make", MAKERS, ids=NAMES)
def test_both_ways_of_keeping_the_batch_apart_cost_the_same(make) -> None:
    first, swapped = (detect(Sequence(make(f), swap=not f), X).backbone for f in (True, False))
    assert first.macs + first.head_macs == swapped.macs + swapped.head_macs > 0
    assert first.params == swapped.params


class Branching(nn.Module):
    """Has a layer that only some sizes of a batch meet."""

    def __init__(self, when) -> None:
        super().__init__()
        self.first, self.more, self.last, self.when = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 3), when

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x).relu()
        return self.last(self.more(x) if self.when(x.shape[0]) else x)


@pytest.mark.parametrize("when", [lambda n: n == 1, lambda n: n > 1, lambda n: n == 2, lambda n: n % 2])
def test_branches_on_the_size_of_the_batch_are_refused_or_kept_whole(when) -> None:
    with pytest.raises(BackboneError, match="Move that step"):
        detect(Branching(when), torch.zeros(1, 8))
    whole = detect(nn.Sequential(nn.Linear(8, 8), Branching(when), nn.Linear(3, 3)), torch.zeros(1, 8))
    assert whole.whole == ("1",)
    assert whole.backbone.params + whole.backbone.head_params == 72 + 72 + 72 + 27 + 12


def test_statistics_of_the_batch_are_no_mixing() -> None:
    model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8, track_running_stats=False), nn.Linear(8, 2))
    assert detect(model, torch.zeros(1, 8)).backbone.params > 0


class ByHand(nn.Module):
    """Attention over a dimension that somebody chose, from products of matrices."""

    def __init__(self, products: tuple[str, str]) -> None:
        super().__init__()
        self.first, self.last, self.products = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 3), products

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        scores = torch.einsum(self.products[0], x, x).softmax(-1)
        return self.last(torch.einsum(self.products[1], scores, x))


def test_attention_written_over_the_batch_is_refused() -> None:
    assert detect(ByHand(("btc,bsc->bts", "bts,bsc->btc")), X).backbone.macs > 0
    with pytest.raises(BackboneError, match="mixes the inputs"):
        detect(ByHand(("tbc,sbc->bts", "bts,sbc->tbc")), X)


def test_an_output_without_a_batch_is_refused() -> None:
    class Mean(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(8, 8), nn.Linear(8, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.first(x).mean(0))

    with pytest.raises(BackboneError, match="mixes the inputs"):
        detect(Mean(), torch.zeros(1, 8))


def test_inputs_in_order_reach_arguments_that_must_be_named() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(8, 8), nn.Linear(8, 2)

        def forward(self, x: Tensor, *, y: Tensor) -> Tensor:
            return self.last(self.first(x) + y)

    in_order = detect(Named(), (torch.zeros(1, 8), torch.zeros(1, 8)))
    by_name = detect(Named(), {"x": torch.zeros(1, 8), "y": torch.zeros(1, 8)})
    assert in_order.backbone.macs == by_name.backbone.macs > 0


@pytest.mark.parametrize("when", [lambda n: n >= 4, lambda n: n > 16, lambda n: n > 64, lambda n: n % 4 == 0])
def test_branches_on_sizes_of_larger_batches_are_refused_or_kept_whole(when) -> None:
    with pytest.raises(BackboneError, match=r"with a batch of \d+ at .*line \d+ of test_batch.py"):
        detect(Branching(when), torch.zeros(1, 8))
    whole = detect(nn.Sequential(nn.Linear(8, 8), Branching(when), nn.Linear(3, 3)), torch.zeros(1, 8))
    assert whole.whole == ("1",)


def test_a_number_that_stops_growing_with_the_batch_is_seen() -> None:
    class Capped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(8, 8), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(self.first(x)[: min(len(x), 16)])

    with pytest.raises(BackboneError, match="batch of 33"):
        detect(Capped(), torch.zeros(1, 8))


def test_sizes_that_grow_with_the_batch_are_no_branches() -> None:
    class Windows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(8, 8), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> Tensor:
            n = int(x.shape[0] * 1.0)
            return self.last(self.first(x.reshape(n * 2, 4, 1).reshape(n, 8)))

    found = detect(Windows(), torch.zeros(1, 8))
    assert found.whole == ()
    assert found.backbone.macs + found.backbone.head_macs == 64 + 24
