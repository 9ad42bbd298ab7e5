"""Small networks, and a comparison of a network with its blocks in both modes."""

import copy
import math
import random

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.networks.outputs import tensors_of
from core.networks.tracing import TracedBackbone, detect


class Chain(nn.Module):
    """Three convolutions and what a test puts around them."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = (nn.Conv2d(3, 3, 3, padding=1) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        return self.three(self.two(self.one(x)))


def rejoined(model: nn.Module, x: Tensor | dict | tuple | None = None, **options: str) -> TracedBackbone:
    """Detect the blocks and compare them with the network in both modes: outputs, gradients, statistics."""
    x = torch.randn(2, 3, 8, 8) if x is None else x
    with torch.random.fork_rng():
        found = detect(model, x, **options)
    own = copy.deepcopy(model)
    call = x if isinstance(x, tuple) else (x,)
    with torch.no_grad():
        model.eval()
        expected = tensors_of(model(**x) if isinstance(x, dict) else model(*call))
        for part in (*found.blocks, found.head):
            part.eval()
        actual = tensors_of(found.forward(x))
        common = [name for name in actual if name in expected] or [""]
        assert all(
            torch.equal(expected[n] if n in expected else next(iter(expected.values())), actual[n]) for n in common
        )
    model.load_state_dict(own.state_dict())
    results = []
    for run in (lambda: model(**x) if isinstance(x, dict) else model(*call), lambda: found.forward(x)):
        model.load_state_dict(own.state_dict())
        model.train()
        for part in (*found.blocks, found.head):
            part.train()
        with torch.random.fork_rng():
            torch.manual_seed(3)
            tensors = tensors_of(run())
        value = next(tensors[name] for name in (*common, *tensors) if name in tensors)
        gradients = torch.autograd.grad(value.square().sum(), list(model.parameters()), allow_unused=True)
        results.append((value, gradients, [b.clone() for b in model.buffers()]))
    (a, a_grads, a_buffers), (b, b_grads, b_buffers) = results
    assert torch.equal(a, b)
    assert all(
        (g is None) == (h is None) and (g is None or torch.allclose(g, h))
        for g, h in zip(a_grads, b_grads, strict=True)
    )
    assert all(torch.equal(g, h) for g, h in zip(a_buffers, b_buffers, strict=True))
    model.load_state_dict(own.state_dict())
    if not found.left_out:
        total = sum(p.numel() for p in model.parameters())
        assert found.backbone.params + found.backbone.head_params == total
    return found


class Resizing(nn.Module):
    """A vision transformer whose position table is resized unless the picture has the usual size."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = nn.Conv2d(3, 8, 4, stride=4)
        self.places = nn.Parameter(torch.randn(1, 4, 8))
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True) for _ in range(3))
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.cut(x).flatten(2).transpose(1, 2)
        if tokens.shape[1] == self.places.shape[1]:
            table = self.places
        else:
            grid = self.places.reshape(1, 2, 2, -1).permute(0, 3, 1, 2)
            side = int(math.sqrt(tokens.shape[1]))
            table = functional.interpolate(grid, size=(side, side), mode="bicubic").flatten(2).transpose(1, 2)
        tokens = tokens + table
        for layer in self.layers:
            tokens = layer(tokens)
        return self.head(tokens.mean(1))


class Cubed(torch.autograd.Function):
    @staticmethod
    def forward(context: object, x: Tensor) -> Tensor:
        context.save_for_backward(x)  # type: ignore[attr-defined]
        return x**3

    @staticmethod
    def backward(context: object, gradient: Tensor) -> Tensor:
        return 3 * context.saved_tensors[0] ** 2 * gradient  # type: ignore[attr-defined]


class Odd(Chain):
    """Holds one step that no graph shows."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step
        self.register_buffer("steps", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        x = self.one(x)
        if self.step == "function":
            x = Cubed.apply(x)
        elif self.step == "numbers" and x.mean() > 0:
            x = -x
        elif self.step == "python" and random.random() < 0.5 and self.training:
            x = 2 * x
        elif self.step == "buffer":
            self.steps.add_(1)
        elif self.step == "no gradient":
            with torch.no_grad():
                x = x / x.abs().max()
        elif self.step == "numpy":
            x = x * torch.from_numpy(np.sign(x.detach().numpy()))
        return self.two(x)
