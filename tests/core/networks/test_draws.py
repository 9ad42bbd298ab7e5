"""What is decided by random numbers is kept whole: no recording shows both ways."""

import random
import threading

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.draws import drawn_decisions
from core.networks.inputs import Inputs
from core.networks.tracing import detect

X = torch.zeros(1, 3, 8, 8)


class Dropping(nn.Module):
    """A residual block that is left out now and then, which its subclass decides."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 3, 3, padding=1)
        self.torch, self.python, self.numpy = torch.Generator(), random.Random(0), np.random.default_rng(0)

    def drops(self) -> bool:
        return False

    def forward(self, x: Tensor) -> Tensor:
        return x if self.training and self.drops() else x + self.layer(x)


class ByItem(Dropping):
    def drops(self) -> bool:
        return torch.rand(1).item() < 0.2


class ByBool(Dropping):
    def drops(self) -> bool:
        return bool((torch.empty(1).bernoulli_(0.2) > 0).all())


class ByPython(Dropping):
    def drops(self) -> bool:
        return random.random() < 0.2


class ByNumpy(Dropping):
    def drops(self) -> bool:
        return np.random.rand() < 0.2  # noqa: NPY002


class Masking(Dropping):
    """Drops by multiplying, which a graph can hold."""

    def forward(self, x: Tensor) -> Tensor:
        kept = nn.functional.dropout(torch.ones(len(x), 1, 1, 1), 0.2, self.training)
        return x + kept * self.layer(x)


class Noisy(Dropping):
    """Draws from a generator of its own, which goes on from call to call."""

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x + torch.randn(x.shape, generator=self.torch)) if self.training else self.layer(x)


def chain(block: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(3, 3, 1), block, nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 3))


@pytest.mark.parametrize("kind", [ByItem, ByBool, ByPython, ByNumpy])
def test_a_module_that_drops_itself_is_kept_whole_and_refused_where_it_is_the_network(kind: type[Dropping]) -> None:
    model = chain(kind())
    found = detect(model, X)
    assert found.whole == ("1",)
    # Every draw falls as in the network.
    model.train()
    for block in (*found.blocks, found.head):
        block.train()
    for seed in range(20):
        shown = torch.randn(2, 3, 8, 8)
        results = []
        for run in (model, found.forward):
            torch.manual_seed(seed)
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002
            results.append(run(shown))
        assert torch.equal(*results), seed
    with pytest.raises(BackboneError, match="random numbers"):
        detect(kind(), X)


def test_random_tensors_that_are_only_computed_with_decide_nothing() -> None:
    model = chain(Masking())
    assert drawn_decisions(model, Inputs.of(X), trainable=True) == []
    assert detect(chain(nn.Dropout(0.5)), X).whole == ()


def test_a_generator_of_the_networks_own_starts_anew_with_every_run() -> None:
    model = chain(Noisy())
    before = model[1].torch.get_state()
    found = detect(model, X)
    assert found.whole == ("1",)
    assert torch.equal(model[1].torch.get_state(), before)


def test_numbers_that_another_thread_draws_are_not_the_networks() -> None:
    """Workers have threads that wait for random times: networks were refused for what these drew."""
    stop = threading.Event()

    def draw() -> None:
        while not stop.is_set():
            random.random()

    other = threading.Thread(target=draw)
    other.start()
    try:
        net = nn.Sequential(*(nn.Linear(4, 4) for _ in range(50)))
        assert drawn_decisions(net, Inputs.of(torch.zeros(2, 4)), trainable=True) == []
        found = drawn_decisions(chain(ByPython()), Inputs.of(X), trainable=True)
        assert [each.path for each in found] == ["1"]
    finally:
        stop.set()
        other.join()
