"""What a network looks at without computing with it is no reason to keep it whole."""

import logging
import warnings

import pytest
import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.tracing import detect

LOG = logging.getLogger(__name__)
X = torch.zeros(1, 3, 8, 8)


class Looking(nn.Module):
    """Looks at what its first block gives, by the way that a subclass names."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.Conv2d(4, 2, 3)

    def look(self, x: Tensor) -> Tensor:
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.three(self.two(self.look(self.one(x))).relu())


class Asserts(Looking):
    def look(self, x: Tensor) -> Tensor:
        assert torch.isfinite(x).all(), f"mean {x.mean():.3f}"
        return x


class AssertsInTorch(Looking):
    def look(self, x: Tensor) -> Tensor:
        torch._assert(torch.isfinite(x).all(), "not finite")
        return x


class AssertsEach(Looking):
    def look(self, x: Tensor) -> Tensor:
        assert all(bool(torch.isfinite(part).all()) for part in x.unbind(1))
        return x


class Raises(Looking):
    def look(self, x: Tensor) -> Tensor:
        if torch.isnan(x).any():
            LOG.error("not a number in %s", x.mean().item())
            raise ValueError(f"mean {x.mean().item()}")
        return x


class Logs(Looking):
    def look(self, x: Tensor) -> Tensor:
        LOG.debug("mean %.3f", x.mean().item())
        return x


class Warns(Looking):
    def look(self, x: Tensor) -> Tensor:
        if x.abs().max() > 1e9:
            warnings.warn("large numbers", stacklevel=1)
        return x


class Chooses(Looking):
    def look(self, x: Tensor) -> Tensor:
        if x.mean() > 1e9:
            return x.relu()
        return x


class ChoosesElse(Looking):
    def look(self, x: Tensor) -> Tensor:
        if x.mean() < 1e9:
            LOG.debug("small")
        else:
            x = x.relu()
        return x


class Scales(Looking):
    def look(self, x: Tensor) -> Tensor:
        size = [value.item() for value in x.abs().amax((1, 2, 3))]
        return x / (1 + size[0])


@pytest.mark.parametrize("kind", [Asserts, AssertsInTorch, AssertsEach, Raises, Logs, Warns])
def test_a_network_that_only_looks_is_cut_at_every_block(kind: type[Looking]) -> None:
    found = detect(kind(), X)
    assert [block.name for block in found.backbone.blocks] == ["one", "two", "three"][: found.backbone.n_blocks]
    assert found.whole == ()
    assert found.backbone.params + found.backbone.head_params == sum(p.numel() for p in kind().parameters())
    shown = torch.randn(3, 3, 8, 8)
    assert torch.equal(found.forward(shown), found._trace.model(shown))


@pytest.mark.parametrize("kind", [Chooses, ChoosesElse, Scales])
def test_a_network_that_computes_with_what_it_sees_is_not(kind: type[Looking]) -> None:
    with pytest.raises(BackboneError, match=r"reads numbers .* at .*line \d+ of test_asides.py"):
        detect(kind(), X)
