"""The exponential average of a network's weights: which averages out the noise of the last steps."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from core.networks.rates import hold_frozen, rates
from core.training.tensors import Tensors

STATISTICS_ROWS = 2048
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class WeightAverage:
    """A copy of a network whose weights follow the original's exponentially.

    In the first steps the decay is smaller, so that the random start is soon forgotten.

    Args:
        network: The network that is trained.
        decay: Share of the old average that each step keeps; 0 copies the network.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False)
        self._decay = decay
        self._source = _floats(network)
        self._copy = _floats(self.network)

    def update(self, step: int) -> None:
        """Move the average after step number ``step``, counted from 0."""
        decay = min(self._decay, (1 + step) / (10 + step)) if self._decay else 0.0
        with torch.no_grad():
            torch._foreach_lerp_(self._copy, self._source, 1 - decay)


def refresh_statistics(network: nn.Module, data: Tensors, *, batch_size: int = 256) -> None:
    """Recompute BatchNorm's running statistics with the current weights of the network.

    An average of weights has other activations than each of its parts had, so the running
    statistics of the parts do not fit it. The first 2,048 training samples are enough.

    Args:
        network: Changed in place; left in evaluation mode.
        data: Training samples.
        batch_size: Samples per forward pass.

    Reference:
        Izmailov et al., Averaging Weights Leads to Wider Optima, §3.2.
    """
    with fresh_statistics(network) as needed:
        for rows in statistics_batches(len(data), batch_size) if needed else ():
            network(data.batch(rows)[0])


def statistics_batches(n_rows: int, batch_size: int = 256) -> list[slice]:
    """Return the rows, batch by batch, over which running statistics are counted: the first 2,048."""
    return [slice(start, start + batch_size) for start in range(0, min(n_rows, STATISTICS_ROWS), batch_size)]


@contextmanager
def fresh_statistics(network: nn.Module) -> Iterator[bool]:
    """Count BatchNorm's running statistics anew over the batches that run inside, as plain means.

    The network is in training mode inside, without gradients, and in evaluation mode afterwards. Frozen blocks stay
    in evaluation mode and keep their statistics.

    Args:
        network: Changed in place.

    Yields:
        Whether there is a BatchNorm that counts, so that batches are needed.
    """
    norms = [module for module, factor in rates(network).items() if isinstance(module, _NORMS) and factor > 0]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain mean over the batches inside
    network.train()
    hold_frozen(network)
    with torch.no_grad():
        yield bool(norms)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    network.eval()


def _floats(network: nn.Module) -> list[torch.Tensor]:
    found = [*network.parameters(), *network.buffers()]
    return [tensor.detach() for tensor in found if tensor.is_floating_point()]
