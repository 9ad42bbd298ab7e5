"""Tracing leaves the network, the process and its other threads as they were."""

import copy
import random
import threading

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.errors import BackboneError
from core.networks.tracing import detect
from tests.core.networks.rejoining import Chain, Odd, Resizing


class Failing(Chain):
    def forward(self, x: Tensor) -> Tensor:
        self.cache = x
        if x.shape[0] == 3:
            random.random()
            raise ValueError("three is refused")
        return super().forward(x)


@pytest.mark.parametrize("model", [Failing(), Odd("numbers")])
def test_the_network_and_the_process_stay_as_they_were(model: nn.Module) -> None:
    model.train()
    model.one.weight.requires_grad_(False)
    before = [(name, dict(vars(module))) for name, module in model.named_modules()]
    weights = copy.deepcopy(model.state_dict())
    grads = [p.requires_grad for p in model.parameters()]
    states = torch.random.get_rng_state(), random.getstate()
    numpy = np.random.mtrand._rand.get_state(legacy=False)["state"]["key"].tolist()
    call, grad_mode = nn.Module.__call__, torch.is_grad_enabled()
    with pytest.raises(BackboneError):
        detect(model, torch.zeros(2, 3, 8, 8))
    assert torch.equal(torch.random.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert np.random.mtrand._rand.get_state(legacy=False)["state"]["key"].tolist() == numpy
    assert (nn.Module.__call__, torch.is_grad_enabled()) == (call, grad_mode)
    for name, attributes in before:
        now = vars(model.get_submodule(name))
        assert now.keys() == attributes.keys()
        assert all(now[key] is value for key, value in attributes.items())
        assert not now["_forward_hooks"]
        assert not now["_forward_pre_hooks"]
    assert [p.requires_grad for p in model.parameters()] == grads
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())


def test_networks_of_other_threads_run_on() -> None:
    other, x = Chain().eval(), torch.randn(2, 3, 8, 8)
    expected, wrong, done = other(x), [], threading.Event()

    def run() -> None:
        while not done.is_set():
            if not torch.equal(other(x), expected):
                wrong.append("another number")

    threads = [threading.Thread(target=run), *(threading.Thread(target=detect, args=(Chain(), x)) for _ in range(2))]
    for thread in threads:
        thread.start()
    for _ in range(3):
        assert detect(Resizing(), torch.zeros(2, 3, 8, 8)).backbone.n_blocks == 4
    for thread in threads[1:]:
        thread.join()
    done.set()
    threads[0].join()
    assert not wrong
