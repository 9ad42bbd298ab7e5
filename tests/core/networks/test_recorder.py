"""Networks that symbols can't trace are recorded: blocks do what they do, in evaluation and in training."""

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import BackboneError
from core.networks.tracing import detect
from tests.core.networks.rejoining import Chain, Odd, Resizing, rejoined


@pytest.mark.parametrize("side", [8, 16])
def test_a_position_table_may_be_resized(side: int) -> None:
    model = Resizing()
    for layer in model.layers:
        layer.dropout.p = layer.dropout1.p = layer.dropout2.p = 0.3
    names = [block.name for block in rejoined(model, torch.randn(2, 3, side, side)).backbone.blocks]
    assert names == ["cut", "layers.0", "layers.1", "layers.2"]


@pytest.mark.parametrize(
    "compute",
    [
        lambda x: x**2,
        lambda x: x.abs() ** (1 + x.abs()),
        lambda x: 2**x,
        lambda x: 1 - x,
        lambda x: 1 / (1 + x * x),
        lambda x: x % 0.5 + 3 % (1 + (x > 0).int()) + (x > 0).int() // 2 + 3 // (1 + (x > 0).int()),
        lambda x: -x + abs(x) + (x > 0) * x + ~(x > 0) * 2 + divmod(7, 2)[0] * x,
        lambda x: x.transpose(-1, -2) @ x,
        lambda x: (x > 0).int() << 1 | (x < 1).int() & 3 ^ (x < 0).int(),
        lambda x: x.add_(1).pow_(2) + x.__rpow__(2),
    ],
)
def test_operators_are_in_the_blocks_as_they_were(compute: Callable[[Tensor], Tensor]) -> None:
    class Computing(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = self.one(x)
            x = self.two(compute(x).float() if x.shape[1] > 1 else x)
            return self.three(x)

    rejoined(Computing(), torch.randn(2, 3, 8, 8))


def test_sizes_are_numbers() -> None:
    class Asking(Chain):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1, 3, 1, 1))

        def forward(self, x: Tensor, **options: object) -> Tensor:
            n, _, h, w = x.shape
            if self.scale.shape[1] > 2 and not options:
                x = self.one(x) * self.scale
            x = functional.interpolate(x, size=(int(h * 0.5), round(w / 2)))
            x = self.two(x) * float(1 / math.sqrt(x.shape[1]))
            x = x + torch.linspace(-1, 1, x.shape[-2]).view(1, 1, -1, 1)
            return self.three(x).reshape(n, -1)

    found = rejoined(Asking(), head="none")
    assert [block.name for block in found.backbone.blocks] == ["one", "two", "three"]
    with torch.no_grad():
        for batch in (1, 5):
            assert found.forward(torch.zeros(batch, 3, 8, 8)).shape == (batch, 48)


def test_windows_multiply_the_batch_across_a_cut() -> None:
    class Windows(Chain):
        def forward(self, x: Tensor) -> Tensor:
            n = int(x.shape[0])
            x = self.one(x).reshape(n * 4, 3, 4, 4)
            x = self.two(x)
            return self.three(x.reshape(len(x) // 4, 4, 3, 4, 4).mean(1))

    found = rejoined(Windows())
    assert found.backbone.n_blocks == 3
    with torch.no_grad():
        assert found.forward(torch.zeros(1, 3, 8, 8)).shape == (1, 3, 4, 4)


@pytest.mark.parametrize("form", ["own", "view", "item", "part"])
def test_steps_in_place_are_followed_through_views(form: str) -> None:
    class Writing(Chain):
        def forward(self, x: Tensor) -> Tensor:
            y = self.one(x).clone()
            if x.shape[1] == 3:
                if form == "own":
                    y.mul_(2.0)
                elif form == "view":
                    y[:, 0].add_(1.0)
                elif form == "item":
                    y[:, 1] = x[:, 0]
                else:
                    seen = y[:, 2]
                    y.mul_(3.0)
                    y = y + seen[:, None]
            return self.three(self.two(y))

    rejoined(Writing())


def test_a_branch_for_training_stays_inside_its_module() -> None:
    class Noisy(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = self.one(x)
            return x + 0.1 * torch.randn_like(x) if self.training else self.two(x)

    found = rejoined(nn.Sequential(nn.Conv2d(3, 3, 1), Noisy(), nn.Conv2d(3, 3, 1)))
    assert [block.name for block in found.backbone.blocks] == ["0", "1", "2"]


def test_functional_dropout_and_paths_follow_the_mode() -> None:
    class Dropping(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = functional.dropout(self.one(x), 0.2 if x.shape[1] == 3 else 0.1, training=self.training)
            y = self.two(x)
            keep = y.new_empty((y.shape[0], 1, 1, 1)).bernoulli_(0.5 if self.training else 1.0)
            return self.three(x + y * keep)

    assert rejoined(Dropping()).backbone.n_blocks == 3


def test_auxiliary_branches_of_training_are_no_obstacle() -> None:
    class Helped(Chain):
        def __init__(self) -> None:
            super().__init__()
            self.help, self.drop = (
                nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2), nn.Dropout(0.5)),
                nn.Dropout(0.5),
            )

        def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
            x = self.one(x)
            helped = self.help(x) if self.training else None
            x = self.drop(self.three(self.two(x)))
            return x if helped is None else (x, helped)

    found = detect(Helped(), torch.zeros(2, 3, 8, 8))
    assert [block.name for block in found.backbone.blocks] == ["one", "two", "three"]
    assert found.left_out == ("help, 12 unused parameters",)


@pytest.mark.parametrize("step", ["function", "numbers", "buffer", "no gradient", "numpy"])
def test_what_a_graph_cannot_hold_keeps_its_module_whole(step: str) -> None:
    found = rejoined(nn.Sequential(nn.Conv2d(3, 3, 1), Odd(step), nn.Conv2d(3, 3, 1)))
    names = [block.name for block in found.backbone.blocks]
    assert (names[0], names[-1], len(names)) == ("0", "2", 4 if step == "function" else 3)
    if step == "function":
        return
    with pytest.raises(BackboneError, match=r"^Odd .* can't hold\. Move"):
        detect(Odd(step), torch.zeros(2, 3, 8, 8))


def test_constants_of_numpy_are_kept() -> None:
    class Constant(Chain):
        def forward(self, x: Tensor) -> Tensor:
            ramp = torch.from_numpy(np.linspace(0, 1, int(x.shape[-1]), dtype=np.float32))
            return self.three(self.two(self.one(x) + ramp))

    assert rejoined(Constant()).backbone.n_blocks == 3


@pytest.fixture
def swish():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(_swish)


def _swish(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


@pytest.mark.parametrize("place", range(3))
def test_a_scripted_function_is_named_by_its_line(place: int, swish: Callable[[Tensor], Tensor]) -> None:
    class Scripted(Chain):
        def forward(self, x: Tensor) -> Tensor:
            if place == 0:
                x = swish(x)
            x = self.two(self.one(x))
            if place == 1:
                x = swish(x)
            x = self.three(x)
            return swish(x) if place == 2 else x

    with pytest.raises(BackboneError, match=r"^Scripted computes a tensor out of sight, as a scripted function does"):
        detect(Scripted(), torch.zeros(2, 3, 8, 8))
    found = rejoined(nn.Sequential(nn.Conv2d(3, 3, 1), Scripted(), nn.Conv2d(3, 3, 1)))
    assert [block.name for block in found.backbone.blocks] == ["0", "1", "2"]
    assert found.whole == ("1",)
