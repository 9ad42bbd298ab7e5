import torch
from torch import nn

from core.training.average import WeightAverage, refresh_statistics
from core.training.tensors import Tensors


def test_a_decay_of_zero_copies():
    network = nn.Linear(2, 2)
    average = WeightAverage(network, 0.0)
    with torch.no_grad():
        network.weight.fill_(3.0)
    average.update(0)
    assert torch.equal(average.network.weight, network.weight)


def test_the_average_follows_the_recursion():
    network = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        network.weight.fill_(0.0)
    average, expected = WeightAverage(network, 0.9), 0.0
    for step in range(200):
        with torch.no_grad():
            network.weight.fill_(float(step))
        average.update(step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * step
    torch.testing.assert_close(average.network.weight.item(), expected, rtol=1e-4, atol=0.0)
    # With a steady slope of one per step the average lags decay / (1 − decay) steps behind.
    assert abs(199 - average.network.weight.item() - 9) < 0.1


def test_statistics_become_those_of_the_data():
    network = nn.Sequential(nn.BatchNorm2d(3, affine=False))
    pictures = 5 + 2 * torch.randn(512, 4, 4, 3, generator=torch.Generator().manual_seed(0))
    refresh_statistics(network, Tensors(pictures, (), ()))
    mean = pictures.mean(dim=(0, 1, 2))
    torch.testing.assert_close(network[0].running_mean, mean, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(network[0].running_var, pictures.flatten(0, 2).var(dim=0), rtol=0.02, atol=0.0)
    assert network[0].momentum == 0.1
    assert not network.training
