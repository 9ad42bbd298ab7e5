"""Networks that can't be cut are refused with the reason that holds."""

import pytest
import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.tracing import detect
from tests.core.networks.rejoining import Chain


@pytest.mark.parametrize("model", [nn.Identity(), nn.Sequential()])
def test_a_network_without_operations_has_no_blocks(model: nn.Module) -> None:
    with pytest.raises(BackboneError, match="without any operation"):
        detect(model, torch.zeros(1, 3, 8, 8))


def test_modules_that_run_without_gradients_are_named_with_their_line() -> None:
    class Frozen(Chain):
        def forward(self, x: Tensor) -> Tensor:
            with torch.no_grad():
                x = self.one(x)
            return self.three(self.two(x))

    with pytest.raises(BackboneError, match=r"without gradients at \"x = self.one"):
        detect(Frozen(), torch.zeros(1, 3, 8, 8))


def test_what_is_computed_in_inference_mode_is_named_with_its_line() -> None:
    class Inferred(Chain):
        def forward(self, x: Tensor) -> Tensor:
            with torch.inference_mode():
                y = self.one(x)
            return self.three(self.two(self.one(x) + y))

    with pytest.raises(BackboneError, match=r"in inference mode at \"y = self.one"):
        detect(Inferred(), torch.zeros(1, 3, 8, 8))


def test_weights_that_were_made_in_inference_mode_are_refused() -> None:
    with torch.inference_mode():
        network = Chain()
    with pytest.raises(BackboneError, match=r'"one" \(Conv2d\) holds "weight", which was made in inference mode'):
        detect(network, torch.zeros(1, 3, 8, 8))


def test_gradients_inside_a_network_are_no_weights() -> None:
    class Inner(Chain):
        def forward(self, x: Tensor) -> Tensor:
            x = self.one(x)
            with torch.enable_grad():
                y = x.detach().requires_grad_()
                (slope,) = torch.autograd.grad((y**2).sum(), y)
            return self.two(x + slope)

    with pytest.raises(BackboneError, match="how gradients flow") as caught:
        detect(Inner(), torch.zeros(1, 3, 8, 8))
    assert "Register" not in str(caught.value)
