"""A network whose blocks would do something else, call after call, is not cut there."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.tracing import detect
from tests.core.networks.rejoining import Chain


class Keeping(nn.Module):
    """Keeps something from one call for the next."""

    def __init__(self, first: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.first = first
        self.kept: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.kept is None:
            self.kept = self.first(x)
        return x * self.kept


class ByShape(Keeping):
    """Keeps it by the shape of its input."""

    def __init__(self, first: Callable[[Tensor], Tensor]) -> None:
        super().__init__(first)
        self.tables: dict[torch.Size, Tensor] = {}

    def forward(self, x: Tensor) -> Tensor:
        if x.shape not in self.tables:
            self.tables[x.shape] = self.first(x)
        return x * self.tables[x.shape]


class Around(Chain):
    """Calls such a module, or does the same by itself."""

    def __init__(self, step: Keeping, *, inline: bool) -> None:
        super().__init__()
        self.step, self.inline = step, inline

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        x = self.step.forward(x) if self.inline else self.step(x)
        return self.three(self.two(x))


KEPT = {
    "drawn": lambda _: torch.randn(3, 1, 1),
    "shuffled": lambda _: torch.randperm(3).view(3, 1, 1),
    "of the first input": lambda x: x.detach().mean((0, 2, 3)).view(3, 1, 1),
}


@pytest.mark.parametrize("kind", [Keeping, ByShape])
@pytest.mark.parametrize("name", ["drawn", "shuffled"])
def test_a_module_that_keeps_what_it_drew_stays_whole(name: str, kind: type[Keeping]) -> None:
    model, x = Around(kind(KEPT[name]), inline=False).eval(), torch.randn(2, 3, 8, 8)
    found = detect(model, x)
    with torch.no_grad():
        first, second = found.forward(x), found.forward(x)
        assert torch.equal(first, second)
        assert torch.equal(model(x), second)


@pytest.mark.parametrize("kind", [Keeping, ByShape])
@pytest.mark.parametrize("name", KEPT)
def test_a_network_that_keeps_it_by_itself_is_refused_with_the_line(name: str, kind: type[Keeping]) -> None:
    model = Around(kind(KEPT[name]), inline=True)
    with pytest.raises(BackboneError, match=r"runs again at .* \(line \d+ of test_replay.py\)"):
        detect(model, torch.randn(2, 3, 8, 8))
    assert model.step.kept is None


@pytest.mark.parametrize("inline", [True, False])
def test_a_table_that_is_the_same_each_time_may_be_kept(inline: bool) -> None:
    model, x = Around(Keeping(lambda x: torch.arange(x.shape[-1]).sin()), inline=inline).eval(), torch.randn(2, 3, 8, 8)
    found = detect(model, x)
    assert len(found.backbone.blocks) == 3
    with torch.no_grad():
        assert torch.equal(model(x), found.forward(x))


def test_noise_that_is_drawn_each_time_stays_noise() -> None:
    class Noisy(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = self.one(x)
            return self.three(self.two(x + torch.randn_like(x)))

    x = torch.randn(2, 3, 8, 8)
    found = detect(Noisy(), x)
    with torch.no_grad(), torch.random.fork_rng():
        assert not torch.equal(found.forward(x), found.forward(x))
